"""Which engine builds, where what lands is kept for it, and what a user is told who asks for what can't be."""

import importlib.util
from datetime import date
from pathlib import Path

import pytest

from pipelines.build import spark
from pipelines.errors import CheckFailed, UsageError
from pipelines.settings import RunSettings
from pipelines.warehouse import attach_marts, connect


def settings_of(folder: Path, **options: object) -> RunSettings:
    """Settings of a run in a folder."""
    return RunSettings(warehouse=folder / "warehouse.duckdb", **options)  # type: ignore[arg-type]


def test_a_target_that_profiles_yml_lacks_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"duckdb, spark, spark_cluster; it is 'sparc'"):
        _ = settings_of(tmp_path, target="sparc").engine


def test_what_lands_is_kept_in_tables_unless_files_are_asked_for_or_needed(tmp_path: Path) -> None:
    files = tmp_path / "warehouse.landed"
    assert settings_of(tmp_path).landed is None
    assert settings_of(tmp_path, land_to="table").landed is None
    assert settings_of(tmp_path, land_to="parquet").landed == files
    assert settings_of(tmp_path, target="spark").landed == files
    assert settings_of(tmp_path, target="spark_cluster").landed == files
    elsewhere = tmp_path / "shared"
    assert settings_of(tmp_path, target="spark", landed_folder=elsewhere).landed == elsewhere
    files.mkdir()
    assert settings_of(tmp_path).landed == files


def test_tables_are_refused_where_files_are_needed_or_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the target spark reads no tables"):
        _ = settings_of(tmp_path, target="spark", land_to="table").landed
    (tmp_path / "warehouse.landed").mkdir()
    with pytest.raises(UsageError, match="holds what landed as Parquet"):
        _ = settings_of(tmp_path, land_to="table").landed


def test_spark_without_its_packages_says_what_installs_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"make \.venv/spark"):
        spark.prepare(settings_of(tmp_path, target="spark"))


def test_tables_that_spark_put_elsewhere_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCW_SPARK_FOLDER", str(tmp_path / "spark"))
    manifest = tmp_path / "manifest.json"
    manifest.write_text(
        '{"nodes": {"model.p.dim_sites": {"resource_type": "model", "schema": "marts", "name": "dim_sites",'
        ' "alias": "dim_sites", "columns": {"site_id": {"name": "site_id", "data_type": "string"}}}}}'
    )
    settings = settings_of(tmp_path, target="spark")
    with pytest.raises(CheckFailed, match=r"marts\.dim_sites, but not as .*spark/warehouse/marts\.db/dim_sites"):
        spark.take_over(settings, manifest)
    folder = tmp_path / "spark" / "warehouse" / "marts.db" / "dim_sites"
    folder.mkdir(parents=True)
    with connect(settings.warehouse) as connection:  # a table that DuckDB built before gives way
        attach_marts(connection, settings.warehouse)
        connection.execute("create table marts_file.marts.dim_sites as select 'old' as site_id")
        connection.execute(f"copy (select 'S1' as site_id) to '{folder}/part-0.parquet' (format parquet)")
    spark.take_over(settings, manifest)
    with connect(settings.warehouse) as connection:
        assert connection.execute("select site_id from marts.dim_sites").fetchall() == [("S1",)]


def test_tables_by_day_and_without_a_row_are_read_as_their_contracts_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Folders of days are no columns; and what DuckDB built before counts no longer."""
    monkeypatch.setenv("CCW_SPARK_FOLDER", str(tmp_path / "spark"))
    manifest = tmp_path / "manifest.json"
    columns = (
        '{"site_id": {"name": "site_id", "data_type": "string"}, "opened": {"name": "opened", "data_type": "date"}}'
    )
    node = '{"resource_type": "model", "schema": "marts", "name": "NAME", "alias": "NAME", "columns": COLUMNS}'
    nodes = [f'"{name}": {node.replace("NAME", name).replace("COLUMNS", columns)}' for name in ("by_day", "empty")]
    manifest.write_text(f'{{"nodes": {{{", ".join(nodes)}}}}}')
    tables = tmp_path / "spark" / "warehouse" / "marts.db"
    (tables / "empty").mkdir(parents=True)
    settings = settings_of(tmp_path, target="spark")
    with connect(settings.warehouse) as connection:
        connection.execute("create schema incremental")
        connection.execute("create table incremental.builds as select 'by_day' as model, 1 as run")
        for day, site in (("2026-03-01", "a"), ("2026-03-02", "b")):
            folder = tables / "by_day" / f"stored_day={day}"
            folder.mkdir(parents=True)
            connection.execute(f"copy (select '{site}' as site_id, '{day}' as opened) to '{folder}/part-0.parquet'")
    spark.take_over(settings, manifest)
    with connect(settings.warehouse) as connection:
        rows = connection.execute("select * from marts.by_day order by site_id").fetchall()
        assert rows == [("a", date(2026, 3, 1)), ("b", date(2026, 3, 2))]
        assert connection.execute("select site_id, opened from marts.empty").fetchall() == []
        assert connection.execute("select * from incremental.builds").fetchall() == []
