"""Zendesk's tickets: situations worked by hand, and the small tables of ../shared as a connector landed them."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from conftest import PROJECT, Run, run_ccw, shared
from zendesk_situations import Situation, read_situations, write_exports, write_pages

from pipelines.landing import land
from pipelines.landing.declarations import load_declarations

SITUATIONS = read_situations(PROJECT / "tests" / "fixtures" / "zendesk" / "situations.txt")

LEGS = """
    select contact_id, leg_number, direction, queue_id, agent_id, started_at, answered_at, ended_at, end_reason
    from intermediate.int_zendesk__contact_legs
"""
CASES = """
    select case_id, opened_at, first_response_at, closed_at, reopened_count
    from intermediate.int_zendesk__cases
"""
SURVEYS = """
    select survey_id, agent_id, sent_at, responded_at, csat_score from intermediate.int_zendesk__contact_surveys
"""
SPENT = """
    select contact_id, leg_number, initiation, enqueued_at, ring_seconds, talk_seconds, hold_seconds, acw_seconds
    from intermediate.int_zendesk__call_legs
"""
KPIS = """
    select kpi, level_id, numerator, denominator
    from marts.kpi_values
    where level = 'reason' and period_grain = 'month' and period_start = date '2026-03-01'
"""

# What the centre lists itself goes before what Zendesk says.
LISTED = {
    "reference/queues.csv": "queue_id,queue_name,service_level_seconds\nsupport,Help desk,3600\n",
    "wfm/agents.csv": "agent_id,agent_name,team_id,effective_from,updated_at\n"
    "ann,Ann of the north,north,2026-01-01T00:00:00Z,2026-01-01T00:00:00Z\n",
    "crm/customers.csv": "customer_id,segment,updated_at\nc01,gold,2026-01-01T00:00:00Z\n",
}

Rows = dict[str, list[tuple[object, ...]]]


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """All situations, landed and published."""
    folder = tmp_path_factory.mktemp("zendesk")
    write_exports(SITUATIONS, folder / "mine" / "zendesk")
    for name, text in LISTED.items():
        (folder / "mine" / name).parent.mkdir(exist_ok=True)
        (folder / "mine" / name).write_text(text, encoding="utf-8")
    outcome = run_ccw(folder, "run", "--extracts", "mine", "--as-of", "2026-04-20T00:00:00Z", "--no-report")
    assert outcome.returncode == 0, outcome.stderr
    return Run(folder, outcome)


def found_in(run: Run) -> dict[str, Rows]:
    """What became of each ticket and call: legs, cases and surveys by the number of their situation."""
    by_situation: dict[str, Rows] = {}
    for name, sql in {"legs": LEGS, "cases": CASES, "surveys": SURVEYS, "spent": SPENT}.items():
        rows: Rows = {}
        for row in run.query(sql, run.warehouse):
            ticket = str(row[0]).removeprefix("call-").partition("-")[0]
            rows.setdefault(ticket[:-2].zfill(2), []).append(row)
        by_situation[name] = rows
    return by_situation


def kpis_of(run: Run) -> dict[tuple[str, str], str]:
    """Numerator and denominator of each KPI of each situation."""
    return {
        (str(kpi), str(reason)): f"{numerator:f}".split(".")[0] + "/" + f"{denominator:f}".split(".")[0]
        for kpi, reason, numerator, denominator in run.query(KPIS)
    }


@pytest.fixture(scope="module")
def found(landed: Run) -> dict[str, Rows]:
    """What became of each ticket of the connectors' tables."""
    return found_in(landed)


@pytest.fixture(scope="module")
def kpis(landed: Run) -> dict[tuple[str, str], str]:
    """The KPIs of the connectors' tables."""
    return kpis_of(landed)


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: f"{situation.number} {situation.title}")
def test_a_ticket_becomes_what_was_worked_out_by_hand(
    situation: Situation, found: dict[str, Rows], kpis: dict[tuple[str, str], str]
) -> None:
    hold_against(situation, found, kpis)


def hold_against(situation: Situation, found: dict[str, Rows], kpis: dict[tuple[str, str], str]) -> None:
    """Hold what was found of a situation against what was worked out by hand."""
    number = situation.number
    assert sorted(found["legs"].get(number, []), key=str) == sorted(situation.legs, key=str)
    assert sorted(found["cases"].get(number, []), key=str) == sorted(situation.cases, key=str)
    assert sorted(found["surveys"].get(number, []), key=str) == sorted(situation.surveys, key=str)
    assert sorted(found["spent"].get(number, []), key=str) == sorted(situation.spent, key=str)
    assert {kpi: kpis.get((kpi, situation.reason), "none") for kpi in situation.kpis} == situation.kpis


PAGES = [situation for situation in SITUATIONS if not situation.is_airbyte]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The situations as pages of Zendesk's incremental export, landed and published."""
    folder = tmp_path_factory.mktemp("zendesk_pages")
    write_pages(PAGES, folder / "mine" / "zendesk")
    outcome = run_ccw(folder, "run", "--extracts", "mine", "--as-of", "2026-04-20T00:00:00Z", "--no-report")
    assert outcome.returncode == 0, outcome.stderr
    return Run(folder, outcome)


@pytest.fixture(scope="module")
def found_in_pages(exported: Run) -> dict[str, Rows]:
    """What became of each ticket of the pages."""
    return found_in(exported)


@pytest.fixture(scope="module")
def kpis_of_pages(exported: Run) -> dict[tuple[str, str], str]:
    """The KPIs of the pages."""
    return kpis_of(exported)


@pytest.mark.parametrize("situation", PAGES, ids=lambda situation: f"{situation.number} {situation.title}")
def test_a_ticket_of_the_export_api_becomes_the_same(
    situation: Situation, found_in_pages: dict[str, Rows], kpis_of_pages: dict[tuple[str, str], str]
) -> None:
    hold_against(situation, found_in_pages, kpis_of_pages)


def test_every_record_of_a_page_is_loaded_and_no_text_of_a_comment_lands(exported: Run) -> None:
    sql = "select count(distinct path), sum(rejected) from ops.landed_files where path like 'zendesk/%'"
    assert exported.query(sql, exported.warehouse) == [(21, 0)]
    sql = "select count(*), count(*) filter (child_events like '%not read%') from raw.zendesk__ticket_events"
    ((updates, with_text),) = exported.query(sql, exported.warehouse)
    assert int(str(updates)) > len(PAGES)
    assert with_text == 0


def test_no_text_is_kept_of_a_rejected_row(tmp_path: Path) -> None:
    """Of a ticket, a comment and an update, each of which lacks when it was made."""
    folder = tmp_path / "zendesk"
    folder.mkdir()
    ticket = {"id": 1, "requester_id": 2, "status": "open", "created_at": "", "updated_at": "", "subject": "a secret"}
    (folder / "tickets.json").write_text(json.dumps({"tickets": [ticket]}), encoding="utf-8")
    (folder / "ticket_comment.csv").write_text("id,ticket_id,created,body\n1,1,,a secret\n", encoding="utf-8")
    update = {"id": 1, "ticket_id": 1, "child_events": [{"id": 2, "event_type": "Comment", "body": "a secret"}]}
    (folder / "ticket_events.json").write_text(json.dumps({"ticket_events": [update]}), encoding="utf-8")
    with duckdb.connect() as connection:
        land(connection, tmp_path, load_declarations(PROJECT), run_id="run", now=datetime(2026, 4, 1, tzinfo=UTC))
        kept = connection.execute("select * from ops.rejected_rows order by path").fetchall()
    assert len(kept) == 3
    assert "a secret" not in str(kept)


def test_what_customers_wrote_to_newer_surveys_stays_in_the_warehouse(landed: Run, exported: Run) -> None:
    """Like comments of ratings: beside the score, in the connector's tables and in Zendesk's own answers."""
    sql = "select comment from intermediate.int_zendesk__contact_surveys where survey_id = '8501-1'"
    for run in (landed, exported):
        assert run.query(sql, run.warehouse) == [("quick and friendly",)]


def test_calls_are_voice_contacts_of_their_customers(landed: Run, exported: Run) -> None:
    """Fivetran's tables name no customer of a call, so one without a ticket is nobody's there; Zendesk's pages do."""
    sql = """
        select contact_id, channel, identity_method from marts.fct_contacts
        where contact_id in ('6501-1', 'call-6901')
        order by 1
    """
    assert landed.query(sql) == [("6501-1", "voice", "customer_id"), ("call-6901", "voice", "none")]
    assert exported.query(sql) == [("6501-1", "voice", "customer_id"), ("call-6901", "voice", "customer_id")]


def test_there_are_many_situations() -> None:
    assert len({situation.number for situation in SITUATIONS}) == len(SITUATIONS) >= 90


def test_first_replies_in_business_hours_are_as_worked_out_by_hand(landed: Run) -> None:
    sql = "select ticket_id, reply_seconds, reply_business_seconds from intermediate.int_zendesk__first_replies"
    found = landed.query(sql, landed.warehouse)
    expected = [reply for situation in SITUATIONS for reply in situation.replies]
    assert len(expected) == len(set(expected) & set(found)) == 4


def test_the_kpi_of_business_hours_is_of_the_same_tickets_as_that_of_all_hours(
    landed: Run, kpis: dict[tuple[str, str], str], kpis_of_pages: dict[tuple[str, str], str]
) -> None:
    """All of them have the office's schedule; none is left that an agent opened. Pages have no schedules."""
    in_all, in_business_hours = (
        {reason: value.split("/")[1] for (kpi, reason), value in kpis.items() if kpi == name}
        for name in ("first_response_seconds", "first_response_business_seconds")
    )
    assert in_all == in_business_hours
    assert len(in_all) > 40
    sums = "select case_id, first_response_business_seconds from marts.fct_cases where case_id in ('2901', '6201')"
    assert sorted(landed.query(sums)) == [("2901", None), ("6201", 2400)]
    assert "first_response_business_seconds" not in {kpi for kpi, _ in kpis_of_pages}


def test_files_of_both_connectors_land_and_others_are_named(landed: Run) -> None:
    sql = "select path, rejected from ops.landed_files where path like 'zendesk/%'"
    ledger = landed.query(sql, landed.warehouse)
    assert {rejected for _, rejected in ledger} == {0}
    assert {Path(str(path)).parts[1].split(".")[0] for path, _ in ledger} == {
        *("group", "organization", "satisfaction_ratings", "ticket", "ticket_comment", "ticket_comments"),
        *("ticket_field_history", "ticket_metric_events", "tickets", "user", "users"),
        *("schedule", "schedule_holiday", "ticket_schedule", "time_zone", "daylight_time"),
        *("call_metric", "call_leg", "calls", "call_legs"),
        *("ticket_csat_survey", "csat_survey_answer", "csat_survey_question"),
    }
    assert "zendesk/brand.csv was left out: the warehouse reads nothing from this file" in landed.outcome.stderr


def test_groups_agents_and_customers_are_known_and_those_that_are_listed_are_as_listed(landed: Run) -> None:
    queues = "select queue_id, queue_name, service_level_seconds from marts.dim_queues where is_listed = 1 order by 1"
    assert landed.query(queues) == [("billing", "Billing", 20), ("support", "Help desk", 3600)]
    agents = """
        select agent_id, agent_name, team_id, cast(valid_from as date) from marts.dim_agents
        where is_listed = 1 and agent_id in ('ann', 'bob')
        order by agent_id, valid_from
    """
    assert [(*row[:3], str(row[3])) for row in landed.query(agents)] == [
        ("ann", "User ann", "unknown", "1900-01-01"),
        ("ann", "Ann of the north", "north", "2026-01-01"),
        ("bob", "User bob", "unknown", "1900-01-01"),
    ]
    customers = """
        select customer_id, segment from intermediate.int_customers__unioned
        where customer_id in ('c01', 'c02')
        order by customer_id
    """
    assert landed.query(customers, landed.warehouse) == [("c01", "gold"), ("c02", None)]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The tables of ../shared, dropped as they are."""
    folder = tmp_path_factory.mktemp("zendesk_sample")
    (folder / "mine").mkdir()
    shutil.copytree(shared("data/zendesk"), folder / "mine" / "zendesk")
    outcome = run_ccw(folder, "run", "--extracts", "mine", "--no-report")
    assert outcome.returncode == 0, outcome.stderr
    return Run(folder, outcome)


def test_every_line_of_the_sample_is_loaded(sample: Run) -> None:
    """Ten tickets, twenty comments, 38 changes of fields, users, groups and schedules; two tables are not read."""
    assert sample.query("select path, loaded, rejected from ops.landed_files order by path", sample.warehouse) == [
        ("zendesk/group_data.csv", 8, 0),
        ("zendesk/schedule_data.csv", 5, 0),
        ("zendesk/ticket_comment_data.csv", 20, 0),
        ("zendesk/ticket_data.csv", 10, 0),
        ("zendesk/ticket_field_history_data.csv", 38, 0),
        ("zendesk/ticket_schedule_data.csv", 10, 0),
        ("zendesk/user_data.csv", 10, 0),
    ]
    assert sample.outcome.stderr.count("was left out: the warehouse reads nothing from this file") == 2


def test_the_sample_has_eight_contacts(sample: Run) -> None:
    """Of ten tickets two are deleted, and none of the comments is of one of them, so nobody answered.

    Only of 11071 the history says when it was solved; 1967, which was merged into 1966, is not in the sample.
    """
    assert sample.query("select count(*), sum(is_handled) from marts.fct_contacts") == [(8, 0)]
    legs = sample.query(f"{LEGS} where ended_at is not null", sample.warehouse)
    assert [(row[0], str(row[5]), str(row[7]), row[8]) for row in legs] == [
        ("11071-1", "2020-08-28 18:06:36", "2020-11-14 11:01:27", "completed")
    ]
    cases = sample.query(f"{CASES} where reopened_count is not null", sample.warehouse)
    assert [(row[0], str(row[3]), row[4]) for row in cases] == [("11071", "2020-11-14 11:01:27", 0)]
    assert sample.query("select count(*) from marts.fct_cases where is_closed = 1") == [(8,)]


def test_the_sample_tells_how_long_one_requester_waited(sample: Run) -> None:
    """Of the 78 days less 25,509 s of ticket 11071: 60,891 s of the first day, and 49 days open or on hold."""
    waits = "select case_id, requester_wait_seconds, reply_count from marts.fct_cases where requester_wait_seconds > 0"
    assert sample.query(waits) == [("11071", 60_891 + 49 * 86_400, None)]
    resolved = "select resolution_seconds from marts.fct_closed_cases where case_id = '11071'"
    assert sample.query(resolved) == [(78 * 86_400 - 25_509,)]
