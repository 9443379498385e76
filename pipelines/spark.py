"""Building on Apache Spark instead of DuckDB: what dbt needs before, and what publishing needs after.

Spark reads the landed Parquet files and keeps its tables as Parquet files too, in a folder that this machine must be
able to read. The warehouse then has a view of each table that is checked or published, so that the steps after the
build are the same ones as for DuckDB.
"""

import importlib.util
import json
import os
import shutil
from pathlib import Path
from typing import Any

import duckdb

from pipelines.errors import CheckFailed, UsageError
from pipelines.settings import RunSettings
from pipelines.warehouse import connect

_FOLDER = "CCW_SPARK_FOLDER"
_LANDED = "CCW_LANDED"

# Besides the marts, what the steps after the build read.
_READ_BY_STEPS = ("int_run__as_of", "int_contact_legs__all_sources")


def prepare(settings: RunSettings) -> None:
    """Tell dbt where Spark's folder and the landed files are.

    Raises:
        UsageError: what building on Spark needs is not installed.

    """
    if importlib.util.find_spec("dbt.adapters.spark") is None or importlib.util.find_spec("pyspark") is None:
        raise UsageError(f"--target {settings.target} needs dbt-spark and pyspark: `make .venv/spark` installs them.")
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        raise UsageError(f"--target {settings.target} needs Java 17: install it, or set JAVA_HOME.")
    os.environ[_FOLDER] = str(_folder(settings))
    os.environ[_LANDED] = str(settings.landed)
    _folder(settings).mkdir(parents=True, exist_ok=True)


def create_views(settings: RunSettings, manifest: Path) -> None:
    """Make the tables that Spark built readable in the warehouse, typed as their contracts say.

    `manifest` is dbt's, of the build.

    Raises:
        CheckFailed: a table is not where Spark should have put it.

    """
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values()
    with connect(settings.warehouse) as connection:
        kinds = dict(
            connection.execute(
                "select table_schema || '.' || table_name, table_type from information_schema.tables"
                " where table_catalog = current_database()"
            ).fetchall()
        )
        connection.begin()
        for node in nodes:
            if node["resource_type"] == "model" and (node["schema"] == "marts" or node["name"] in _READ_BY_STEPS):
                _create_view(connection, node, _folder(settings), kinds)
        # What DuckDB built before is there no longer, so its next build has nothing to go on from.
        for table in {"incremental.marks", "incremental.tested"} & kinds.keys():
            connection.execute(f"delete from {table}")
        connection.commit()


def _create_view(
    connection: duckdb.DuckDBPyConnection, node: dict[str, Any], folder: Path, kinds: dict[str, str]
) -> None:
    name = f"{node['schema']}.{node['alias']}"
    table = folder / "warehouse" / f"{node['schema']}.db" / node["alias"]
    if not table.is_dir():
        raise CheckFailed(
            f"Spark built {name}, but not as {table}: set {_FOLDER} to the folder that holds Spark's `warehouse`."
        )
    # Parquet's timestamps are instants.
    columns = ", ".join(
        f'cast("{column["name"]}" as {column["data_type"]}) as "{column["name"]}"'
        for column in node["columns"].values()
    )
    if any(table.rglob("*.parquet")):
        rows = f"read_parquet('{table}/**/*.parquet', hive_partitioning = false)"  # folders of days are no columns
    else:  # no row, and so no folder of any day
        rows = "(select " + ", ".join(f'null as "{column}"' for column in node["columns"]) + " where false)"
    if kinds.get(name) == "BASE TABLE":  # of a build on DuckDB
        connection.execute(f"drop table {name}")
    connection.execute(f"create schema if not exists {node['schema']}")
    connection.execute(f"create or replace view {name} as select {columns} from {rows}")


def _folder(settings: RunSettings) -> Path:
    return Path(os.environ.get(_FOLDER) or settings.state / "spark").resolve()
