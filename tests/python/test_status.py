"""`ccw status`: what it prints of runs and their steps."""

from datetime import datetime
from pathlib import Path

from conftest import PROJECT
from rich.console import Console

from pipelines.landing import create_raw_tables
from pipelines.landing.declarations import load_declarations
from pipelines.run.records import RunRecord
from pipelines.run.status import print_status
from pipelines.warehouse import connect


def test_every_step_says_what_it_did_in_full(tmp_path: Path) -> None:
    """Also what it left out, and what looks like markup; why a step failed is said once, by its run."""
    warehouse = tmp_path / "warehouse.duckdb"
    with connect(warehouse) as connection:
        create_raw_tables(connection, load_declarations(PROJECT), None)
    built = "147 models built, 300 tests passed, 44 tests skipped: [nothing that they test was built]"
    reason = "dbt test not_null_fct_contacts_contact_id failed: Got 3 results, configured to fail if != 0."
    record = RunRecord.start(warehouse)
    record.step("build", datetime(2024, 3, 1), 12.34, failed=False, message=built)
    record.step("check marts", datetime(2024, 3, 2), 1, failed=True, message=reason)
    record.end("failed", reason)
    console = Console(width=400, record=True, file=(tmp_path / "out").open("w"))
    print_status(warehouse, tmp_path / "published", console)
    printed = console.export_text()
    assert f"build 12.3 s: {built}" in printed
    assert "check marts 1.0 s: failed" in printed
    assert printed.count(reason) == 1
