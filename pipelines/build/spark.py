"""Building on Apache Spark instead of DuckDB: what dbt needs before, and what publishing needs after.

Spark reads the landed Parquet files and keeps its tables as Parquet files too, in a folder that this machine must be
able to read. The marts are then copied into the database of the warehouse's marts, and the warehouse has a view of each
other table that is checked, so that the steps after the build are the same ones as for DuckDB.
"""

import importlib.util
import json
import os
import shutil
from pathlib import Path
from typing import Any

from pipelines.errors import CheckFailed, UsageError
from pipelines.settings import RunSettings
from pipelines.warehouse import MARTS, MARTS_FILE, attach_marts, connect

_FOLDER = "CCW_SPARK_FOLDER"
_LANDED = "CCW_LANDED"

# Besides the marts, what the steps after the build read.
_READ_BY_STEPS = ("int_run__as_of", "int_checks__contact_days", "int_checks__key_tables", "int_checks__kpis")


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


def take_over(settings: RunSettings, manifest: Path) -> None:
    """Bring the tables that Spark built into the warehouse, typed as their contracts say.

    `manifest` is dbt's, of the build.

    Raises:
        CheckFailed: a table is not where Spark should have put it.

    """
    built: dict[str, dict[str, str]] = {"marts": {}, "others": {}}
    for node in json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values():
        if node["resource_type"] == "model" and (node["schema"] == MARTS or node["name"] in _READ_BY_STEPS):
            of = "marts" if node["schema"] == MARTS else "others"
            built[of][f"{node['schema']}.{node['alias']}"] = _rows(node, _folder(settings))
    with connect(settings.warehouse) as connection:
        attach_marts(connection, settings.warehouse)
        kinds = dict(
            connection.execute(
                "select table_schema || '.' || table_name, table_type from information_schema.tables"
                " where table_catalog in (current_database(), ?)",
                [MARTS_FILE],
            ).fetchall()
        )
        connection.begin()
        for name, rows in built["others"].items():
            if kinds.get(name) == "BASE TABLE":  # of a build on DuckDB
                connection.execute(f"drop table {name}")
            connection.execute(f"create schema if not exists {name.split('.')[0]}")
            connection.execute(f"create or replace view {name} as {rows}")
        # What DuckDB built before is there no longer, so its next build has nothing to go on from.
        if "incremental.builds" in kinds:
            connection.execute("delete from incremental.builds")
        connection.commit()
        # Dropped first, so that the new ones take their place in the file.
        for name in kinds:
            if name.startswith(f"{MARTS}."):
                connection.execute(f"drop table if exists {MARTS_FILE}.{name}")
        connection.execute(f"checkpoint {MARTS_FILE}")
        for name, rows in built["marts"].items():
            connection.execute(f"create table {MARTS_FILE}.{name} as {rows}")


def _rows(node: dict[str, Any], folder: Path) -> str:
    """The query of a table that Spark built."""
    table = folder / "warehouse" / f"{node['schema']}.db" / node["alias"]
    if not table.is_dir():
        raise CheckFailed(
            f"Spark built {node['schema']}.{node['alias']}, but not as {table}: set {_FOLDER} to the folder that holds "
            "Spark's `warehouse`."
        )
    # Parquet's timestamps are instants.
    columns = ", ".join(
        f'cast("{column["name"]}" as {column["data_type"]}) as "{column["name"]}"'
        for column in node["columns"].values()
    )
    if any(table.rglob("*.parquet")):
        rows = f"read_parquet('{table}/**/*.parquet', hive_partitioning = false)"
    else:  # no row
        rows = "(select " + ", ".join(f'null as "{column}"' for column in node["columns"]) + " where false)"
    return f"select {columns} from {rows}"


def _folder(settings: RunSettings) -> Path:
    return Path(os.environ.get(_FOLDER) or settings.state / "spark").resolve()
