"""Publishing: what readers see, what they never see, and what a run that dies leaves behind."""

import hashlib
import json
import os
import subprocess
import sys
import textwrap
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy

import pipelines.publish
from pipelines.errors import CheckFailed, RunnerError, UsageError, WarehouseBusy
from pipelines.publish import (
    PublishedTable,
    baseline,
    current_database,
    current_run,
    publish,
    read_manifest,
    verify_run,
    verify_runs,
)
from pipelines.warehouse import marts_file

AS_OF = datetime(2024, 3, 10, 12, tzinfo=UTC)

SITES = PublishedTable("dim_sites", "Sites.", [("site_id", "The site's id."), ("zone", "Its zone.")])
KPIS = PublishedTable(
    "kpi_values",
    'One row per KPI, period and member: the team\'s "official" numbers.',
    [("kpi", "The KPI."), ("period_grain", "Its grain."), ("level", "Its level."), ("value", "Its value.")],
)
TABLES = [SITES, KPIS]


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """Name a warehouse with two tables in its marts."""
    path = tmp_path / "warehouse.duckdb"
    change(
        path,
        """
        create schema marts;
        create table marts.dim_sites (site_id varchar, zone varchar);
        insert into marts.dim_sites values ('s2', 'Europe/Berlin'), ('s1', 'UTC'), ('s3', null);
        create table marts.kpi_values as
            select kpi, period_grain, level, numerator / denominator as value
            from (values
                ('fcr_24h', 'day', 'agent', 3, 4), ('fcr_24h', 'week', 'agent', 5, 8),
                ('fcr_24h', 'day', 'organization', 9, 12), ('aht_seconds', 'day', 'organization', 900, 3)
            ) as t(kpi, period_grain, level, numerator, denominator);
        """,
    )
    return path


def change(warehouse: Path, sql: str) -> None:
    """Run SQL in the marts of the warehouse."""
    with duckdb.connect(str(marts_file(warehouse))) as connection:
        connection.execute(sql)


def rows(database: Path, sql: str) -> list[tuple[Any, ...]]:
    """Read from a published database, as readers open it."""
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("use marts")
        return connection.execute(sql).fetchall()


def run(warehouse: Path, run_id: str, **changes: Any) -> Path:
    """Publish a run beside the warehouse."""
    arguments: dict[str, Any] = {
        "run_id": run_id,
        "as_of": AS_OF,
        "code_version": "abc123",
        "settings": {"fcr_windows_hours": [24, 48], "extracts": Path("seeds")},
        "tables": TABLES,
    }
    return publish(warehouse, warehouse.parent / "published", **(arguments | changes))


def sha256(path: Path) -> str:
    """Hash a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_only_the_marts_are_published_and_described(warehouse: Path) -> None:
    """Nothing but the marts is in the database, with descriptions."""
    folder = run(warehouse, "r1")
    database = current_database(warehouse.parent / "published")
    assert database == (folder / "contact_centre.duckdb").resolve()
    found = rows(
        database,
        "select schema_name, table_name from duckdb_tables() union all "
        "select schema_name, view_name from duckdb_views() where not internal order by all",
    )
    assert found == [("marts", "dim_sites"), ("marts", "kpi_values")]
    schemas = rows(
        database,
        "select schema_name from duckdb_schemas() where not internal and "
        "database_name = current_database() order by all",
    )
    assert schemas in ([("main",), ("marts",)], [("marts",)])
    assert rows(database, "from dim_sites order by site_id") == [("s1", "UTC"), ("s2", "Europe/Berlin"), ("s3", None)]
    assert rows(database, "select comment from duckdb_tables() order by table_name") == [
        (SITES.description,),
        (KPIS.description,),
    ]
    assert (
        rows(
            database,
            "select column_name, comment from duckdb_columns() where table_name = 'dim_sites' "
            "and schema_name = 'marts' order by column_index",
        )
        == SITES.columns
    )
    assert not list(folder.glob("*.wal"))


def test_the_database_is_read_when_it_is_opened_by_itself(warehouse: Path) -> None:
    """With names of two parts, as tools for charts write them; through SQLAlchemy too."""
    database = run(warehouse, "r1") / "contact_centre.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute("from marts.dim_sites where site_id = 's1'").fetchall()
        assert found == [("s1", "UTC")]
    engine = sqlalchemy.create_engine(f"duckdb:///{database}", connect_args={"read_only": True})
    assert sorted(sqlalchemy.inspect(engine).get_table_names(schema="marts")) == ["dim_sites", "kpi_values"]
    sites = sqlalchemy.Table("dim_sites", sqlalchemy.MetaData(), schema="marts", autoload_with=engine)
    with engine.connect() as reader:
        query = sqlalchemy.select(sites.c.zone).where(sites.c.site_id == "s2")
        assert reader.execute(query).scalars().all() == ["Europe/Berlin"]
    engine.dispose()


def test_parquet_holds_the_same_rows(warehouse: Path) -> None:
    """Parquet has every row that the database has."""
    parquet = run(warehouse, "r1") / "parquet"
    assert sorted(path.relative_to(parquet).as_posix() for path in parquet.rglob("*.parquet")) == [
        "dim_sites/dim_sites.parquet",
        "kpi_values/kpi_values.parquet",
    ]
    assert duckdb.sql(f"from '{parquet}/dim_sites/*.parquet' order by all").fetchall() == [
        ("s1", "UTC"),
        ("s2", "Europe/Berlin"),
        ("s3", None),
    ]
    assert duckdb.sql(f"from '{parquet}/kpi_values/*.parquet' order by all").fetchall() == [
        ("aht_seconds", "day", "organization", 300.0),
        ("fcr_24h", "day", "agent", 0.75),
        ("fcr_24h", "day", "organization", 0.75),
        ("fcr_24h", "week", "agent", 0.625),
    ]


def test_the_manifest_says_what_was_published_and_proves_it(warehouse: Path) -> None:
    """Times are UTC, settings become JSON, hashes are those of the files."""
    published = warehouse.parent / "published"
    assert read_manifest(published) is None
    assert current_database(published) is None
    folder = run(warehouse, "r1", as_of=datetime(2024, 3, 10, 14, tzinfo=timezone(timedelta(hours=2))))
    manifest = read_manifest(published)
    assert manifest is not None
    assert (manifest.run_id, manifest.as_of, manifest.code_version) == ("r1", AS_OF, "abc123")
    assert manifest.settings == {"fcr_windows_hours": [24, 48], "extracts": "seeds"}
    assert {name: table.rows for name, table in manifest.tables.items()} == {"dim_sites": 3, "kpi_values": 4}
    files = manifest.files()
    assert len(files) == 1 + 2
    for file in files:
        assert file.sha256 == sha256(folder / file.path)
        assert file.bytes == (folder / file.path).stat().st_size
    assert json.loads((folder / "manifest.json").read_text())["run_id"] == "r1"


def test_current_is_a_relative_link_so_that_the_folder_can_be_moved(warehouse: Path) -> None:
    """The whole folder can be moved or mounted elsewhere."""
    run(warehouse, "r1")
    published = warehouse.parent / "published"
    assert (published / "current").readlink() == Path("runs/r1")
    moved = published.rename(warehouse.parent / "elsewhere")
    assert rows(moved / "current" / "contact_centre.duckdb", "select count(*) from dim_sites") == [(3,)]


def test_a_reader_keeps_reading_the_run_that_it_opened(warehouse: Path) -> None:
    """An open database outlives the switch, and even the removal of its run."""
    published = warehouse.parent / "published"
    run(warehouse, "r1", keep=1)
    code = """
        import sys, duckdb
        connection = duckdb.connect(sys.argv[1], read_only=True)
        for line in sys.stdin:
            print(connection.execute("select count(*) from marts.dim_sites").fetchone()[0], flush=True)
    """
    reader = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), str(published / "current" / "contact_centre.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert reader.stdin is not None
    assert reader.stdout is not None

    def ask() -> str:
        assert reader.stdin is not None
        assert reader.stdout is not None
        reader.stdin.write("?\n")
        reader.stdin.flush()
        return reader.stdout.readline().strip()

    assert ask() == "3"
    change(warehouse, "insert into marts.dim_sites values ('s4', 'UTC')")
    during: list[str] = []
    run(warehouse, "r2", keep=1, before_switch=[lambda _: during.append(ask())])
    assert during == ["3"]
    assert not (published / "runs" / "r1").exists()
    assert ask() == "3"  # even though its run is gone
    assert rows(published / "current" / "contact_centre.duckdb", "select count(*) from dim_sites") == [(4,)]
    reader.stdin.close()
    assert reader.wait(10) == 0
    reader.stdout.close()


def test_what_did_not_change_is_linked(warehouse: Path) -> None:
    """A file is linked when its rows are the same; the database when all are."""
    first = run(warehouse, "r1")
    change(warehouse, "insert into marts.dim_sites values ('s4', 'UTC')")
    second = run(warehouse, "r2")
    third = run(warehouse, "r3")
    sites, kpis = "parquet/dim_sites/dim_sites.parquet", "parquet/kpi_values/kpi_values.parquet"
    assert (first / kpis).samefile(second / kpis)
    assert not (first / sites).samefile(second / sites)
    assert not (first / "contact_centre.duckdb").samefile(second / "contact_centre.duckdb")
    assert (second / sites).samefile(third / sites)
    assert (second / "contact_centre.duckdb").samefile(third / "contact_centre.duckdb")


FACTS = PublishedTable("facts", "Facts.", [("fact_id", "Its id."), ("date_day", "Its day.")])
THREE_MONTHS = """
    create table marts.facts as select * from (values
        ('f1', date '2024-02-29'), ('f2', date '2024-01-31'), ('f3', date '2024-01-01'), ('f4', null)
    ) as t(fact_id, date_day)
"""
NO_MONTH = "month=__HIVE_DEFAULT_PARTITION__"


def files_of(folder: Path, table: str) -> dict[str, Path]:
    """The Parquet files of a table, by their paths below its folder."""
    parquet = folder / "parquet" / table
    return {path.relative_to(parquet).as_posix(): path for path in parquet.rglob("*.parquet")}


def test_a_table_with_days_is_written_by_month(warehouse: Path) -> None:
    """In the layout that readers of Parquet know: they get all rows and leave out months by themselves."""
    change(warehouse, THREE_MONTHS)
    folder = run(warehouse, "r1", tables=[*TABLES, FACTS])
    assert sorted(files_of(folder, "facts")) == [
        "month=2024-01/facts.parquet",
        "month=2024-02/facts.parquet",
        f"{NO_MONTH}/facts.parquet",
    ]
    every = f"select fact_id, date_day from '{folder}/parquet/facts/**/*.parquet'"
    expected = rows(folder / "contact_centre.duckdb", "from facts order by 1")
    assert duckdb.sql(f"{every} order by 1").fetchall() == expected
    assert duckdb.sql(f"{every} where month = '2024-01' order by 1").fetchall() == [
        ("f2", date(2024, 1, 31)),
        ("f3", date(2024, 1, 1)),
    ]
    manifest = read_manifest(warehouse.parent / "published")
    assert manifest is not None
    assert {file.path: file.rows for file in manifest.tables["facts"].files} == {
        "parquet/facts/month=2024-01/facts.parquet": 2,
        "parquet/facts/month=2024-02/facts.parquet": 1,
        f"parquet/facts/{NO_MONTH}/facts.parquet": 1,
    }


@pytest.mark.parametrize(
    ("sql", "changed"),
    [
        ("update marts.facts set fact_id = 'g1' where fact_id = 'f1'", {"month=2024-02"}),
        ("insert into marts.facts values ('f0', '2024-01-15')", {"month=2024-01"}),
        ("insert into marts.facts values ('f0', '2024-03-01')", {"month=2024-03"}),
        ("update marts.facts set date_day = '2024-01-31' where fact_id = 'f4'", {"month=2024-01"}),
        ("alter table marts.facts alter fact_id type blob", {"month=2024-01", "month=2024-02", NO_MONTH}),
    ],
)
def test_a_month_that_did_not_change_is_linked(warehouse: Path, sql: str, changed: set[str]) -> None:
    """Only the months whose rows or types changed are written; one that became empty is gone."""
    change(warehouse, THREE_MONTHS)
    first = files_of(run(warehouse, "r1", tables=[*TABLES, FACTS]), "facts")
    change(warehouse, sql)
    folder = run(warehouse, "r2", tables=[*TABLES, FACTS])
    second = files_of(folder, "facts")
    assert {path for path in second if path not in first or not second[path].samefile(first[path])} == {
        f"{month}/facts.parquet" for month in changed
    }
    every = f"select fact_id, date_day from '{folder}/parquet/facts/**/*.parquet' order by 1"
    assert duckdb.sql(every).fetchall() == rows(folder / "contact_centre.duckdb", "from facts order by 1")


def test_a_history_of_many_months_is_one_file_a_month(warehouse: Path) -> None:
    """More than DuckDB would keep open by itself, with rows of each month everywhere in the table."""
    change(
        warehouse,
        "create table marts.facts as select 'f' || i as fact_id, "
        "date '2010-01-01' + (i * 37 % 5000)::integer as date_day from range(600000) as ids(i)",
    )
    folder = run(warehouse, "r1", tables=[*TABLES, FACTS])
    files = files_of(folder, "facts")
    assert len(files) == 165
    assert all(path.endswith("/facts.parquet") for path in files)
    every = f"select fact_id, date_day from '{folder}/parquet/facts/**/*.parquet' order by all"
    assert duckdb.sql(every).fetchall() == rows(folder / "contact_centre.duckdb", "from facts order by all")


def test_a_table_without_rows_or_of_a_dimension_is_one_file(warehouse: Path) -> None:
    """A reader finds the columns of what has no rows, and the calendar is not hundreds of files."""
    dates = PublishedTable("dim_dates", "Days.", [("date_day", "The day.")])
    change(
        warehouse,
        "create table marts.facts (fact_id varchar, date_day date); "
        "create table marts.dim_dates as select date '2024-01-01' as date_day union all select '2024-02-01'",
    )
    folder = run(warehouse, "r1", tables=[*TABLES, FACTS, dates])
    assert (list(files_of(folder, "facts")), list(files_of(folder, "dim_dates"))) == (
        ["facts.parquet"],
        ["dim_dates.parquet"],
    )
    assert duckdb.sql(f"from '{folder}/parquet/facts/**/*.parquet'").columns == ["fact_id", "date_day"]


def test_a_changed_description_is_published(warehouse: Path) -> None:
    """The same rows under another description are no unchanged table."""
    run(warehouse, "r1")
    sites = PublishedTable("dim_sites", "Places.", SITES.columns)
    second = run(warehouse, "r2", tables=[sites, KPIS])
    comment = "select comment from duckdb_tables() where table_name = 'dim_sites'"
    assert rows(second / "contact_centre.duckdb", comment) == [("Places.",)]


def test_a_file_that_was_tampered_with_is_not_linked(warehouse: Path) -> None:
    """Only a file that still has its hash is linked: damage ends with the run that has it."""
    first = run(warehouse, "r1")
    for path in (first / "parquet/dim_sites/dim_sites.parquet", first / "contact_centre.duckdb"):
        path.chmod(0o644)
        path.write_bytes(b"damaged")
    second = run(warehouse, "r2")
    assert rows(second / "contact_centre.duckdb", "select count(*) from dim_sites") == [(3,)]
    assert duckdb.sql(f"from '{second}/parquet/dim_sites/*.parquet'").fetchall()


def test_the_last_runs_stay(warehouse: Path) -> None:
    """The newest runs by time of publication stay, whatever they are called."""
    for number in (1, 2, 3, 10, 9):  # by time, not by name
        run(warehouse, f"r{number}", keep=3)
    runs = warehouse.parent / "published" / "runs"
    assert sorted(path.name for path in runs.iterdir()) == ["r10", "r3", "r9"]


NO_DESCRIPTION = PublishedTable("kpi_values", " ", KPIS.columns)
NO_DESCRIPTION_OF_ID = PublishedTable("dim_sites", "Sites.", [("site_id", ""), ("zone", "Its zone.")])


@pytest.mark.parametrize(
    ("sql", "tables", "culprit"),
    [
        ("create table marts.secret as select 1 as a", TABLES, "table marts.secret has no description"),
        ("alter table marts.dim_sites add column phone text", TABLES, "column marts.dim_sites.phone has no"),
        ("create table main.secret as select 1 as a", TABLES, "table main.secret has no description"),
        ("create view marts.secret as select 1 as a", TABLES, "marts.secret is a view"),
        ("drop table marts.kpi_values", TABLES, "table marts.kpi_values is described but was not built"),
        ("alter table marts.dim_sites drop zone", TABLES, "column marts.dim_sites.zone is described but"),
        ("select 1", [SITES, NO_DESCRIPTION], "table marts.kpi_values has no description"),
        ("select 1", [KPIS, NO_DESCRIPTION_OF_ID], "column marts.dim_sites.site_id has no description"),
    ],
)
def test_what_is_not_described_is_refused(
    warehouse: Path, sql: str, tables: list[PublishedTable], culprit: str
) -> None:
    """Drift between YAML and warehouse stops the publication and names the culprit."""
    run(warehouse, "r1")
    change(warehouse, sql)
    with pytest.raises(CheckFailed, match=culprit):
        run(warehouse, "r2", tables=tables)
    assert (warehouse.parent / "published" / "current").readlink() == Path("runs/r1")


def test_what_a_killed_build_left_in_the_marts_is_not_published(warehouse: Path) -> None:
    """A leftover of dbt is nobody's table, and no reason to refuse the others."""
    change(warehouse, "create table marts.dim_sites__dbt_tmp as select 1 as a")
    folder = run(warehouse, "r1")
    assert len(rows(folder / "contact_centre.duckdb", "from duckdb_tables()")) == 2


@pytest.mark.parametrize("step", ["write_tables", "Manifest", "finish_run", "switch_to"])
def test_a_failure_leaves_current_as_it_was(warehouse: Path, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever step fails, readers see the run before, and the next run needs no repair."""
    run(warehouse, "r1")
    published = warehouse.parent / "published"

    def fail(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(pipelines.publish, step, fail)
        with pytest.raises(RunnerError, match=r"r2 could not be published.*No space left.*untouched"):
            run(warehouse, "r2")
    assert read_manifest(published).run_id == "r1"  # type: ignore[union-attr]
    assert [path.name for path in (published / "runs").iterdir()] == ["r1"]

    run(warehouse, "r2")  # and the next one needs no repair
    assert read_manifest(published).run_id == "r2"  # type: ignore[union-attr]
    assert sorted(path.name for path in (published / "runs").iterdir()) == ["r1", "r2"]


def test_a_killed_run_leaves_current_as_it_was(warehouse: Path) -> None:
    """Killed right before the switch."""
    published = warehouse.parent / "published"
    run(warehouse, "r1")
    code = """
        import os, signal, sys
        from datetime import UTC, datetime
        from pathlib import Path
        from pipelines.publish import PublishedTable, publish
        columns = [("site_id", "Id."), ("zone", "Zone.")]
        kpis = [("kpi", "K."), ("period_grain", "G."), ("level", "L."), ("value", "V.")]
        tables = [PublishedTable("dim_sites", "S", columns), PublishedTable("kpi_values", "K", kpis)]
        publish(
            Path(sys.argv[1]), Path(sys.argv[2]), run_id="r2", as_of=datetime.now(UTC), code_version="",
            settings={}, tables=tables, before_switch=[lambda _: os.kill(os.getpid(), signal.SIGKILL)],
        )
    """
    killed = subprocess.run([sys.executable, "-c", textwrap.dedent(code), str(warehouse), str(published)], check=False)
    assert killed.returncode == -9
    assert current_run(published) == (published / "runs" / "r1").resolve()
    assert (published / "runs" / ".r2.partial").is_dir()
    run(warehouse, "r3")
    assert sorted(path.name for path in (published / "runs").iterdir()) == ["r1", "r3"]


def test_files_of_others_are_published_with_the_run(warehouse: Path) -> None:
    """A report or databases of clients are there before readers see the run."""

    def report(folder: Path) -> None:
        assert (folder / "contact_centre.duckdb").is_file()
        (folder / "report").mkdir()
        (folder / "report" / "index.html").write_text("<html>")

    run(warehouse, "r1", before_switch=[report])
    assert (warehouse.parent / "published" / "current" / "report" / "index.html").is_file()


def test_a_warehouse_in_use_is_said_to_be_busy(warehouse: Path) -> None:
    """Exit code 75, not a failure."""
    with (
        duckdb.connect(str(marts_file(warehouse))),
        pytest.raises(WarehouseBusy, match="Another process has"),
    ):
        run(warehouse, "r1")
    run(warehouse, "r1")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"run_id": "../r2"}, "can't be the name"),
        ({"run_id": ".r2"}, "can't be the name"),
        ({"run_id": "r1"}, "published already"),
        ({"keep": 0}, "at least 1"),
    ],
)
def test_bad_arguments_are_refused(warehouse: Path, changes: dict[str, Any], message: str) -> None:
    """A run id names one folder, once; and one run is always kept."""
    run(warehouse, "r1")
    with pytest.raises(UsageError, match=message):
        run(warehouse, changes.pop("run_id", "r2"), **changes)


@pytest.mark.parametrize("name", ["marts", "main", "publication"])
def test_the_warehouse_may_have_any_name(warehouse: Path, name: str) -> None:
    """Also names that DuckDB reserves, and those of schemas."""
    path = warehouse.with_stem(name)
    marts_file(warehouse).rename(marts_file(path))
    assert rows(run(path, "r1") / "contact_centre.duckdb", "select count(*) from dim_sites") == [(3,)]


def test_marts_that_were_never_built_are_named(tmp_path: Path) -> None:
    """A build that died early."""
    change(tmp_path / "warehouse.duckdb", "create schema marts")
    with pytest.raises(CheckFailed, match=r"marts\.dim_sites is described but was not built.*build again"):
        run(tmp_path / "warehouse.duckdb", "r1")


def test_a_warehouse_without_marts_is_named(tmp_path: Path) -> None:
    """The message says where it was looked for."""
    with pytest.raises(UsageError, match=r"nowhere\.duckdb"):
        run(tmp_path / "nowhere.duckdb", "r1")


def test_a_damaged_manifest_is_named_and_does_not_stop_the_next_run(warehouse: Path) -> None:
    """A publication without a readable one before it writes everything anew."""
    folder = run(warehouse, "r1")
    (folder / "manifest.json").write_text("{}")
    with pytest.raises(RunnerError, match=r"manifest\.json is not the manifest"):
        read_manifest(warehouse.parent / "published")
    run(warehouse, "r2")
    assert read_manifest(warehouse.parent / "published") is not None


def test_a_look_at_a_run_names_every_file_that_is_not_as_it_was_written(warehouse: Path) -> None:
    """By size and time, and where these differ, or on a thorough look, by the hash."""

    def report(folder: Path) -> None:
        (folder / "report").mkdir()
        (folder / "report" / "index.html").write_text("<html>")

    folder = run(warehouse, "r1", before_switch=[report])
    assert verify_run(folder, is_thorough=True).damages == []
    files = verify_run(folder, is_thorough=False).files
    assert files == 1 + len([path for path in folder.rglob("*") if path.is_file() and "manifest" not in path.name])

    path = folder / "parquet" / "dim_sites" / "dim_sites.parquet"
    before, content = path.stat(), path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert [str(damage) for damage in verify_run(folder, is_thorough=False).damages] == [
        "r1/parquet/dim_sites/dim_sites.parquet was changed"
    ]
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert verify_run(folder, is_thorough=False).damages == []
    assert len(verify_run(folder, is_thorough=True).damages) == 1
    path.write_bytes(content)
    assert verify_run(folder, is_thorough=True).damages == []

    (folder / "report" / "index.html").unlink()
    manifest = (folder / "manifest.json").read_text()
    assert [str(damage) for damage in verify_runs(folder.parents[1]).damages] == ["r1/report/index.html is missing"]
    (folder / "manifest.json").write_text(manifest.replace("abc123", "abc124"))
    assert [str(damage) for damage in verify_runs(folder.parents[1]).damages] == ["r1/manifest.json was changed"]


def test_runs_are_newer_by_their_number_not_by_the_clock(warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the clock set back, the oldest run goes, and not the newest but one."""

    class SetBack(datetime):
        """Every look at this clock is an hour earlier."""

        looks = 0

        @classmethod
        def now(cls, tz: Any = None) -> Any:
            cls.looks += 1
            return datetime(2024, 3, 10, tzinfo=tz) - timedelta(hours=cls.looks)

    monkeypatch.setattr(pipelines.publish, "datetime", SetBack)
    for number in range(1, 5):
        run(warehouse, f"r{number}", keep=3)
    assert sorted(path.name for path in (warehouse.parent / "published" / "runs").iterdir()) == ["r2", "r3", "r4"]


def test_a_damaged_run_is_no_baseline(warehouse: Path) -> None:
    """What is published is compared with the newest run of which the database is whole."""
    published = warehouse.parent / "published"
    assert baseline(published) is None
    first = run(warehouse, "r1")
    change(warehouse, "insert into marts.dim_sites values ('s4', 'UTC')")
    second = run(warehouse, "r2")
    assert baseline(published) == second / "contact_centre.duckdb"
    (second / "contact_centre.duckdb").chmod(0o600)
    (second / "contact_centre.duckdb").write_text("no database")
    assert baseline(published) == first / "contact_centre.duckdb"
    (second / "manifest.json").write_text("{")
    assert baseline(published) == first / "contact_centre.duckdb"
