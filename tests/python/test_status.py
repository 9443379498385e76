"""`ccw status`: what it prints of runs and their steps."""

from datetime import datetime
from pathlib import Path

from conftest import PROJECT
from landing_support import Landing
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


def test_rejected_rows_stand_together_by_column_and_rule(tmp_path: Path) -> None:
    """With a count and an example, which shows no personal value."""
    landing = Landing(tmp_path)
    rows = "".join(
        f"v{number},2026-03-01T10:00:00Z,{mood},{card},{left_at}\n"
        for number, (mood, card, left_at) in enumerate(
            [
                *(("6", "", ""), ("7", "", ""), ("it's' is", "", "")),
                *(("", "4111x", ""), ("", "4222y", "")),
                *(
                    ("", "", "2026-03-01T09:00:00Z"),
                    ("", "", "2026-02-28T09:00:00.5Z"),
                    ("9", "", "2026-02-28T09:00:00Z"),
                ),
            ]
        )
    )
    landing.write("shop@north/visits.csv", f"visit_id,came_at,mood,card,left_at\n{rows}")
    landing.land()
    warehouse = tmp_path / "warehouse.duckdb"
    with connect(warehouse) as connection:
        RunRecord.start(warehouse)
        create_raw_tables(connection, landing.declarations)
        for table in ("ops.landed_files", "ops.rejected_rows"):
            rejected = landing.connection.execute(f"select * from {table}").fetchall()
            connection.executemany(f"insert into {table} values ({', '.join('?' * len(rejected[0]))})", rejected)
    console = Console(width=400, record=True, file=(tmp_path / "out").open("w"))
    print_status(warehouse, tmp_path / "published", console)
    printed = console.export_text()
    lines = [
        [cell.strip() for cell in line.split("│")[1:-1]] for line in printed.split("Rejected rows")[1].splitlines()
    ]
    assert [line for line in lines if line] == [
        [
            *("shop@north.visits", "mood", "mood: … is not between 1 and 5", "3"),
            "shop@north/visits.csv, line 2",
        ],
        [
            *("shop@north.visits", "card", "card: … is no integer (of at most 64 bits)", "2"),
            "shop@north/visits.csv, line 5",
        ],
        [
            *("shop@north.visits", "left_at", "left_at is before came_at", "2"),
            "shop@north/visits.csv, line 7",
        ],
        [
            *("shop@north.visits", "mood", "mood: … is no integer (of at most 64 bits)", "1"),
            "shop@north/visits.csv, line 4",
        ],
    ]
