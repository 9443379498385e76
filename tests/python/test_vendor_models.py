"""The models of vendors' own formats, which are left out until something of theirs has landed."""

from pathlib import Path

from conftest import VENDORS, Run, built, every_source_on


def test_models_of_vendors_pass_their_tests(demo: Run, tmp_path: Path) -> None:
    """Dbt's own tests of them, unit tests included, where nothing of theirs has landed yet."""
    demo.copy_warehouse(tmp_path)
    folders = [f"path:models/{layer}/{vendor}" for layer in ("staging", "intermediate") for vendor in VENDORS]
    needs_them = ["int_contact_legs__unioned", "int_data_quality__identities", "int_data_quality__related"]
    run = built(tmp_path, every_source_on(), "--select", *folders, *needs_them)
    assert "Completed successfully" in run.outcome.stdout


def test_models_of_vendors_are_left_out_of_the_demo(demo: Run) -> None:
    tables = demo.query("select table_name from information_schema.tables", demo.warehouse)
    assert {str(name) for (name,) in tables if str(name).startswith(tuple(f"int_{v}__" for v in VENDORS))} == set()
