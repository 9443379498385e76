"""The checks at the door and before publishing: each is made to fail once, and nothing else fails with it."""

import json
import logging
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt.cli.main import dbtRunner

from pipelines.build.run_dbt import _release_warehouse
from pipelines.checks import (
    Check,
    CheckReport,
    LandedLimits,
    check_landed,
    check_marts,
    raise_for_failures,
    suite,
)
from pipelines.checks.report import record
from pipelines.errors import CheckFailed, RunnerError, UsageError
from pipelines.landing.declarations import Declarations, load_declarations
from pipelines.settings import DEMO_KEY, KEY_VARIABLE
from pipelines.warehouse import attach_marts, connect, marts_file

NOW = datetime(2024, 3, 10, 12, tzinfo=UTC)
RUN = "run5"
PROJECT = Path(__file__).parent.parent.parent
TYPES = {
    "text": "varchar",
    "integer": "bigint",
    "number": "decimal(18, 4)",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
}
WRITE_DOCS = suite._write_docs

Measure = Callable[[str, dict[str, Any]], None]
Door = Callable[..., CheckReport]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write no pages: they are half of the time that checks take. Tests of the pages ask for `pages`."""
    monkeypatch.setattr(suite, "_write_docs", lambda *_: None)


@pytest.fixture
def pages(quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write the pages after all."""
    monkeypatch.setattr(suite, "_write_docs", WRITE_DOCS)


@pytest.fixture(autouse=True)
def keyed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give dbt the key of the demo."""
    monkeypatch.setenv(KEY_VARIABLE, DEMO_KEY)


@pytest.fixture(scope="module")
def manifests() -> dict[str, Any]:
    """Keep the project as dbt has parsed it, by where extracts are read."""
    return {}


@pytest.fixture
def measure(
    manifests: dict[str, Any], tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Measure:
    """Let dbt build the models of measures in the warehouse of the test."""
    monkeypatch.setenv("CCW_WAREHOUSE", str(tmp_path / "warehouse.duckdb"))
    target = tmp_path_factory.getbasetemp() / "target_of_checks"

    def run(selector: str, dbt_vars: dict[str, Any]) -> None:
        extracts = str(dbt_vars["extracts"])
        shared = [
            *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(target / extracts)),
            *("--vars", json.dumps(dbt_vars)),
        ]
        quiet = ["--quiet", "--no-send-anonymous-usage-stats", "--log-path", str(target), "--log-level-file", "none"]
        try:
            if extracts not in manifests:
                manifests[extracts] = dbtRunner().invoke([*quiet, "parse", "--no-write-json", *shared]).result
            outcome = dbtRunner(manifest=manifests[extracts]).invoke(
                [*quiet, "run", "--no-write-json", "--select", selector, *shared]
            )
        finally:
            _release_warehouse()
        assert outcome.success, outcome.result or outcome.exception

    return run


@pytest.fixture(scope="module")
def declarations() -> Declarations:
    """Read the declarations of the project itself."""
    return load_declarations(PROJECT)


@pytest.fixture
def landed(tmp_path: Path, declarations: Declarations) -> Path:
    """Land a file of 100 legs in each of five runs, and a file of one IVR session in the last of them."""
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema raw; create schema ops")
        for table in declarations.tables:
            columns = [f"{column.name} {TYPES[column.data_type]}" for column in table.landed_columns]
            columns += ["_load_id bigint", "_line bigint", "_instance varchar"]
            connection.execute(f"create table raw.{table.raw_name} ({', '.join(columns)})")
        connection.execute(
            """
            create table ops.landed_files (
                load_id bigint, run_id varchar, path varchar, source varchar, "table" varchar, sha256 varchar,
                bytes bigint, lines bigint, loaded bigint, rejected bigint, landed_at timestamp, instance varchar,
                header varchar, retried_load bigint
            );
            insert into ops.landed_files by name
            select
                i as load_id, 'run' || i as run_id, 'legs/' || i || '.csv' as path, 'acd' as source,
                'contact_legs' as "table", 100 as loaded,
                timestamp '2024-03-05 06:00:00' + interval (i) day as landed_at
            from range(1, 6) as loads(i);
            insert into raw.acd__contact_legs by name
            select
                load_id || '-' || i as contact_id, 1 as leg_number, 'voice' as channel,
                'inbound' as direction, 'c' || i as customer_id, 'completed' as end_reason,
                landed_at - interval 1 hour as started_at, load_id as _load_id, i as _line
            from ops.landed_files, range(100) as legs(i);
            insert into ops.landed_files by name
            select
                6 as load_id, 'run5' as run_id, 'ivr.csv' as path, 'acd' as source, 'ivr_sessions' as "table",
                1 as loaded, timestamp '2024-03-10 07:00:00' as landed_at;
            insert into raw.acd__ivr_sessions by name
            select
                's1' as session_id, timestamp '2024-03-10 05:00:00' as entered_at,
                'self_served' as exit_type, 6 as _load_id;
            """
        )
        passed = Check("volume", "acd.contact_legs", "warning", True, "", "")
        checked_at = datetime(2024, 3, 9, 12, tzinfo=UTC)
        record(connection, "landed", [passed], run_id="run4", checked_at=checked_at, load_id=4)
    return path


def change(warehouse: Path, sql: str) -> None:
    """Run SQL in the warehouse."""
    with connect(warehouse) as connection:
        connection.execute(sql)


def rows(warehouse: Path, sql: str) -> list[tuple[Any, ...]]:
    """Read from the warehouse."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()


@pytest.fixture
def check_door(measure: Measure, tmp_path: Path) -> Door:
    """Check what run 5 has landed."""

    def check(**changes: Any) -> CheckReport:
        def measured(checked_after_load: int) -> None:
            measure("tag:door", {"extracts": "landed", "checked_after_load": checked_after_load})

        arguments: dict[str, Any] = {"run_id": RUN, "checked_at": NOW} | changes
        return check_landed(tmp_path / "warehouse.duckdb", tmp_path / "checks", measured, **arguments)

    return check


def verdicts(warehouse: Path) -> dict[int, str]:
    """What became of each load."""
    return dict(rows(warehouse, "select load_id, verdict from ops.load_verdicts order by load_id"))


def only(checks: Sequence[Check]) -> Check:
    """Take the one check that there is."""
    assert len(checks) == 1, checks
    return checks[0]


def observed(checks: Sequence[Check]) -> dict[tuple[str, str], str]:
    """Give what was observed by name and table."""
    return {(check.name, check.table): check.observed for check in checks}


def test_usual_loads_pass(landed: Path, check_door: Door) -> None:
    """What was found is told per extract, also where it passes; a day that was not over is told with the next load."""
    report = check_door()
    assert not report.failed
    assert not report.warnings
    raise_for_failures(report)
    found = observed(report.checks)
    assert found["values of direction", "acd.contact_legs"] == (
        "'i…d' (7 characters) in 100 rows of raw.acd__contact_legs.direction"
    )
    assert found["values of exit_type", "acd.ivr_sessions"] == (
        "'s…d' (11 characters) in 1 rows of raw.acd__ivr_sessions.exit_type"
    )
    assert found["usual rows", "acd.contact_legs"] == "load 5, legs/5.csv, 2024-03-09: nothing to compare with yet"
    assert verdicts(landed) == {1: "passed", 2: "passed", 3: "passed", 4: "passed", 5: "passed", 6: "passed"}


def test_undeclared_values_fail(landed: Path, check_door: Door) -> None:
    """The sentence names column, table and value; rows of earlier loads are not looked at again."""
    change(landed, "update raw.acd__contact_legs set direction = 'up' where _load_id = 4")
    change(landed, "update raw.acd__contact_legs set direction = 'down' where _load_id = 5 and _line < 3")
    with pytest.raises(CheckFailed) as raised:
        raise_for_failures(check_door())
    assert str(raised.value) == (
        "Check values of direction of acd.contact_legs: 'd…n' (4 characters) in 3 rows of raw.acd__contact_legs."
        "direction; declare the value in the sources YAML if it is right, else have the file corrected."
    )


def test_an_extract_that_fell_behind_is_a_warning(landed: Path, check_door: Door) -> None:
    """More than seven days, also if it brought nothing in this run: that is when it falls behind."""
    change(
        landed,
        """
        insert into raw.survey__contact_surveys by name
        select 'v1' as survey_id, timestamp '2024-03-03 05:00:00' as sent_at;
        insert into raw.crm__orders by name
        select 'o1' as order_id, timestamp '2024-03-03 04:59:59' as ordered_at;
        insert into raw.wfm__agents by name
        select 'a1' as agent_id, timestamp '2020-01-01' as effective_from, timestamp '2020-01-01' as updated_at;
        """,
    )
    warning = only(check_door().warnings)
    assert (warning.name, warning.table) == ("freshness", "crm.orders")
    assert "newest ordered_at is 2024-03-03 04:59, 7.0 days before the newest contact" in warning.message


def test_a_contact_in_the_future_is_a_warning(landed: Path, check_door: Door) -> None:
    """One wrong clock would make all other contacts mature."""
    change(landed, "update raw.acd__contact_legs set started_at = '2024-03-11 07:00' where contact_id = '5-1'")
    warning = only(check_door().warnings)
    assert (warning.name, warning.table) == ("contacts in the future", "acd.contact_legs")


def test_many_unidentified_contacts_are_a_warning(landed: Path, check_door: Door) -> None:
    """More than half of a load; a leg is identified by any of three columns."""
    change(
        landed,
        """
        update raw.acd__contact_legs set customer_id = null where _load_id = 5 and _line < 53;
        update raw.acd__contact_legs set account_number = 'a' where _load_id = 5 and _line = 0;
        update raw.acd__contact_legs set customer_address = '+40' where _load_id = 5 and _line = 1;
        update raw.acd__contact_legs set direction = 'outbound' where _load_id = 5 and _line > 97;
        """,
    )
    report = check_door()
    assert not report.failed
    assert observed(report.warnings) == {
        ("unidentified contacts", "acd.contact_legs"): "52% of 98 inbound legs in legs/5.csv are unidentified"
    }
    report = check_door(limits=LandedLimits(most_unidentified=0.6))
    assert not report.warnings


def test_values_that_look_personal_fail(landed: Path, check_door: Door) -> None:
    """In columns that are not tagged personal; ids may be of digits, and what is exempt may look as it likes."""
    change(
        landed,
        """
        update raw.acd__contact_legs set dialled_address = '+40215550100' where _load_id = 5;
        update raw.acd__contact_legs set contact_id = '1709280000' || contact_id[3:] where _load_id = 5;
        update raw.acd__contact_legs set agent_id = '1001', queue_id = '2024-03-10' where _load_id = 5;
        """,
    )
    assert not check_door().failed
    change(landed, "update raw.acd__contact_legs set channel = '0721555019' where _load_id = 5 and _line = 7")
    change(landed, "update raw.acd__contact_legs set queue_id = 'ann@example.com' where _load_id = 5 and _line < 2")
    change(
        landed, "update raw.acd__contact_legs set reason_code = '4111 1111 1111 1111' where _load_id = 5 and _line = 7"
    )
    change(landed, "update raw.acd__contact_legs set client_id = '4111111111111112' where _load_id = 5 and _line = 7")
    change(
        landed, "update raw.acd__contact_legs set related_contact_id = '+40215550100' where _load_id = 5 and _line = 3"
    )
    report = check_door()
    place = "load 5, legs/5.csv:"
    assert observed(report.failed) == {
        ("personal values in channel", "acd.contact_legs"): (
            f"{place} 1 of 100 values look like a phone number, such as 0…9 (10 characters)"
        ),
        ("personal values in queue_id", "acd.contact_legs"): (
            f"{place} 2 of 100 values look like an e-mail address, such as a…m (15 characters)"
        ),
        ("personal values in reason_code", "acd.contact_legs"): (
            f"{place} 1 of 1 values look like a card number, such as 4…1 (19 characters)"
        ),
        ("personal ids in related_contact_id", "acd.contact_legs"): (
            f"{place} 1 of 1 values look like a phone number, such as +…0 (12 characters)"
        ),
    }
    assert verdicts(landed)[5] == "failed"
    assert not check_door(accept=[5]).failed
    assert verdicts(landed)[5] == "accepted"
    assert list(check_door(run_id="run6").checks) == []
    with pytest.raises(UsageError, match="load 99, which never landed"):
        check_door(accept=[99])


def test_running_again_is_no_way_around_a_check(landed: Path, check_door: Door) -> None:
    """What has not passed is checked by the next run, whatever that landed; what has passed is not."""
    change(landed, "update raw.acd__contact_legs set direction = 'up' where _load_id = 5 and _line < 3")
    values = ("values of direction", "acd.contact_legs")
    bad = {values: "'…' (2 characters) in 3 rows of raw.acd__contact_legs.direction"}
    assert observed(check_door().failed) == bad
    assert observed(check_door(run_id="run6").failed) == bad
    change(  # two of the records come again in another file, and then the whole file
        landed,
        """
        insert into ops.landed_files by name
        select * replace (7 as load_id, 'run7' as run_id, 'more.csv' as path, 2 as loaded, landed_at + interval 1 hour
            as landed_at) from ops.landed_files where load_id = 5;
        insert into raw.acd__contact_legs by name
        select * replace ('inbound' as direction, 7 as _load_id) from raw.acd__contact_legs
        where _load_id = 5 and _line < 2;
        """,
    )
    left = {values: "'…' (2 characters) in 1 rows of raw.acd__contact_legs.direction"}
    assert observed(check_door(run_id="run7").failed) == left
    change(
        landed,
        "insert into ops.landed_files by name select * replace (8 as load_id, 'run8' as run_id) "
        "from ops.landed_files where load_id = 5",
    )
    assert not check_door(run_id="run8").failed
    report = check_door(run_id="run9")
    assert (list(report.checks), report.docs) == ([], None)


def test_checks_without_a_landing_say_so(tmp_path: Path, check_door: Door, check_built: Door) -> None:
    """Neither a missing warehouse nor an empty one is a failed check, and a run without news needs none."""
    with pytest.raises(UsageError, match="no warehouse"):
        check_door()
    with pytest.raises(UsageError, match="no warehouse"):
        check_built(is_measured=True)
    change(tmp_path / "warehouse.duckdb", "select 1")
    with pytest.raises(UsageError, match="ever landed"):
        check_door()
    assert list(check_built(is_measured=True).checks) == []


@pytest.mark.usefixtures("pages")
def test_results_are_kept_in_the_warehouse_and_as_pages(landed: Path, check_door: Door) -> None:
    """A suite that is repeated in a run replaces its results, and those of other runs stay."""
    check_door(run_id="run4")
    change(landed, "insert into ops.checks by name select 'run5' as run_id, 'landed' as suite, false as passed")
    change(landed, "update raw.acd__contact_legs set customer_id = null where _load_id = 5")
    report = check_door()
    columns = "run_id, checked_at, suite, table_name, name, severity, passed"
    assert rows(landed, f"select {columns} from ops.checks where not passed") == [
        (RUN, NOW.replace(tzinfo=None), "landed", "acd.contact_legs", "unidentified contacts", "warning", False)
    ]
    assert rows(landed, "select count(*) > 0 from ops.checks where run_id = 'run4'") == [(True,)]
    assert report.docs is not None
    index = report.docs.read_text()
    assert "run4" in index
    assert "run5" in index
    (page,) = report.docs.parent.glob(f"validations/landed usual/{RUN}/*/*.html")
    assert "What a load brings is as usual for it" in page.read_text()
    assert (report.docs.parent / "expectations" / "landed usual.html").is_file()


@pytest.mark.usefixtures("pages")
def test_the_docs_survive_a_run_that_died_and_keep_only_the_last_runs(
    landed: Path, check_door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a file in the folder of the docs stops nothing; `ops.checks` remembers what the pages no longer do."""
    report = check_door(run_id="run4")
    assert report.docs is not None
    for path in report.docs.parent.parent.glob("**/*.json"):
        path.write_text('{"half":')
    monkeypatch.setattr(suite, "_KEPT_RUNS", 1)
    check_door()
    assert "landed usual" in report.docs.read_text()
    found = report.docs.parent.glob("validations/landed usual/*/*/*.html")
    assert [page.parent.parent.name for page in found] == ["run5"]


@pytest.mark.usefixtures("pages")
def test_the_warehouse_is_free_and_nobody_was_called(
    landed: Path,
    check_door: Door,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """No telemetry, no progress bars, no notices; dbt may open the file as it likes, here or elsewhere."""

    def refuse(*_: Any) -> None:
        raise AssertionError("a network connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    with caplog.at_level(logging.INFO):
        check_door()
    assert capfd.readouterr() == ("", "")
    assert not [record for record in caplog.records if record.name.startswith("great_expectations")]

    code = "import sys, duckdb; duckdb.connect(sys.argv[1], config={'threads': 1}).execute('checkpoint')"
    subprocess.run([sys.executable, "-c", code, str(landed)], check=True)
    with duckdb.connect(str(landed), read_only=True, config={"threads": 1}) as connection:
        assert connection.execute("select count(*) > 0 from ops.checks").fetchone() == (True,)


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """Build marts of 40 days with 10 contacts each and a few KPIs, as they were published last."""
    path = tmp_path / "warehouse.duckdb"
    with connect(path) as connection:
        attach_marts(connection, path)
    change(
        path,
        """
        create schema intermediate;
        create table intermediate.int_contact_legs__unioned as
        select 'c' || day || '-' || i as contact_id, leg as leg_number, 'acd' as source,
            timestamp '2024-01-01 08:00:00' + interval (day) day + interval (leg) minute as started_at
        from range(40) as days(day), range(10) as contacts(i), range(1, 3) as legs(leg);
        create view intermediate.int_contacts__legs as from intermediate.int_contact_legs__unioned;
        create table marts.fct_contacts as
        select contact_id, source, 'inbound' as direction, min(started_at) as started_at
        from intermediate.int_contact_legs__unioned group by all;
        create table marts.dim_dates as select 1 as date_day;
        create table marts.dim_channels as select 'unknown' as channel;
        create table marts.kpi_catalog (kpi varchar, minimum_value double, maximum_value double);
        insert into marts.kpi_catalog
        select * from (values
            ('fcr_24h', 0.0, 1.0), ('csat', 0.0, 1.0), ('nps', -100.0, 100.0), ('enps', -100.0, 100.0),
            ('aht_seconds', 0.0, null), ('forecast_bias', null, null), ('forecast_wape', null, null)
        ) as kpis(kpi, minimum_value, maximum_value);
        create table marts.kpi_exceptions (
            kpi varchar, level varchar, level_id varchar, date_day date, value double, expected double, lower double,
            upper double, rule varchar
        );
        create table marts.kpi_values as
        select kpi, 'day' as period_grain, date '2024-01-01' + cast(day as integer) as period_start,
            'organization' as level, 'all' as level_id, numerator + day % 2 as numerator, 40 as denominator,
            cast((numerator + day % 2) / 40 * scale as double) as value, true as is_final,
            false as is_low_sample, false as is_suppressed
        from range(40) as days(day), (values
            ('fcr_24h', 30, 1), ('csat', 10, 1), ('nps', -20, 100), ('enps', 20, 100), ('aht_seconds', 9000, 1),
            ('forecast_bias', -40, 1), ('forecast_wape', 90, 1)
        ) as kpis(kpi, numerator, scale);
        """,
    )
    with duckdb.connect(str(tmp_path / "marts.duckdb")) as connection:
        connection.execute(f"attach '{marts_file(path)}' as built (read_only); create schema marts.marts")
        connection.execute("create table marts.marts.kpi_values as from built.marts.kpi_values")
    return path


@pytest.fixture
def check_built(measure: Measure, tmp_path: Path) -> Door:
    """Check the marts against what was published last."""

    def check(*, is_measured: bool = False, **changes: Any) -> CheckReport:
        if not is_measured:
            measure("path:models/marts/kpis/intermediate/checks", {"extracts": "seeds"})
        published = tmp_path / "marts.duckdb"
        arguments: dict[str, Any] = {"run_id": RUN, "checked_at": NOW} | changes
        arguments.setdefault("published_database", published if published.is_file() else None)
        return check_marts(tmp_path / "warehouse.duckdb", tmp_path / "checks", **arguments)

    return check


@pytest.mark.usefixtures("pages")
def test_usual_marts_pass(built: Path, check_built: Door) -> None:
    """A KPI on its bound is inside; one without bounds is never outside; `kpi_values` may be a view."""
    change(
        built,
        """
        update marts.kpi_values set numerator = 40, value = 1 where kpi = 'fcr_24h';
        update marts.kpi_values set numerator = -40, value = -100 where kpi = 'nps';
        alter table marts.kpi_values rename to components;
        create view marts.kpi_values as from marts.components;
        """,
    )
    report = check_built()
    assert not report.failed
    assert not report.warnings
    assert {check.table for check in report.checks} == {
        "marts.fct_contacts", "marts.kpi_values", "marts.kpi_catalog", "marts.dim_dates", "marts.dim_channels"
    }  # fmt: skip
    assert report.docs is not None
    assert "marts kpis" in report.docs.read_text()


def test_impossible_values_fail(built: Path, check_built: Door) -> None:
    """One row is enough, of any level and grain, and the sentence names the KPI."""
    impossible = {
        "fcr_24h": "1.000001",
        "csat": "-0.01",
        "nps": "-101",
        "enps": "101",
        "aht_seconds": "-1",
        "forecast_bias": "'infinity'::double",
        "forecast_wape": "'nan'::double",
    }
    for kpi, value in impossible.items():
        change(
            built,
            f"insert into marts.kpi_values by name select * replace ({value} as value, 'team' as level) "
            f"from marts.kpi_values where kpi = '{kpi}' limit 1",
        )
    least, greatest = "KPI not below its least possible value", "KPI not above its greatest possible value"
    table = "marts.kpi_values"
    assert observed(check_built().failed) == {
        (least, table): (
            "aht_seconds is between -1 and 225.025, csat is between -0.01 and 0.275, nps is between -101 and -47.5"
        ),
        (greatest, table): "enps is between 50 and 101, fcr_24h is between 0.75 and 1.000001",
        ("KPI is a number", table): (
            "forecast_bias has 1 rows that are no number, forecast_wape has 1 rows that are no number"
        ),
    }


def test_a_share_of_more_than_the_whole_and_a_kpi_without_a_definition_fail(built: Path, check_built: Door) -> None:
    """Also where the published value looks right; and nobody could say what an undefined number means."""
    change(
        built,
        """
        update marts.kpi_values set numerator = 41 where kpi = 'csat' and period_start = '2024-01-09';
        delete from marts.kpi_catalog where kpi = 'nps';
        """,
    )
    assert observed(check_built().failed) == {
        ("share of a whole", "marts.kpi_values"): "the numerator of csat is above its denominator in 1 rows",
        ("KPI is in the catalogue", "marts.kpi_values"): "nps is not catalogued",
    }


def test_a_kpi_that_is_gone_fails_unless_it_is_allowed(built: Path, check_built: Door) -> None:
    """Published last, and now without a row."""
    change(built, "delete from marts.kpi_values where kpi = 'nps'")
    gone = {("KPI gone missing", "marts.kpi_values"): "nps has 0 rows"}
    assert observed(check_built().failed) == gone
    report = check_built(allow_missing_kpis=True)
    assert not report.failed
    assert observed(report.warnings) == gone


def test_contacts_that_were_lost_doubled_or_moved_fail(built: Path, check_built: Door) -> None:
    """Days are those of the contact's first leg, in UTC."""
    change(
        built,
        """
        delete from marts.fct_contacts where started_at < '2024-01-02';
        delete from marts.fct_contacts where contact_id = 'c3-1';
        insert into marts.fct_contacts values ('new', 'acd', 'inbound', '2024-01-06');
        update marts.fct_contacts set started_at = '2024-01-07 23:59:59' where contact_id = 'c7-1';
        """,
    )
    failed = only(check_built().failed)
    assert (failed.name, failed.table) == ("contacts of each day", "marts.fct_contacts")
    assert failed.observed == (
        "on 2024-01-01 10 were landed and 0 built, on 2024-01-04 10 were landed and 9 built, "
        "on 2024-01-06 10 were landed and 11 built, on 2024-01-07 10 were landed and 11 built, "
        "on 2024-01-08 10 were landed and 9 built"
    )


def test_empty_key_tables_fail(built: Path, check_built: Door) -> None:
    """But only where there is something to fill them; a first run misses no KPI."""
    change(built, "delete from marts.dim_dates; delete from marts.dim_channels; delete from marts.kpi_values")
    report = check_built(published_database=None)
    assert observed(report.failed) == {
        ("key tables", "marts.dim_channels"): "0 rows",
        ("key tables", "marts.dim_dates"): "0 rows",
        ("key tables", "marts.kpi_values"): "0 rows",
    }
    change(built, "delete from intermediate.int_contact_legs__unioned; delete from marts.fct_contacts")
    assert not check_built(published_database=None).failed


def test_an_unusual_day_is_a_warning(built: Path, check_built: Door) -> None:
    """The newest final day of the organization, if kpi_exceptions has it; other days and levels are no news."""
    change(
        built,
        """
        update marts.kpi_values set value = 0.7 where kpi = 'fcr_24h' and period_start = '2024-02-08';
        update marts.kpi_values set is_final = false where kpi = 'fcr_24h' and period_start = '2024-02-09';
        insert into marts.kpi_exceptions
        select kpi, level, 'all', day, 0.7, 0.7625, 0.75, 0.775, 'p_prime_below_lower_limit'
        from (values
            ('fcr_24h', 'organization', date '2024-02-08'),
            ('fcr_24h', 'organization', date '2024-02-09'),
            ('csat', 'organization', date '2024-02-08'),
            ('csat', 'client', date '2024-02-09')
        ) as exceptions(kpi, level, day);
        """,
    )
    report = check_built()
    assert not report.failed
    assert observed(report.warnings) == {
        ("anomaly", "marts.kpi_values"): "fcr_24h was 0.7 on 2024-02-08, usual is 0.7625"
    }


def test_a_check_that_can_not_be_computed_is_named(built: Path, check_built: Door) -> None:
    """A column that a check reads is gone, or the whole measure."""
    check_built()
    change(built, "alter table intermediate.int_checks__kpis drop column rows_without_number")
    with pytest.raises(RunnerError, match=r"KPI is a number could not be computed.*rows_without_number"):
        check_built(is_measured=True)
    change(built, "drop table intermediate.int_checks__kpis")
    with pytest.raises(RunnerError, match=r"check of kpis could not be computed.*int_checks__kpis"):
        check_built(is_measured=True)
