"""The same warehouse on DuckDB and on Apache Spark, and every published table compared.

The demo is built and tested by dbt alone, from its seeds; simulated extracts, plain and in each vendor's form, and the
log of the Technion's bank of ../shared, by `ccw run`, from landed Parquet files to what is published. `make spark-test`
installs what that needs besides Java 17; `make test` leaves it out.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipelines.settings import DEMO_KEY

PROJECT = Path(__file__).parents[2]
BIN = PROJECT / ".venv" / "bin"
# Of a build of the demo, Java would spend two fifths on optimizing code that runs for seconds only.
SMALL_DATA = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -XX:+UseSerialGC"


def call(folder: Path, command: str, *arguments: str, **settings: str) -> None:
    """Run a command in a folder, with no setting from the environment but these and the key."""
    outcome = subprocess.run(
        [str(BIN / command), *arguments],
        cwd=folder,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("CCW_")},
            "CCW_PSEUDONYM_KEY": DEMO_KEY,
            "CCW_SPARK_JAVA_OPTIONS": SMALL_DATA,
            **settings,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, (outcome.stdout + outcome.stderr)[-5000:]


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory that reads what both engines made."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


def tables_of(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, dict[str, str]]:
    """The tables of schema marts of an attached database: their columns, quoted, and types."""
    tables: dict[str, dict[str, str]] = {}
    for table, column, kind in connection.execute(
        "select table_name, column_name, data_type from duckdb_columns()"
        " where database_name = ? and schema_name = 'marts' order by table_name, column_index",
        [database],
    ).fetchall():
        tables.setdefault(table, {})[f'"{column}"'] = kind
    return tables


def differing_rows(connection: duckdb.DuckDBPyConnection, here: str, there: str, columns: dict[str, str]) -> int:
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
        f"select count(*) from ({numbered} {here}) as here full join ({numbered} {there}) as there"
        f" on {is_same_row} where here.nth is null or there.nth is null{is_off}"
    ).fetchone()
    assert row
    return int(row[0])


def test_dbt_builds_and_tests_the_demo_alike_on_both_engines(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    for target in ("duckdb", "spark"):
        call(
            tmp_path,
            "dbt",
            *("--no-use-colors", "--no-send-anonymous-usage-stats", "--log-path", str(tmp_path / "logs" / target)),
            *("build", "--target", target, "--target-path", str(tmp_path / "target" / target)),
            *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
            CCW_WAREHOUSE=str(tmp_path / "warehouse.duckdb"),
            CCW_SPARK_FOLDER=str(tmp_path / "spark"),
        )
    connection.execute(f"attach '{tmp_path / 'warehouse.duckdb.marts'}' as duckdb (read_only)")
    connection.execute("create schema spark")
    tables = tables_of(connection, "duckdb")
    folders = tmp_path / "spark" / "warehouse" / "marts.db"
    assert {folder.name for folder in folders.iterdir()} == set(tables)
    different = {}
    for table, columns in tables.items():
        # Parquet's timestamps are instants.
        typed = ", ".join(f"cast({column} as {kind}) as {column}" for column, kind in columns.items())
        files = f"read_parquet('{folders / table}/*.parquet')"
        names = [f'"{row[0]}"' for row in connection.execute(f"describe select * from {files}").fetchall()]
        assert names == list(columns), table
        connection.execute(f"create view spark.{table} as select {typed} from {files}")
        if found := differing_rows(connection, f"duckdb.marts.{table}", f"spark.{table}", columns):
            different[table] = found
    assert different == {}


def tables_published_differently(
    folder: Path, connection: duckdb.DuckDBPyConnection, batches: list[Path], *options: str
) -> dict[str, int]:
    """Run the main job for each batch of extracts on both engines.

    Returns the tables that they published differently, with how many rows differ.
    """
    for target in ("duckdb", "spark"):
        (folder / target).mkdir()
        for batch in batches:
            call(
                folder / target, "ccw", "run", "--extracts", str(batch), "--target", target, "--to", "parquet", *options
            )
        published = folder / target / "var" / "published" / "current"
        connection.execute(f"attach '{published}/contact_centre.duckdb' as {target} (read_only)")
    tables = tables_of(connection, "duckdb")
    assert tables_of(connection, "spark") == tables
    assert connection.execute("select count(*) > 1000 from duckdb.marts.fct_contacts").fetchone() == (True,)
    return {
        table: found
        for table, columns in tables.items()
        if (found := differing_rows(connection, f"duckdb.marts.{table}", f"spark.marts.{table}", columns))
    }


def deal(extracts: Path, batches: list[Path]) -> None:
    """Deal extracts into two batches; the second has the last twentieth of each file's lines, and some of before.

    What others are looked up in comes with the first: if it changes, facts are rebuilt.
    """
    for file in extracts.glob("*/*.csv"):
        header, *lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        is_looked_up = file.parent.name == "reference" or file.stem == "agents"
        is_late = [
            not is_looked_up and (number % 199 == 0 or number > 0.95 * len(lines)) for number in range(len(lines))
        ]
        for batch, late in zip(batches, (False, True), strict=True):
            dealt = [line for line, comes_late in zip(lines, is_late, strict=True) if comes_late == late]
            if dealt:
                (batch / file.parent.name).mkdir(parents=True, exist_ok=True)
                (batch / file.parent.name / file.name).write_text(header + "".join(dealt), encoding="utf-8")


def test_the_main_job_publishes_simulated_extracts_alike_on_both_engines(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """DuckDB puts what comes late into the tables that are there; Spark builds them again."""
    extracts = tmp_path / "extracts"
    batches = [tmp_path / "first", tmp_path / "second"]
    call(tmp_path, "ccw", "simulate", "--contacts", "1500", "--days", "20", "--seed", "11", "--out", str(extracts))
    deal(extracts, batches)
    assert tables_published_differently(tmp_path, connection, batches) == {}


@pytest.mark.parametrize("vendor", ["asterisk", "amazon_connect", "genesys_cloud", "zendesk"])
def test_the_main_job_publishes_a_vendors_form_alike_on_both_engines(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection, vendor: str
) -> None:
    extracts = tmp_path / "extracts"
    size = ("--contacts", "1200", "--days", "10", "--seed", "11")
    call(tmp_path, "ccw", "simulate", "--as", vendor, *size, "--out", str(extracts))
    assert (extracts / vendor).is_dir()
    assert tables_published_differently(tmp_path, connection, [extracts]) == {}


def test_the_main_job_publishes_the_log_of_the_bank_alike_on_both_engines(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    log = PROJECT.parent / "shared" / "data" / "technion_bank" / "calls_1999_02.tsv"
    if not log.exists():
        pytest.skip("../shared/data/technion_bank is not there")
    (tmp_path / "extracts" / "technion_bank").mkdir(parents=True)
    shutil.copy(log, tmp_path / "extracts" / "technion_bank")
    options = ("--vars", "{reporting_timezone: Asia/Jerusalem}")
    assert tables_published_differently(tmp_path, connection, [tmp_path / "extracts"], *options) == {}
