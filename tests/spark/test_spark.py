"""The same warehouse on DuckDB and on Apache Spark: the demo built and tested by dbt on both, and all marts compared.

`make spark-test` installs what it needs besides Java 17; `make test` leaves it out.
"""

import os
import subprocess
from pathlib import Path

import duckdb
import pytest

from pipelines.pseudonyms import DEMO_KEY

PROJECT = Path(__file__).parents[2]
DBT = PROJECT / ".venv" / "bin" / "dbt"
# Of a build of the demo, Java would spend two fifths on optimizing code that runs for seconds only.
SMALL_DATA = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -XX:+UseSerialGC"


def run_dbt(folder: Path, target: str, *arguments: str) -> None:
    """Run a command of dbt on an engine, in a folder of its own."""
    outcome = subprocess.run(
        [
            *(str(DBT), "--no-use-colors", "--no-send-anonymous-usage-stats"),
            *("--log-path", str(folder / "logs" / target)),
            *(*arguments, "--target", target, "--target-path", str(folder / "target" / target)),
            *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
        ],
        cwd=folder,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("CCW_")},
            "CCW_WAREHOUSE": str(folder / "warehouse.duckdb"),
            "CCW_SPARK_FOLDER": str(folder / "spark"),
            "CCW_SPARK_JAVA_OPTIONS": SMALL_DATA,
            "CCW_PSEUDONYM_KEY": DEMO_KEY,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stdout[-5000:]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demo as both engines built it."""
    folder = tmp_path_factory.mktemp("both")
    for target in ("duckdb", "spark"):
        run_dbt(folder, target, "build", "--exclude", "resource_type:unit_test")
    return folder


def differing_rows(connection: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str]) -> int:
    """Count the rows of a table that the other engine has not, or with a double that is off by more than 1e-9 of it.

    Rows are matched by all columns but doubles, and rows that are alike in those by the order of their doubles.
    """
    doubles = [name for name, kind in columns.items() if kind == "DOUBLE"]
    exact = [name for name in columns if name not in doubles]
    order = f"order by {', '.join(doubles)}" if doubles else ""
    numbered = f"select *, row_number() over (partition by {', '.join(exact)} {order}) as nth from"
    is_same_row = " and ".join(f"here.{name} is not distinct from there.{name}" for name in [*exact, "nth"])
    is_off = "".join(
        f" or (here.{name} is null) != (there.{name} is null)"
        f" or abs(here.{name} - there.{name}) > 1e-9 * greatest(abs(here.{name}), 1)"
        for name in doubles
    )
    row = connection.execute(
        f"select count(*) from ({numbered} duckdb.marts.{table}) as here full join ({numbered} spark.{table}) as there"
        f" on {is_same_row} where here.nth is null or there.nth is null{is_off}"
    ).fetchone()
    assert row
    return int(row[0])


def test_both_engines_give_the_same_marts(both: Path) -> None:
    different = {}
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{both / 'warehouse.duckdb'}' as duckdb (read_only)")
        connection.execute("create schema spark")
        described = connection.execute(
            "select table_name, column_name, data_type from duckdb_columns()"
            " where database_name = 'duckdb' and schema_name = 'marts' order by table_name, column_index"
        ).fetchall()
        tables: dict[str, dict[str, str]] = {}
        for table, column, kind in described:
            tables.setdefault(table, {})[f'"{column}"'] = kind
        folders = both / "spark" / "warehouse" / "marts.db"
        assert {folder.name for folder in folders.iterdir()} == set(tables)
        for table, columns in tables.items():
            # Parquet's timestamps are instants.
            typed = ", ".join(f"cast({column} as {kind}) as {column}" for column, kind in columns.items())
            files = f"read_parquet('{folders / table}/*.parquet')"
            names = [f'"{row[0]}"' for row in connection.execute(f"describe select * from {files}").fetchall()]
            assert names == list(columns), table
            connection.execute(f"create view spark.{table} as select {typed} from {files}")
            if found := differing_rows(connection, table, columns):
                different[table] = found
    assert different == {}


def test_unit_tests_of_models_pass_on_spark(both: Path) -> None:
    run_dbt(both, "spark", "test", "--select", "resource_type:unit_test")
