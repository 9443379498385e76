"""The main job on the demo: what a newcomer gets from `make run`."""

import csv
import hashlib
import hmac
import json
import re
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from conftest import DEMO, PROJECT, Run, run_ccw, run_dbt
from reference import every_kpi, tables
from reference.contacts import contacts_of_extracts
from reference.extracts import Extracts, read_extracts
from reference_support import WINDOWS, differing_kpi_values, exchange_rates

from pipelines.settings import DEMO_KEY
from pipelines.warehouse import connect


@pytest.fixture(scope="module")
def extracts() -> Extracts:
    """The demo extracts, read by the second computation."""
    return read_extracts(DEMO)


@pytest.fixture(scope="module")
def as_of(demo: Run) -> datetime:
    """The instant that the build took for now."""
    found = demo.query("select as_of from intermediate.int_run__as_of", demo.warehouse)[0][0]
    assert isinstance(found, datetime)
    return found.replace(tzinfo=UTC)


def test_the_run_says_whose_key_it_uses(demo: Run) -> None:
    """The demo's secret protects nobody, so nobody may take it for one that does."""
    assert "demo's built-in secret" in demo.outcome.stderr


def test_every_line_is_loaded_or_rejected(demo: Run) -> None:
    """Of every file of the demo."""
    ledger = demo.query("select path, lines, loaded, rejected from ops.landed_files", demo.warehouse)
    assert {str(path) for path, *_ in ledger} == {str(file.relative_to(DEMO)) for file in DEMO.glob("*/*.csv")}
    assert all(lines == loaded + rejected for _, lines, loaded, rejected in ledger)  # type: ignore[operator]


def test_now_is_the_newest_event_of_the_legs(extracts: Extracts, as_of: datetime) -> None:
    """Not of a fresher file of another source."""
    assert as_of == extracts.newest_event()


def test_kpi_values_agree_with_a_second_computation(demo: Run, extracts: Extracts, as_of: datetime) -> None:
    """Plain Python over the extracts: every KPI, at all levels and grains, numerators and denominators."""
    kpis = {kpi for kpi, *_ in every_kpi.kpi_values(extracts, as_of, exchange_rates(), WINDOWS)}
    assert kpis == {kpi for (kpi,) in demo.query("select kpi from marts.kpi_catalog")}
    assert not differing_kpi_values(demo.query, extracts, as_of)


def test_repeat_contacts_by_day_agree_with_a_second_computation(demo: Run, extracts: Extracts) -> None:
    """Heads, and repeats by days since the head."""
    expected = {
        tuple(str(part) for part in key): value
        for key, value in tables.repeat_contacts_by_day(contacts_of_extracts(extracts)).items()
    }
    actual = {
        tuple(str(part) for part in row[:4]): row[4:]
        for row in demo.query("""
            select date_day, channel, queue_id, reason_code, contacts_n, contacts_n_1, contacts_n_2, contacts_n_3,
                contacts_n_4, contacts_n_5, contacts_n_6, contacts_n_7
            from marts.repeat_contacts_by_day
        """)
    }
    assert actual == expected


def test_the_window_curve_agrees_with_a_second_computation(demo: Run, extracts: Extracts) -> None:
    """Repeats per hour of gap, and the share that a window catches."""
    expected = tables.fcr_window_curve(contacts_of_extracts(extracts))
    actual = {
        (channel, hour): (repeats, share)
        for channel, hour, repeats, share in demo.query(
            "select channel, gap_hours, repeats, cumulative_share from marts.fcr_window_curve"
        )
    }
    assert actual.keys() == expected.keys()
    for key, point in expected.items():
        share = point.cumulative_share
        assert actual[key][0] == point.repeats
        assert actual[key][1] == (None if share is None else pytest.approx(float(share), abs=1e-12))


def test_repeat_chains_agree_with_a_second_computation(demo: Run, extracts: Extracts) -> None:
    """First and last contact and the number of contacts of every chain."""
    expected = {
        (
            chain_id,
            chain.contact_ids[0],
            chain.contact_ids[-1],
            len(chain.contact_ids),
            chain.first_agent_id or "unknown",
        )
        for chain_id, chain in tables.repeat_chains(contacts_of_extracts(extracts), WINDOWS).items()
    }
    actual = set(
        demo.query(
            "select chain_id, first_contact_id, last_contact_id, contacts, first_agent_id from marts.repeat_chains"
        )
    )
    assert actual == expected


def test_agents_and_queues_agree_on_who_is_on_contact(demo: Run) -> None:
    """Of the demo some agents are on contact as it ends, one of them since the last second."""
    by_status = demo.query("select agent_id, as_of from marts.agent_status where state = 'on_contact' order by 1")
    by_queue = "select distinct agent_id from intermediate.int_live__agents_on_contact order by 1"
    assert [agent for agent, _ in by_status] == [agent for (agent,) in demo.query(by_queue, demo.warehouse)]
    assert by_status
    counted = demo.query("select sum(agents_on_contact) from marts.queue_status")[0][0]
    assert counted == len(by_status)  # each for one queue


def test_what_is_published_is_described_and_counted(demo: Run) -> None:
    """The manifest counts the rows, and every table and column has its description as a comment."""
    manifest = json.loads((demo.published / "current" / "manifest.json").read_text())
    assert manifest["tables"]["kpi_values"]["rows"] == demo.query("select count(*) from marts.kpi_values")[0][0]
    assert demo.query("select table_name from duckdb_tables() where schema_name = 'marts' and comment is null") == []
    assert demo.query("select column_name from duckdb_columns() where schema_name = 'marts' and comment is null") == []
    assert demo.query("select distinct table_schema from information_schema.tables") == [("marts",)]


def test_parquet_has_the_same_rows(demo: Run) -> None:
    """All of each table, the days of agents too, as the manifest counts them."""
    manifest = json.loads((demo.published / "current" / "manifest.json").read_text())
    for (table,) in demo.query("select table_name from duckdb_tables() where schema_name = 'marts'"):
        files = demo.published / "current" / "parquet" / str(table) / "**" / "*.parquet"
        parquet = f"read_parquet('{files}', hive_partitioning = false)"
        difference = f"""
            select count(*) from (
                (select * from marts.{table} except all select * from {parquet})
                union all
                (select * from {parquet} except all select * from marts.{table})
            )
        """
        assert demo.query(difference) == [(0,)], table
        counted = manifest["tables"][str(table)]
        assert demo.query(f"select count(*) from {parquet}") == [(counted["rows"],)], table
        assert sum(file["rows"] for file in counted["files"]) == counted["rows"], table


PERSONAL = re.compile(r"[\w.+-]+@[\w-]+\.\w+|(?<![\w.-])\+?\d[\d ()/.-]{7,}\d(?![\w-])")
A_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2})?)?")


def test_nothing_personal_is_published(demo: Run) -> None:
    """No column that is tagged as personal, and no text that looks like a phone number or an e-mail address."""
    manifest = json.loads((demo.folder / "var" / "dbt" / "target" / "manifest.json").read_text())
    published = [
        node for node in manifest["nodes"].values() if node["resource_type"] == "model" and node["schema"] == "marts"
    ]
    tagged = {
        column["name"]
        for declared in [*manifest["sources"].values(), *manifest["nodes"].values()]
        for column in declared["columns"].values()
        if column["config"]["meta"].get("personal")
    }
    assert {"customer_id", "customer_address", "account_number", "phone", "email", "comment"} <= tagged
    assert not [(node["name"], name) for node in published for name in node["columns"] if name in tagged]
    for table, column in demo.query(
        "select table_name, column_name from duckdb_columns() where schema_name = 'marts' and data_type = 'VARCHAR'"
    ):
        values = [str(value) for (value,) in demo.query(f'select distinct "{column}" from marts.{table}') if value]
        suspicious = [value for value in values if PERSONAL.search(A_DATE.sub("", value))]
        assert suspicious == [], (table, column)


def test_comments_name_nobody(demo: Run) -> None:
    """What the simulated customers add of themselves is in no published comment, and what many wrote is."""
    extract = PROJECT / "seeds" / "extracts" / "survey" / "contact_surveys.csv"
    written = demo.query(f"select comment from read_csv('{extract}') where comment is not null")
    shown = [str(comment) for (comment,) in demo.query("select comment_redacted from marts.survey_comments") if comment]
    told = ("Maria Silva", "O'Brien", "Popescu", "Andreea", "Rua das Flores", "j.doe@example.com", "0555 010 199")
    for name in told:
        assert any(name in str(comment) for (comment,) in written), name
    words = {word.lower() for comment in shown for word in re.findall(r"[\w'@-]+", comment)}
    assert not words & {part.lower() for name in told for part in re.findall(r"[\w'@-]+", name)}
    assert not re.search(r"\d|@", " ".join(shown))
    assert "Quick and friendly, thank you." in shown
    assert {"agent", "solved", "again"} <= words


def test_the_secret_stands_in_no_compiled_sql(demo: Run) -> None:
    """Nor in anything else that dbt wrote."""
    written = [
        file for file in (demo.folder / "var" / "dbt").rglob("*") if file.is_file() and file.suffix != ".msgpack"
    ]
    assert written
    assert not [file for file in written if "protects nobody" in file.read_text(errors="ignore")]


def test_a_customer_has_the_key_that_hmac_gives(demo: Run) -> None:
    """HMAC-SHA256 of Python's own library under the demo's secret."""
    customer, key = demo.query(
        """
        select legs.customer_id, contacts.customer_key
        from intermediate.int_contacts__from_legs as legs
        inner join marts.fct_contacts as contacts on legs.contact_id = contacts.contact_id
        where legs.customer_id is not null limit 1
        """,
        demo.warehouse,
    )[0]
    assert key == hmac.new(DEMO_KEY.encode(), f"customer {customer}".encode(), hashlib.sha256).hexdigest()[:32]


@pytest.fixture
def copy(demo: Run, tmp_path: Path) -> Run:
    """The demo's run in a folder that a test may change."""
    shutil.copytree(demo.folder / "var", tmp_path / "var", symlinks=True)
    return Run(tmp_path, demo.outcome)


def test_a_run_with_nothing_new_leaves_what_is_published(copy: Run) -> None:
    """Every file is known, settings and key are the same: neither dbt nor the checks are needed to know the result."""
    first = (copy.published / "current").resolve()
    outcome = run_ccw(copy.folder, "run", key=None)
    assert outcome.returncode == 0, outcome.stderr
    assert "0 files landed" in outcome.stderr
    assert f"Nothing new since run {first.name}; what it published stays." in outcome.stderr
    assert (copy.published / "current").resolve() == first
    assert copy.query("select status from ops.runs order by started_at", copy.warehouse) == [
        ("published",),
        ("unchanged",),
    ]


def test_tests_look_at_rows_that_changed(copy: Run) -> None:
    """A row that comes in behind dbt's back fails its test once its key counts as changed, and not before."""

    def failures() -> set[str]:
        outcome = run_dbt("test", copy.warehouse, {"extracts": "landed"}, "--select", "fct_surveys")
        return set(re.findall(r"Failure in test (\w+)", outcome.stdout))

    with connect(copy.warehouse) as connection:
        connection.execute("insert into marts.fct_surveys from (from marts.fct_surveys order by survey_id limit 1)")
    assert failures() == set()
    with connect(copy.warehouse) as connection:
        connection.execute(
            """
            insert into incremental.changes__fct_surveys by name
            select (select max(run) + 1 from incremental.runs) as run, contact_id
            from marts.fct_surveys order by survey_id limit 1
            """
        )
    assert failures() == {"unique_key_fct_surveys_survey_id"}


def test_members_are_tested_in_all_rows(copy: Run) -> None:
    with connect(copy.warehouse) as connection:
        connection.execute(
            "update marts.fct_surveys set channel = 'pigeon'"
            " where survey_id = (select min(survey_id) from marts.fct_surveys)"
        )
    outcome = run_dbt("test", copy.warehouse, {"extracts": "landed"}, "--select", "fct_surveys")
    assert "Got 1 result" in outcome.stdout
    assert re.search(r"Failure in test foreign_keys_fct_surveys", outcome.stdout)


def test_two_ids_of_one_key_stop_the_run(copy: Run) -> None:
    """KEY-4: a new contact with the key of one that was there; the sentence names neither of them."""
    with connect(copy.warehouse) as connection:
        ids = connection.execute(
            "select min(contact_id), max(contact_id) from intermediate.int_contacts__from_legs"
        ).fetchall()[0]
        connection.execute(
            "update intermediate.int_contacts__from_legs set contact_key = 7 where contact_id in ?", [ids]
        )
        connection.execute(
            """
            insert into incremental.changes__int_contacts__from_legs by name
            select (select max(run) + 1 from incremental.runs) as run, contact_id, contact_key
            from intermediate.int_contacts__from_legs where contact_id = ?
            """,
            [ids[0]],
        )
    outcome = run_dbt("test", copy.warehouse, {"extracts": "landed"}, "--select", "int_contacts__from_legs")
    assert outcome.returncode != 0
    said = " ".join(outcome.stdout.split())
    assert "Two values of contact_id in int_contacts__from_legs have one contact_key, 7: give one of the two" in said
    assert not [contact for contact in ids if contact in said]


def test_a_build_of_nothing_new_leaves_incremental_models_unchanged(copy: Run) -> None:
    outcome = run_dbt(
        "run", copy.warehouse, {"extracts": "landed"}, "--select", "config.materialized:incremental_by_key"
    )
    assert outcome.returncode == 0, outcome.stdout
    results = json.loads((copy.warehouse.parent / "target" / "run_results.json").read_text())["results"]
    assert {result["message"] for result in results if result["unique_id"].startswith("model.")} == {"UNCHANGED"}


def test_single_models_by_hand_are_told_how_the_warehouse_was_built(copy: Run, tmp_path: Path) -> None:
    """One sentence with the vars to add, which work; or that the demo's extracts are not there."""
    chosen = ("--select", "stg_acd__contact_legs", "stg_crm__cases")
    outcome = run_dbt("run", copy.warehouse, {}, *chosen)
    assert outcome.returncode == 2
    told = re.search(r"would read the demo's: add --vars '(.+)', with which ccw built it", outcome.stdout)
    assert told, outcome.stdout
    assert run_dbt("run", copy.warehouse, json.loads(told[1]), *chosen).returncode == 0
    outcome = run_dbt("run", tmp_path / "new.duckdb", {}, *chosen)
    assert outcome.returncode == 2
    assert "are not in this warehouse: run `dbt seed` before" in outcome.stdout


def test_a_small_file_builds_and_publishes_only_what_is_made_of_it(copy: Run) -> None:
    """A login a minute after a contact without one: its KPI counts it; all else is left out, but is as of this run."""
    adoption = """
        select numerator from marts.kpi_values
        where kpi = 'self_service_adoption_14d' and level = 'organization' and period_start = '2026-03-01'
            and period_grain = 'month'
    """
    [(account, ended_at)] = copy.query(
        """
        select account_number, ended_at from intermediate.int_self_service__contact_accounts
        where contact_key = (
            select arg_min(contact_key, contact_id) from marts.fct_contact_logins
            where first_login_at is null and is_mature = 1 and date_day between '2026-03-01' and '2026-03-31'
        )
        """,
        copy.warehouse,
    )
    assert isinstance(ended_at, datetime)
    before = float(copy.query(adoption)[0][0])  # type: ignore[arg-type]
    landed = """select landed from marts.data_quality where source = 'crm' and "table" = 'account_logins'"""
    [(landed_before,)] = copy.query(landed)
    file = copy.folder / "extracts" / "crm" / "account_logins.csv"
    file.parent.mkdir(parents=True)
    login = f"a_late_login,{account},{ended_at + timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ},web,false"
    file.write_text(f"login_id,account_number,logged_in_at,platform,is_deleted\n{login}\n")
    outcome = run_ccw(copy.folder, "run", "--extracts", "extracts", key=DEMO_KEY)
    assert outcome.returncode == 0, outcome.stderr
    results = json.loads((copy.folder / "var" / "dbt" / "target" / "run_results.json").read_text())["results"]
    ran = {result["unique_id"].split(".")[2] for result in results}
    assert {"fct_contact_logins", "kpi_values", "data_quality"} < ran
    assert not ran & {"fct_contacts", "fct_surveys", "stg_crm__customers"}
    assert copy.query(adoption) == [(before + 1,)]
    assert copy.query(landed) == [(landed_before + 1,)]  # type: ignore[operator]
    with connect(copy.warehouse, read_only=True) as connection:
        connection.execute(f"attach '{copy.published}/current/contact_centre.duckdb' as published (read_only)")
        for table in json.loads((copy.published / "current" / "manifest.json").read_text())["tables"]:
            built, published = f"from marts.{table}", f"from published.marts.{table}"
            differ = f"(({built}) except all ({published})) union all (({published}) except all ({built}))"
            assert connection.execute(differ).fetchall() == [], table


def test_a_file_of_which_every_row_is_rejected_is_told_of(copy: Run) -> None:
    """Nothing of it is anywhere in the models but in the count of what was rejected."""
    rejected = """select rejected from marts.data_quality where source = 'survey' and "table" = 'contact_surveys'"""
    [(before,)] = copy.query(rejected)
    file = copy.folder / "extracts" / "survey" / "contact_surveys.csv"
    file.parent.mkdir(parents=True)
    with (DEMO / "survey" / "contact_surveys.csv").open(encoding="utf-8", newline="") as lines:
        row = next(csv.DictReader(lines))
    with file.open("w", encoding="utf-8", newline="") as lines:
        table = csv.DictWriter(lines, row)
        table.writeheader()
        table.writerow(row | {"survey_id": "out_of_range", "csat_score": "99"})
    outcome = run_ccw(copy.folder, "run", "--extracts", "extracts", "--max-rejected-share", "1", key=DEMO_KEY)
    assert outcome.returncode == 0, outcome.stderr
    assert copy.query(rejected) == [(before + 1,)]  # type: ignore[operator]


def test_now_moves_though_nothing_landed(copy: Run) -> None:
    """Another `as_of` is a change, of the model that holds it and so of all that depends on it."""
    settings: dict[str, object] = {"extracts": "landed", "as_of": "2031-01-02T03:04:05"}
    outcome = run_dbt("run", copy.warehouse, settings, "--select", "int_run__as_of")
    assert outcome.returncode == 0, outcome.stdout
    assert copy.query("select as_of from intermediate.int_run__as_of", copy.warehouse) == [
        (datetime(2031, 1, 2, 3, 4, 5),)
    ]


# As decimals, whose sum does not depend on the order of rows.
SUMS = "select count(*), sum(numerator::decimal(38, 6)), sum(denominator::decimal(38, 6)) from marts.kpi_values"


def test_a_full_refresh_publishes_the_same(copy: Run) -> None:
    """Row for row, though under another run."""
    before = copy.query(SUMS)
    first = (copy.published / "current").resolve()
    outcome = run_ccw(copy.folder, "run", "--full-refresh", key=None)
    assert outcome.returncode == 0, outcome.stderr
    assert (copy.published / "current").resolve() != first
    assert "check: unchanged: nothing has landed since the last check" in outcome.stderr
    assert copy.query(SUMS) == before


def test_kpi_prints_value_definition_and_rows(demo: Run) -> None:
    """The number, what it means, and the rows that sum to it."""
    numerator, denominator = demo.query("""
        select numerator, denominator from marts.kpi_values
        where kpi = 'fcr_24h' and level = 'channel' and level_id = 'sms'
            and period_grain = 'month' and period_start = '2026-03-01'
    """)[0]
    values = run_ccw(demo.folder, "kpi", "fcr_24h", "--by", "channel", "--since", "2026-03-01", "--until", "2026-03-01")
    assert values.returncode == 0, values.stderr
    assert re.search(rf"sms .* {numerator:.0f} .* {denominator:.0f} ", values.stdout)
    listed = run_ccw(demo.folder, "kpi", "--list").stdout
    assert all(f" {kpi} " in listed for (kpi,) in demo.query("select kpi from marts.kpi_catalog"))
    explained = run_ccw(demo.folder, "kpi", "fcr_24h", "--explain")
    assert "First-contact resolution, 24 h" in explained.stdout
    rows = run_ccw(
        demo.folder, "kpi", "fcr_24h", "--by", "channel", "--member", "sms", "--since", "2026-03-01", "--rows"
    )
    assert f"Sum: {numerator:.0f} / {denominator:.0f}; published: {numerator:.0f} / {denominator:.0f}" in rows.stdout
    assert rows.stdout.count("2026-03-") - 1 == denominator


@pytest.mark.parametrize(
    ("kpi", "options"),
    [
        ("channel_mix", ("--by", "channel", "--member", "voice")),
        ("contact_type_mix", ("--by", "reason", "--member", "uncoded")),
        ("backlog_open_cases", ("--grain", "month")),
        ("cost_per_contact", ("--by", "client", "--member", "willow")),
        ("net_sales_per_hour", ("--by", "site", "--member", "albany")),
    ],
)
def test_the_rows_behind_a_number_sum_to_it(demo: Run, kpi: str, options: tuple[str, ...]) -> None:
    """Of shares of a total, of the last day's balance, and of two facts."""
    rows = run_ccw(demo.folder, "kpi", kpi, *options, "--since", "2026-03-01", "--rows")
    assert rows.returncode == 0, rows.stderr
    summed, published = rows.stdout.splitlines()[-1].removeprefix("Sum: ").split("; published: ")
    assert summed == published


def test_kpi_says_what_it_can_not_answer(demo: Run) -> None:
    """An unknown KPI, a level that it is not reported at, a period without a value."""
    for arguments, message in (
        (["fcr_25h"], "There is no KPI fcr_25h; did you mean fcr_"),
        ([], "Name a KPI"),
        (["ocr_24h", "--by", "agent"], "ocr_24h is not reported by agent, but by organization, client, site, channel"),
        (["fcr_24h", "--since", "2031-01-01"], "has no value"),
        (["fcr_24h", "--rows"], "--rows needs one number"),
    ):
        outcome = run_ccw(demo.folder, "kpi", *arguments)
        assert outcome.returncode == 2
        assert message in outcome.stderr


def test_status_shows_runs_files_and_rejects(demo: Run) -> None:
    """The last runs with their steps, and what has landed."""
    outcome = run_ccw(demo.folder, "status")
    assert outcome.returncode == 0, outcome.stderr
    for part in ("published", "land ", "build ", "acd.contact_legs", "Rejected rows: none"):
        assert part in outcome.stdout


def test_every_day_of_the_demo_has_contacts(demo: Run) -> None:
    """Ten weeks, both clock changes among them."""
    first, last, days = demo.query(
        "select min(date_day), max(date_day), count(distinct date_day) from marts.fct_contacts"
    )[0]
    assert isinstance(first, date)
    assert isinstance(last, date)
    assert first < date(2026, 3, 8) < date(2026, 3, 29) < last
    assert days == (last - first).days + 1
