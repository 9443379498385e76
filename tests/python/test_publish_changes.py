"""Publishing after a few rows changed: what is written and linked is together what a fresh publication would be."""

import hashlib
import shutil
import tempfile
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pipelines.publish.tables
from pipelines.publish import Manifest, PublishedTable, current_database, publish
from pipelines.publish.manifest import load_manifest
from pipelines.warehouse import marts_file

CALLS = PublishedTable(
    "fct_calls",
    "Calls.",
    [("call_id", "Its id."), ("date_day", "Its day."), ("seconds", "How long it took."), ("note", "What was said.")],
)
SITES = PublishedTable("dim_sites", "Sites.", [("site_id", "Its id."), ("name", "Its name.")])
KPIS = PublishedTable(
    "kpi_values",
    "KPIs.",
    [("level", "L."), ("period_grain", "G."), ("member", "M."), ("period_start", "P."), ("value", "V.")],
)
PLACES = PublishedTable("dim_sites", "Places.", SITES.columns)
ZONES = PublishedTable("dim_sites", "Sites.", [*SITES.columns, ("zone", "Its zone.")])
TABLES = [CALLS, SITES, KPIS]
MARTS = """
    create schema if not exists marts;
    create or replace table marts.fct_calls as
        select i as call_id, date '2024-01-01' + (i * 37 % 90)::integer as date_day, i / 7 as seconds, 'n' || i as note
        from range(300) as t(i);
    insert into marts.fct_calls values (1000, null, null, null);
    create or replace table marts.dim_sites as select 's' || i as site_id, 'Site ' || i as name from range(60) as t(i);
    create or replace table marts.kpi_values as
        select 'agent' as level, if(call_id % 2 = 0, 'day', 'week') as period_grain, call_id as member,
            coalesce(date_day, '2024-01-01') as period_start, seconds as value
        from marts.fct_calls
"""


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """Name a warehouse whose marts are a fact, a dimension and KPIs of the fact."""
    path = tmp_path / "warehouse.duckdb"
    change(path, MARTS)
    return path


def change(warehouse: Path, sql: str) -> None:
    """Run SQL in the marts of the warehouse."""
    with duckdb.connect(str(marts_file(warehouse))) as connection:
        connection.execute(sql)


def run(
    warehouse: Path, run_id: str, tables: list[PublishedTable] | None = None, unchanged: Collection[str] = ()
) -> Path:
    """Publish a run beside the warehouse."""
    return publish(
        warehouse,
        warehouse.parent / "published",
        run_id=run_id,
        as_of=datetime(2024, 4, 1, tzinfo=UTC),
        code_version="",
        settings={},
        tables=tables or TABLES,
        unchanged=unchanged,
    )


def run_afresh(warehouse: Path, tables: list[PublishedTable] | None = None) -> Path:
    """Publish the same elsewhere, where nothing was published before."""
    elsewhere = Path(tempfile.mkdtemp(dir=warehouse.parent))
    shutil.copy(marts_file(warehouse), elsewhere)
    return run(elsewhere / warehouse.name, "fresh", tables)


def database(folder: Path) -> dict[str, Any]:
    """Read all that a published database holds: rows in the order of all columns, types and descriptions."""
    with duckdb.connect(str(folder / "contact_centre.duckdb"), read_only=True) as connection:
        names = [
            name for (name,) in connection.execute("select table_name from duckdb_tables() order by all").fetchall()
        ]
        described = (
            "select table_name, column_name, data_type, comment from duckdb_columns() where not internal "
            "union all select table_name, '', '', comment from duckdb_tables() order by all"
        )
        return {
            "": connection.execute(described).fetchall(),
            **{name: connection.execute(f"from marts.{name} order by all").fetchall() for name in names},
        }


def files_of(folder: Path) -> dict[str, Any]:
    """What a run's Parquet files hold, in the order of all columns, and what the manifest says of rows and types."""
    manifest = load_manifest(folder)
    return {
        name: {
            "": (table.rows, table.fingerprint),
            **{
                file.path: (
                    file.rows,
                    file.fingerprint,
                    duckdb.sql(
                        f"from read_parquet('{folder / file.path}', hive_partitioning = false) order by all"
                    ).fetchall(),
                )
                for file in table.files
            },
        }
        for name, table in manifest.tables.items()
    }


def assert_like_fresh(folder: Path, warehouse: Path, tables: list[PublishedTable] | None = None) -> Manifest:
    """Compare a run with a publication where there was none before: the same rows, files and fingerprints."""
    fresh = run_afresh(warehouse, tables)
    assert database(folder) == database(fresh)
    manifest = load_manifest(folder)
    assert files_of(folder) == files_of(fresh)
    for file in manifest.files():
        assert hashlib.sha256((folder / file.path).read_bytes()).hexdigest() == file.sha256
    return manifest


def test_what_is_known_to_be_unchanged_is_taken_over(warehouse: Path) -> None:
    """Its rows are not looked at, and its files are linked."""
    first = run(warehouse, "r1")
    change(warehouse, "update marts.dim_sites set name = 'X'; delete from marts.fct_calls where call_id = 5")
    second = run(warehouse, "r2", unchanged={"dim_sites"})
    assert len(database(second)["fct_calls"]) == len(database(first)["fct_calls"]) - 1
    file = Path("parquet", "dim_sites", "dim_sites.parquet")
    assert (second / file).samefile(first / file)


@pytest.mark.parametrize("name", ["parquet/dim_sites/dim_sites.parquet", "contact_centre.duckdb"])
def test_what_is_unchanged_but_damaged_is_written_anew(warehouse: Path, name: str) -> None:
    """A file that lost its hash is no file to link."""
    path = run(warehouse, "r1") / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.chmod(0o644)
    path.write_bytes(content)
    assert_like_fresh(run(warehouse, "r2", unchanged={"dim_sites", "fct_calls"}), warehouse)


def test_the_run_before_keeps_its_database_as_it_was(warehouse: Path) -> None:
    """What is built later goes into another file, and nobody may write to what is published."""
    first = run(warehouse, "r1")
    original = (first / "contact_centre.duckdb").read_bytes()
    change(
        warehouse,
        "update marts.fct_calls set note = 'corrected' where call_id = 17; "
        "update marts.fct_calls set date_day = '2024-05-01' where call_id = 18; "
        "delete from marts.fct_calls where call_id = 19; "
        "insert into marts.fct_calls values (2000, '2024-04-01', 1, 'new')",
    )
    second = run(warehouse, "r2")
    assert_like_fresh(second, warehouse)
    assert (first / "contact_centre.duckdb").read_bytes() == original
    assert (second / "contact_centre.duckdb").read_bytes() == marts_file(warehouse).read_bytes()
    assert (second / "contact_centre.duckdb").stat().st_mode & 0o222 == 0
    assert not list(second.glob("*.wal"))


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("update marts.fct_calls set seconds = seconds + 1", TABLES),  # a large part
        ("alter table marts.fct_calls alter note type blob", TABLES),
        ("select 1", [CALLS, KPIS, PLACES]),
        ("drop table marts.dim_sites", [CALLS, KPIS]),
        ("delete from marts.fct_calls", TABLES),
        ("insert into marts.dim_sites values (null, null), (null, null)", TABLES),
        ("alter table marts.dim_sites add column zone text", [CALLS, KPIS, ZONES]),
    ],
)
def test_other_changes_are_published_too(warehouse: Path, sql: str, tables: list[PublishedTable]) -> None:
    """Whatever changed, the database is what a fresh one would be; and so is the next one."""
    run(warehouse, "r1")
    change(warehouse, sql)
    assert_like_fresh(run(warehouse, "r2", tables), warehouse, tables)
    change(warehouse, f"drop table if exists marts.dim_sites; {MARTS}")
    assert_like_fresh(run(warehouse, "r3"), warehouse)


def test_equal_rows_are_counted(warehouse: Path) -> None:
    """A table without a key may hold a row twice, which its set of hashes does not show."""
    sites = PublishedTable("dim_sites", "Sites.", SITES.columns)
    tables = [CALLS, KPIS, sites]
    run(warehouse, "r1", tables)
    change(warehouse, "insert into marts.dim_sites values ('s1', 'Site 1')")
    assert_like_fresh(run(warehouse, "r2", tables), warehouse, tables)
    change(warehouse, "insert into marts.dim_sites values ('s1', 'Site 1'), ('s99', 'Site 99')")
    assert_like_fresh(run(warehouse, "r3", tables), warehouse, tables)


@pytest.mark.parametrize("broken", ["duckdb_version", "sha256"])
def test_a_database_that_is_not_what_its_manifest_says_is_not_linked(warehouse: Path, broken: str) -> None:
    """Nor one of another version of DuckDB, whose hashes of rows may be others."""
    first = run(warehouse, "r1")
    manifest = load_manifest(first)
    database = manifest.database.model_copy(update={broken: "0" * 64, "modified_ns": 0})
    (first / "manifest.json").write_text(manifest.model_copy(update={"database": database}).model_dump_json())
    second = run(warehouse, "r2")
    assert_like_fresh(second, warehouse)
    assert not (second / "contact_centre.duckdb").samefile(first / "contact_centre.duckdb")


def test_what_an_earlier_version_published_is_read_and_goes_on(warehouse: Path) -> None:
    """Its database had another name, and Parquet had no days of agents: both come with the next run."""
    first = run(warehouse, "r1")
    manifest = load_manifest(first)
    (first / manifest.database.path).rename(first / "marts.duckdb")
    manifest.database.path = "marts.duckdb"
    for file in manifest.tables["kpi_values"].files:
        path = first / file.path
        rows = f"from read_parquet('{path}', hive_partitioning = false) where period_grain != 'day'"
        kept = duckdb.sql(rows).fetchall()
        path.chmod(0o644)
        duckdb.sql(f"copy ({rows}) to '{path}' (format parquet)")
        file.rows, file.fingerprint, file.modified_ns = len(kept), "of fewer rows", path.stat().st_mtime_ns
        file.bytes, file.sha256 = path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest()
    (first / "manifest.json").write_text(manifest.model_dump_json())
    assert current_database(warehouse.parent / "published") == (first / "marts.duckdb").resolve()

    second = run(warehouse, "r2", unchanged={"fct_calls", "dim_sites", "kpi_values"})
    assert_like_fresh(second, warehouse)
    assert current_database(warehouse.parent / "published") == (second / "contact_centre.duckdb").resolve()
    assert sorted(path.name for path in second.iterdir()) == [
        *("contact_centre.duckdb", "manifest.json", "manifest.json.sha256", "parquet"),
    ]
    for file in manifest.tables["fct_calls"].files:
        assert (second / file.path).samefile(first / file.path)


def test_a_database_in_which_nothing_changes_is_not_copied(warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is linked, though its tables were looked at."""
    first = run(warehouse, "r1")

    def fail(*_: Any) -> None:
        raise AssertionError("the database was copied")

    monkeypatch.setattr(pipelines.publish.tables, "copy_database", fail)
    assert (run(warehouse, "r2") / "contact_centre.duckdb").samefile(first / "contact_centre.duckdb")


def test_a_database_that_is_mostly_empty_is_made_small(warehouse: Path) -> None:
    """What a table took that is gone is given back to the disk, and not published."""
    change(warehouse, "create table marts.big as select hash(i) as a, hash(-i) as b from range(1000000) as t(i)")
    change(warehouse, MARTS)
    change(warehouse, "drop table marts.big")
    assert marts_file(warehouse).stat().st_size > 10_000_000
    folder = run(warehouse, "r1")
    assert marts_file(warehouse).stat().st_size == (folder / "contact_centre.duckdb").stat().st_size < 5_000_000
    assert_like_fresh(folder, warehouse)
    change(warehouse, "update marts.dim_sites set name = 'X'")
    assert_like_fresh(run(warehouse, "r2"), warehouse)


CHANGES = st.one_of(
    st.builds("delete from marts.fct_calls where call_id % 50 = {}".format, st.integers(0, 49)),
    st.builds(
        "delete from marts.fct_calls where date_trunc('month', date_day) = '2024-0{}-01'".format, st.integers(1, 3)
    ),
    st.builds(
        "update marts.fct_calls set seconds = {} where call_id = {}".format,
        st.sampled_from(["null", "0.1", "-0.5"]),
        st.integers(0, 300),
    ),
    st.builds(
        "update marts.fct_calls set date_day = {} where call_id = {}".format,
        st.sampled_from(["null", "'2024-01-15'", "'2024-03-31'", "'2025-01-01'"]),
        st.integers(0, 300),
    ),
    st.builds(
        "insert into marts.fct_calls select i, '2024-0{}-02', 1, null from range({}, {} + 20) as t(i) "
        "where i not in (select call_id from marts.fct_calls)".format,
        st.integers(1, 4),
        *[st.shared(st.integers(0, 400), key="from")] * 2,
    ),
    st.builds("update marts.dim_sites set name = 'other' where site_id = 's{}'".format, st.integers(0, 60)),
    st.just(MARTS),
)


@settings(max_examples=8, deadline=None)
@given(st.lists(st.lists(CHANGES, max_size=3), min_size=1, max_size=4))
def test_any_changes_give_what_a_fresh_publication_gives(rounds: list[list[str]]) -> None:
    """Row for row, file for file, after each of some rounds of random changes."""
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Path(folder) / "warehouse.duckdb"
        change(warehouse, MARTS)
        run(warehouse, "r0")
        for number, changes in enumerate(rounds, start=1):
            for sql in changes:
                change(warehouse, sql)
            assert_like_fresh(run(warehouse, f"r{number}"), warehouse)
