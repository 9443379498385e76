"""Publishing after a few rows changed: the database goes on from the run before's, and holds what a fresh one would."""

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

import pipelines.publish.database
from pipelines.publish import Manifest, PublishedTable, publish
from pipelines.publish.before import RunBefore
from pipelines.publish.contents import is_in_part
from pipelines.publish.database import Database
from pipelines.publish.manifest import load_manifest

CALLS = PublishedTable(
    "fct_calls",
    "Calls.",
    [("call_id", "Its id."), ("date_day", "Its day."), ("seconds", "How long it took."), ("note", "What was said.")],
    ["call_id"],
)
SITES = PublishedTable("dim_sites", "Sites.", [("site_id", "Its id."), ("name", "Its name.")], ["site_id"])
KPIS = PublishedTable(
    "kpi_values",
    "KPIs.",
    [("level", "L."), ("period_grain", "G."), ("member", "M."), ("period_start", "P."), ("value", "V.")],
    ["level", "period_grain", "member", "period_start"],
)
PLACES = PublishedTable("dim_sites", "Places.", SITES.columns, SITES.key)
ZONES = PublishedTable("dim_sites", "Sites.", [*SITES.columns, ("zone", "Its zone.")], SITES.key)
TABLES = [CALLS, SITES, KPIS]
MARTS = """
    create schema if not exists marts;
    create or replace table marts.fct_calls as
        select i as call_id, date '2024-01-01' + (i * 37 % 90)::integer as date_day, i / 7 as seconds, 'n' || i as note
        from range(300) as t(i);
    insert into marts.fct_calls values (1000, null, null, null);
    create or replace table marts.dim_sites as select 's' || i as site_id, 'Site ' || i as name from range(60) as t(i);
    create or replace view marts.kpi_values as
        select 'agent' as level, if(call_id % 2 = 0, 'day', 'week') as period_grain, call_id as member,
            coalesce(date_day, '2024-01-01') as period_start, seconds as value
        from marts.fct_calls
"""


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """Build a warehouse with a fact, a dimension and a view over the fact."""
    path = tmp_path / "warehouse.duckdb"
    change(path, MARTS)
    return path


def change(warehouse: Path, sql: str) -> None:
    """Run SQL in the warehouse."""
    with duckdb.connect(str(warehouse)) as connection:
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
    shutil.copy(warehouse, elsewhere)
    return run(elsewhere / warehouse.name, "fresh", tables)


def database(folder: Path) -> dict[str, Any]:
    """Read all that a published database holds: rows in the order of all columns, types and descriptions."""
    with duckdb.connect(str(folder / "marts.duckdb"), read_only=True) as connection:
        names = [
            name for (name,) in connection.execute("select table_name from duckdb_tables() order by all").fetchall()
        ]
        described = (
            "select table_name, column_name, data_type, comment from duckdb_columns() where not internal "
            "union all select table_name, '', '', comment from duckdb_tables() order by all"
        )
        return {
            "": connection.execute(described).fetchall(),
            **{name: connection.execute(f"from marts.marts.{name} order by all").fetchall() for name in names},
        }


def tables_of(manifest: Manifest) -> dict[str, Any]:
    """What a manifest says of its tables, but for when their files were written."""
    tables = manifest.model_dump()["tables"]
    for table in tables.values():
        for file in table["files"]:
            del file["modified_ns"]
    return tables  # type: ignore[no-any-return]


def assert_like_fresh(folder: Path, warehouse: Path, tables: list[PublishedTable] | None = None) -> Manifest:
    """Compare a run with a publication where there was none before: the same rows, files and fingerprints."""
    fresh = run_afresh(warehouse, tables)
    assert database(folder) == database(fresh)
    manifest = load_manifest(folder)
    assert tables_of(manifest) == tables_of(load_manifest(fresh))
    for file in manifest.files():
        assert hashlib.sha256((folder / file.path).read_bytes()).hexdigest() == file.sha256
    return manifest


def test_what_is_known_to_be_unchanged_is_taken_over(warehouse: Path) -> None:
    """A change that the caller says there is not stays unseen: the rows are not looked at, and files are linked."""
    first = run(warehouse, "r1")
    change(warehouse, "update marts.dim_sites set name = 'X'; delete from marts.fct_calls where call_id = 5")
    second = run(warehouse, "r2", unchanged={"dim_sites"})
    assert database(second)["dim_sites"] == database(first)["dim_sites"]
    assert len(database(second)["fct_calls"]) == len(database(first)["fct_calls"]) - 1
    file = Path("parquet", "dim_sites", "dim_sites.parquet")
    assert (second / file).samefile(first / file)


@pytest.mark.parametrize("name", ["parquet/dim_sites/dim_sites.parquet", "marts.duckdb"])
def test_what_is_unchanged_but_damaged_is_written_anew(warehouse: Path, name: str) -> None:
    """A file that lost its hash is no file to link, nor a database to go on from."""
    path = run(warehouse, "r1") / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.chmod(0o644)
    path.write_bytes(content)
    assert_like_fresh(run(warehouse, "r2", unchanged={"dim_sites", "fct_calls"}), warehouse)


def test_only_rows_that_differ_are_replaced(warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written anew, and the run before keeps its file as it was."""
    first = run(warehouse, "r1")
    original = (first / "marts.duckdb").read_bytes()
    change(
        warehouse,
        "update marts.fct_calls set note = 'corrected' where call_id = 17; "
        "update marts.fct_calls set date_day = '2024-05-01' where call_id = 18; "
        "delete from marts.fct_calls where call_id = 19; "
        "insert into marts.fct_calls values (2000, '2024-04-01', 1, 'new')",
    )

    def fail(*_: Any) -> None:
        raise AssertionError("a table was written anew")

    with monkeypatch.context() as patch:
        patch.setattr(Database, "_write_anew", fail)
        second = run(warehouse, "r2")
    manifest = assert_like_fresh(second, warehouse)
    assert (first / "marts.duckdb").read_bytes() == original
    assert (first / "marts.duckdb").stat().st_mode & 0o222 == 0
    assert manifest.database.bytes_written_anew == load_manifest(first).database.bytes
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
    sites = PublishedTable("dim_sites", "Sites.", SITES.columns, [])
    tables = [CALLS, KPIS, sites]
    run(warehouse, "r1", tables)
    change(warehouse, "insert into marts.dim_sites values ('s1', 'Site 1')")
    assert_like_fresh(run(warehouse, "r2", tables), warehouse, tables)
    change(warehouse, "insert into marts.dim_sites values ('s1', 'Site 1'), ('s99', 'Site 99')")
    assert_like_fresh(run(warehouse, "r3", tables), warehouse, tables)


@pytest.mark.parametrize("broken", ["duckdb_version", "bytes_written_anew", "sha256"])
def test_a_database_that_is_not_worth_it_is_written_anew(warehouse: Path, broken: str) -> None:
    """One of another version of DuckDB, one with many holes, and one that is not what its manifest says."""
    first = run(warehouse, "r1")
    manifest = load_manifest(first)
    value = {"duckdb_version": "1.0.0", "bytes_written_anew": manifest.database.bytes // 2, "sha256": "0" * 64}[broken]
    changed = manifest.model_copy(
        update={"database": manifest.database.model_copy(update={broken: value, "modified_ns": 0})}
    )
    (first / "manifest.json").write_text(changed.model_dump_json())
    second = assert_like_fresh(run(warehouse, "r2"), warehouse)
    assert second.database.bytes_written_anew == second.database.bytes


def test_a_database_in_which_nothing_changes_is_not_copied(warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is linked, though its tables were looked at."""
    first = run(warehouse, "r1")

    def fail(*_: Any) -> None:
        raise AssertionError("the database was copied")

    monkeypatch.setattr(RunBefore, "copy_database", fail)
    assert (run(warehouse, "r2") / "marts.duckdb").samefile(first / "marts.duckdb")


def test_only_months_that_differ_are_compared(warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of rows that Parquet leaves out too."""
    run(warehouse, "r1")
    change(warehouse, "update marts.fct_calls set seconds = 5 where call_id = 0")  # of January, an agent's day
    compared: dict[str, set[str]] = {}

    def note(table: PublishedTable, part: str) -> str:
        compared.setdefault(table.name, set()).add(part)
        return is_in_part(table, part)

    monkeypatch.setattr(pipelines.publish.database, "is_in_part", note)
    assert_like_fresh(run(warehouse, "r2"), warehouse)
    assert compared == {"fct_calls": {"2024-01"}, "kpi_values": {"2024-01"}}


def test_a_manifest_that_knows_no_months_will_do(warehouse: Path) -> None:
    """Its tables are written anew where they changed."""
    first = run(warehouse, "r1")
    manifest = load_manifest(first)
    for table in manifest.tables.values():
        table.months = {}
    (first / "manifest.json").write_text(manifest.model_dump_json())
    change(warehouse, "update marts.fct_calls set note = 'corrected' where call_id = 17")
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
