"""The checks at the door and before publishing: each is made to fail once, and nothing else fails with it."""

import logging
import socket
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.checks import (
    Check,
    CheckReport,
    LandedLimits,
    check_landed,
    check_marts,
    raise_for_failures,
)
from pipelines.declarations import Declarations, load_declarations
from pipelines.errors import CheckFailed, UsageError

NOW = datetime(2024, 3, 10, 12, tzinfo=UTC)
PROJECT = Path(__file__).parent.parent.parent
TYPES = {
    "text": "varchar",
    "integer": "bigint",
    "number": "decimal(18, 4)",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
}
# The first load of the run that is checked comes after four usual ones.
RUN = "run5"

Landing = Callable[[str], CheckReport]


@pytest.fixture(scope="module")
def declarations() -> Declarations:
    """Read the declarations of the project itself."""
    return load_declarations(PROJECT)


@pytest.fixture
def landed(tmp_path: Path, declarations: Declarations) -> Path:
    """Land four earlier files of 100 legs and one of this run, and an IVR file in this run and the one before."""
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema raw; create schema ops")
        for table in declarations.tables:
            columns = ", ".join(f"{column.name} {TYPES[column.data_type]}" for column in table.landed_columns)
            connection.execute(
                f"create table raw.{table.raw_name} ({columns}, _load_id bigint, _line bigint)"
            )
        connection.execute(
            """
            create table ops.landed_files (
                load_id bigint, run_id varchar, path varchar, source varchar, "table" varchar, sha256 varchar,
                bytes bigint, lines bigint, loaded bigint, rejected bigint, landed_at timestamp
            );
            insert into ops.landed_files
            select i, 'run' || i, 'acd/contact_legs/' || i || '.csv', 'acd', 'contact_legs', 'x', 1, 100, 100, 0,
                timestamp '2024-03-05 06:00:00' + interval (i) day
            from range(1, 6) as loads(i);
            insert into raw.acd__contact_legs by name
            select
                load_id || '-' || i as contact_id, 1 as leg_number, 'voice' as channel, 'inbound' as direction,
                'c' || i as customer_id, 'completed' as end_reason, landed_at - interval 1 hour as started_at,
                landed_at as updated_at, load_id as _load_id, i as _line
            from ops.landed_files, range(100) as legs(i);
            insert into ops.landed_files values
                (6, 'run5', 'acd/ivr.csv', 'acd', 'ivr_sessions', 'y', 1, 1, 1, 0, '2024-03-10 07:00:00');
            insert into raw.acd__ivr_sessions by name
            select 's1' as session_id, timestamp '2024-03-10 05:00:00' as entered_at, 'self_served' as exit_type,
                6 as _load_id;
            """
        )
    return path


def change(warehouse: Path, sql: str) -> None:
    """Run SQL in the warehouse."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(sql)


def rows(warehouse: Path, sql: str) -> list[tuple[Any, ...]]:
    """Read from the warehouse."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def check_door(warehouse: Path, declarations: Declarations, **changes: Any) -> CheckReport:
    """Check what run 5 has landed."""
    arguments: dict[str, Any] = {"run_id": RUN, "checked_at": NOW} | changes
    return check_landed(warehouse, warehouse.parent / "checks", declarations, **arguments)


def only(checks: list[Check]) -> Check:
    """Take the one check that there is."""
    assert len(checks) == 1, checks
    return checks[0]


def test_usual_loads_pass(landed: Path, declarations: Declarations) -> None:
    """What was found is told per extract, also where it passes."""
    report = check_door(landed, declarations)
    assert not report.failed
    assert not report.warnings
    found = {(check.name, check.table): check.observed for check in report.checks}
    assert (
        found["volume", "acd.contact_legs"]
        == "acd/contact_legs/5.csv brought 100 rows, 1.00 times the usual 100"
    )
    assert found["volume", "acd.ivr_sessions"] == "acd/ivr.csv brought 1 rows"
    assert found["values of exit_type", "acd.ivr_sessions"] == "'self_served' in 1 rows"
    assert ("columns", "acd.ivr_sessions") in found
    assert ("columns", "crm.orders") not in found  # brought nothing
    raise_for_failures(report)


def test_a_missing_column_fails(landed: Path, declarations: Declarations) -> None:
    """Also one that other checks would have read."""
    change(landed, "alter table raw.acd__contact_legs drop column end_reason")
    failed = only(check_door(landed, declarations).failed)
    assert (failed.name, failed.table, failed.observed) == (
        "columns",
        "acd.contact_legs",
        "end_reason is missing",
    )


def test_undeclared_values_fail(landed: Path, declarations: Declarations) -> None:
    """Rows of earlier loads are not looked at again; the sentence names column, value and table."""
    change(landed, "update raw.acd__contact_legs set direction = 'sideways' where _load_id = 4")
    assert not check_door(landed, declarations).failed
    change(landed, "update raw.acd__contact_legs set direction = 'sideways' where _load_id = 5 and _line < 3")
    report = check_door(landed, declarations)
    with pytest.raises(CheckFailed) as raised:
        raise_for_failures(report)
    assert str(raised.value) == (
        "Check values of direction of acd.contact_legs: 'sideways' in 3 rows; declare the value in the sources "
        "YAML if it is right, else have the file corrected."
    )


@pytest.mark.parametrize(("loaded", "times"), [(19, "0.19"), (501, "5.01")])
def test_an_unusual_volume_is_a_warning(
    landed: Path, declarations: Declarations, loaded: int, times: str
) -> None:
    """A load is compared with the median of those before it, not of the run's others."""
    change(landed, f"update ops.landed_files set loaded = {loaded} where load_id = 5")
    report = check_door(landed, declarations)
    assert not report.failed
    warning = only(report.warnings)
    assert (warning.name, warning.table) == ("volume", "acd.contact_legs")
    assert f"brought {loaded} rows, {times} times the usual 100" in warning.message


@pytest.mark.parametrize("loaded", [20, 500])
def test_a_volume_on_the_limit_passes(landed: Path, declarations: Declarations, loaded: int) -> None:
    """The limits are 0.2 and 5 times the median, themselves included."""
    change(landed, f"update ops.landed_files set loaded = {loaded} where load_id = 5")
    assert not check_door(landed, declarations).warnings


def test_two_earlier_loads_are_too_few_to_say_what_is_usual(landed: Path, declarations: Declarations) -> None:
    """Three are needed."""
    change(landed, "update ops.landed_files set loaded = 1 where load_id = 5")
    change(landed, "delete from ops.landed_files where load_id = 1")
    assert only(check_door(landed, declarations).warnings).name == "volume"
    change(landed, "delete from ops.landed_files where load_id = 2")
    assert not check_door(landed, declarations).warnings


def test_an_extract_that_fell_behind_is_a_warning(landed: Path, declarations: Declarations) -> None:
    """Also one that brought nothing in this run: that is when it falls behind."""
    change(
        landed,
        "insert into raw.survey__contact_surveys by name "
        "select 'v1' as survey_id, timestamp '2024-03-03 05:00:00' as sent_at",
    )
    assert not check_door(landed, declarations).warnings
    change(landed, "update raw.survey__contact_surveys set sent_at = timestamp '2024-03-03 04:59:59'")
    warning = only(check_door(landed, declarations).warnings)
    assert (warning.name, warning.table) == ("freshness", "survey.contact_surveys")
    assert "newest sent_at is 2024-03-03 04:59, 7.0 days before the newest contact" in warning.message


def test_a_contact_in_the_future_is_a_warning(landed: Path, declarations: Declarations) -> None:
    """One wrong clock would make all other contacts mature."""
    change(
        landed, "update raw.acd__contact_legs set started_at = '2024-03-11 07:00:00' where contact_id = '5-1'"
    )
    warning = only(check_door(landed, declarations).warnings)
    assert (warning.name, warning.table) == ("contacts in the future", "acd.contact_legs")


def test_many_unidentified_contacts_are_a_warning(landed: Path, declarations: Declarations) -> None:
    """More than half; a contact is identified by any of its legs and by any of three columns."""
    change(
        landed,
        """
        update raw.acd__contact_legs set customer_id = null where _load_id = 5 and _line < 53;
        update raw.acd__contact_legs set account_number = 'a' where _load_id = 5 and _line = 0;
        update raw.acd__contact_legs set customer_address = '+40' where _load_id = 5 and _line = 1;
        insert into raw.acd__contact_legs by name
        select '5-2' as contact_id, 2 as leg_number, 'inbound' as direction, 'c2' as customer_id, 5 as _load_id;
        """,
    )
    assert not check_door(landed, declarations).warnings
    change(landed, "update raw.acd__contact_legs set customer_id = null where _load_id = 5 and _line = 53")
    report = check_door(landed, declarations)
    assert not report.failed
    warning = only(report.warnings)
    assert warning.name == "unidentified contacts"
    assert "51% of 100 inbound contacts in acd/contact_legs/5.csv are unidentified" in warning.message


def test_identification_that_was_lost_fails(landed: Path, declarations: Declarations) -> None:
    """Where earlier loads were identified; a centre that never knew its customers only gets warnings."""
    change(landed, "update raw.acd__contact_legs set customer_id = null where _load_id = 5")
    assert only(check_door(landed, declarations).failed).name == "lost identification"
    change(landed, "update raw.acd__contact_legs set customer_id = null")
    report = check_door(landed, declarations)
    assert not report.failed
    assert only(report.warnings).name == "unidentified contacts"


def test_a_run_that_landed_nothing_is_not_checked(landed: Path, declarations: Declarations) -> None:
    """And costs no import of Great Expectations."""
    report = check_door(landed, declarations, run_id="run7")
    assert (list(report.checks), report.docs) == ([], None)


def test_landed_checks_without_landing_say_so(tmp_path: Path, declarations: Declarations) -> None:
    """Neither a missing warehouse nor an empty one is a failed check."""
    with pytest.raises(UsageError, match="no warehouse"):
        check_door(tmp_path / "warehouse.duckdb", declarations)
    change(tmp_path / "warehouse.duckdb", "select 1")
    with pytest.raises(UsageError, match="ever landed"):
        check_door(tmp_path / "warehouse.duckdb", declarations)


def test_results_are_kept_in_the_warehouse_and_as_pages(landed: Path, declarations: Declarations) -> None:
    """A check that is repeated in a run replaces its results, and those of other runs stay."""
    check_door(landed, declarations, run_id="run4")
    check_door(landed, declarations)
    change(landed, "update ops.landed_files set loaded = 1 where load_id = 5")
    report = check_door(landed, declarations)
    assert rows(landed, "select run_id, count(*) > 0 from ops.checks group by all order by all") == [
        ("run4", True),
        ("run5", True),
    ]
    columns = "run_id, checked_at, suite, table_name, name, severity, passed"
    assert rows(landed, f"select {columns} from ops.checks where not passed") == [
        (RUN, NOW.replace(tzinfo=None), "landed", "acd.contact_legs", "volume", "warning", False)
    ]
    assert report.docs is not None
    index = report.docs.read_text()
    for run in ("run4", "run5"):
        assert run in index
    pages = list(report.docs.parent.glob(f"validations/landed volumes/{RUN}/*/*.html"))
    assert any("times the rows of the median of the 8 loads" in page.read_text() for page in pages)
    assert (report.docs.parent / "expectations" / "landed volumes.html").is_file()


def test_the_docs_survive_a_run_that_died_while_writing_them(
    landed: Path, declarations: Declarations
) -> None:
    """Half a file in the folder of the docs stops nothing."""
    report = check_door(landed, declarations)
    assert report.docs is not None
    folder = report.docs.parent.parent
    for path in [*folder.glob("expectations/*.json"), *folder.glob("results/**/*.json")]:
        path.write_text('{"half":')
    again = check_door(landed, declarations)
    assert len(again.checks) == len(report.checks)
    assert "landed volumes" in report.docs.read_text()


def test_only_the_last_runs_are_kept_as_pages(
    landed: Path, declarations: Declarations, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages and results of older runs go; `ops.checks` remembers them."""
    monkeypatch.setattr("pipelines.checks.suite._KEPT_RUNS", 2)
    for run in ("run3", "run4", "run5"):
        report = check_door(landed, declarations, run_id=run)
    assert report.docs is not None
    pages = report.docs.parent.glob("validations/landed volumes/*/*/*.html")
    assert {page.parent.parent.name for page in pages} == {"run4", "run5"}


def test_the_warehouse_is_free_after_the_checks(landed: Path, declarations: Declarations) -> None:
    """For dbt with another configuration, in this process and in others."""
    check_door(landed, declarations)
    with duckdb.connect(str(landed), read_only=True, config={"threads": 1}) as connection:
        assert connection.execute("select count(*) > 0 from ops.checks").fetchone() == (True,)
    check_door(landed, declarations)
    code = "import sys, duckdb; duckdb.connect(sys.argv[1], config={'memory_limit': '1GB'}).execute('checkpoint')"
    subprocess.run([sys.executable, "-c", code, str(landed)], check=True)


def test_the_checks_call_nobody_and_print_nothing(
    landed: Path,
    declarations: Declarations,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """No telemetry, no progress bars, no notices."""

    def refuse(*_: Any) -> None:
        raise AssertionError("a network connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    with caplog.at_level(logging.INFO):
        check_door(landed, declarations)
    assert capfd.readouterr() == ("", "")
    assert not [record for record in caplog.records if record.name.startswith("great_expectations")]


def test_limits_can_be_set(landed: Path, declarations: Declarations) -> None:
    """A centre whose exports vary says so."""
    report = check_door(landed, declarations, limits=LandedLimits(most_volume=0.5, least_volume=0.1))
    assert only(report.warnings).name == "volume"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """Build marts of 40 days with 10 contacts each, two KPIs, and what was published from them last."""
    path = tmp_path / "warehouse.duckdb"
    change(
        path,
        """
        create schema marts; create schema intermediate;
        create table intermediate.int_contact_legs__all_sources as
        select 'c' || day || '-' || i as contact_id, leg as leg_number, 'acd' as source,
            timestamp '2024-01-01 08:00:00' + interval (day) day + interval (leg) minute as started_at
        from range(40) as days(day), range(10) as contacts(i), range(1, 3) as legs(leg);
        create table marts.fct_contacts as
        select contact_id, source, 'inbound' as direction, min(started_at) as started_at
        from intermediate.int_contact_legs__all_sources group by all;
        create table marts.dim_dates as select 1 as date_day;
        create table marts.dim_channels as select 'unknown' as channel;
        create table marts.kpi_catalog as
        select * from (values
            ('fcr_24h', 0.0, 1.0), ('nps', -100.0, 100.0), ('aht_seconds', 0.0, null), ('forecast_bias', null, null)
        ) as kpis(kpi, minimum_value, maximum_value);
        create table marts.kpi_values as
        select kpi, 'day' as period_grain, date '2024-01-01' + cast(day as integer) as period_start,
            'organization' as level, 'all' as level_id, numerator + day % 2 as numerator, 40 as denominator,
            (numerator + day % 2) / 40 * scale as value, true as is_final, false as is_low_sample,
            false as is_suppressed
        from range(40) as days(day),
            (values ('fcr_24h', 30, 1), ('nps', -20, 100), ('aht_seconds', 9000, 1), ('forecast_bias', -40, 1))
                as kpis(kpi, numerator, scale);
        """,
    )
    with duckdb.connect(str(tmp_path / "marts.duckdb")) as connection:
        connection.execute(f"attach '{path}' as warehouse (read_only); create schema marts.marts")
        connection.execute("create table marts.marts.kpi_values as from warehouse.marts.kpi_values")
    return path


def check_built(warehouse: Path, **changes: Any) -> CheckReport:
    """Check the marts against what was published last."""
    arguments: dict[str, Any] = {"run_id": RUN, "checked_at": NOW} | changes
    published = warehouse.parent / "marts.duckdb"
    return check_marts(warehouse, warehouse.parent / "checks", published, **arguments)


def test_usual_marts_pass(built: Path) -> None:
    """A KPI on its bound is inside, and one without bounds is never outside."""
    change(
        built,
        "update marts.kpi_values set numerator = 40, value = 1 where kpi = 'fcr_24h' and level_id = 'all'",
    )
    report = check_built(built)
    assert not report.failed
    assert not report.warnings
    assert {check.table for check in report.checks} == {
        "marts.fct_contacts", "marts.kpi_values", "marts.kpi_catalog", "marts.dim_dates", "marts.dim_channels"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kpi", "value", "name"),
    [
        ("fcr_24h", "1.000001", "KPI not above its greatest possible value"),
        ("fcr_24h", "-0.01", "KPI not below its least possible value"),
        ("nps", "-101", "KPI not below its least possible value"),
        ("nps", "101", "KPI not above its greatest possible value"),
        ("aht_seconds", "-1", "KPI not below its least possible value"),
        ("forecast_bias", "'infinity'::double", "KPI is a number"),
        ("forecast_bias", "'nan'::double", "KPI is a number"),
    ],
)
def test_an_impossible_value_fails(built: Path, kpi: str, value: str, name: str) -> None:
    """One row of a team is enough, and the sentence names the KPI."""
    change(built, "alter table marts.kpi_values alter value type double")
    change(
        built,
        f"insert into marts.kpi_values by name select * replace ({value} as value, 'team' as level) "
        f"from marts.kpi_values where kpi = '{kpi}' limit 1",
    )
    failed = only(check_built(built).failed)
    assert (failed.name, failed.table) == (name, "marts.kpi_values")
    assert kpi in failed.message


def test_a_share_of_more_than_the_whole_fails(built: Path) -> None:
    """Also where the published value looks right."""
    change(
        built,
        "update marts.kpi_values set numerator = 41 where kpi = 'fcr_24h' and period_start = '2024-01-09'",
    )
    failed = only(check_built(built).failed)
    assert failed.name == "share of a whole"
    assert "the numerator of fcr_24h is above its denominator in 1 rows" in failed.message


def test_a_kpi_without_a_definition_fails(built: Path) -> None:
    """Nobody could say what its number means."""
    change(built, "delete from marts.kpi_catalog where kpi = 'nps'")
    failed = only(check_built(built).failed)
    assert (failed.name, failed.observed) == ("KPI is in the catalogue", "nps is not catalogued")


def test_a_kpi_that_is_gone_fails_unless_it_is_allowed(built: Path) -> None:
    """Published last, and now without a row; a first publication misses nothing."""
    change(built, "delete from marts.kpi_values where kpi = 'nps'")
    failed = only(check_built(built).failed)
    assert (failed.name, failed.observed) == ("KPI gone missing", "nps has 0 rows")
    report = check_built(built, allow_missing_kpis=True)
    assert not report.failed
    assert only(report.warnings).name == "KPI gone missing"
    report = check_marts(built, built.parent / "checks", None, run_id=RUN)
    assert not report.failed
    assert not report.warnings


@pytest.mark.parametrize(
    ("sql", "observed"),
    [
        (
            "delete from marts.fct_contacts where contact_id = 'c3-1'",
            "on 2024-01-04 10 were landed and 9 built",
        ),
        (
            "insert into marts.fct_contacts select * replace ('new' as contact_id) from marts.fct_contacts "
            "where contact_id = 'c3-1'",
            "on 2024-01-04 10 were landed and 11 built",
        ),
        (
            "update marts.fct_contacts set started_at = '2024-01-02 23:59:59' where contact_id = 'c3-1'",
            "on 2024-01-02 10 were landed and 11 built, on 2024-01-04 10 were landed and 9 built",
        ),
        (
            "delete from marts.fct_contacts where started_at < '2024-01-02'",
            "on 2024-01-01 10 were landed and 0 built",
        ),
    ],
)
def test_a_contact_lost_or_doubled_fails(built: Path, sql: str, observed: str) -> None:
    """Days are those of the contact's first leg, in UTC."""
    change(built, sql)
    failed = only(check_built(built).failed)
    assert (failed.name, failed.table) == ("contacts of each day", "marts.fct_contacts")
    assert failed.observed == observed


def test_without_the_union_of_sources_the_contacts_of_the_acd_are_compared(built: Path) -> None:
    """Where intermediate models are not kept in the warehouse."""
    change(
        built,
        """
        create schema staging;
        create table staging.stg_acd__contact_legs as from intermediate.int_contact_legs__all_sources;
        drop table intermediate.int_contact_legs__all_sources;
        insert into marts.fct_contacts values ('t1', 'technion_bank', 'inbound', '2024-01-01');
        """,
    )
    assert not check_built(built).failed
    change(built, "delete from marts.fct_contacts where contact_id = 'c3-1'")
    assert only(check_built(built).failed).name == "contacts of each day"


@pytest.mark.parametrize("sql", ["delete from marts.dim_dates", "drop table marts.dim_dates"])
def test_an_empty_key_table_fails(built: Path, sql: str) -> None:
    """An empty one or none at all, but only where there is something to fill it with."""
    change(built, sql)
    failed = only(check_built(built).failed)
    assert (failed.name, failed.table, failed.observed) == ("key tables", "marts.dim_dates", "0 rows")
    change(built, "delete from intermediate.int_contact_legs__all_sources; delete from marts.fct_contacts")
    assert not check_built(built).failed


@pytest.mark.parametrize(("value", "unusual"), [(0.7, True), (0.74, False)])
def test_an_unusual_day_is_a_warning(built: Path, value: float, unusual: bool) -> None:
    """The newest final day against the 28 before it; days that are not final say nothing yet."""
    change(
        built,
        f"update marts.kpi_values set value = {value} where kpi = 'fcr_24h' and period_start = '2024-02-08';"
        "update marts.kpi_values set value = 0, is_final = false "
        "where kpi = 'fcr_24h' and period_start = '2024-02-09'",
    )
    report = check_built(built)
    assert not report.failed
    assert [check.name for check in report.warnings] == (["anomaly"] if unusual else [])
    if unusual:
        assert "fcr_24h was 0.7 on 2024-02-08, usual is 0.7625" in report.warnings[0].message


def test_few_days_are_not_enough_for_an_anomaly(built: Path) -> None:
    """At least 14 days with a value are needed."""
    change(
        built, "update marts.kpi_values set value = 0 where kpi = 'fcr_24h' and period_start = '2024-02-09'"
    )
    assert only(check_built(built).warnings).name == "anomaly"
    change(built, "delete from marts.kpi_values where period_start < '2024-01-27'")
    assert not check_built(built).warnings


def test_views_in_the_marts_are_checked_as_well(built: Path) -> None:
    """`kpi_values` may be a view."""
    change(
        built,
        "alter table marts.kpi_values rename to components; "
        "create view marts.kpi_values as from warehouse.marts.components",
    )
    assert not check_built(built).failed
