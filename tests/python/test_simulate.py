"""The simulator: the same extracts every time, legal ones, with the stories that the KPIs are about."""

from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from pipelines.errors import UsageError
from simulator import simulate

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "seeds" / "extracts"
CONTACTS, DAYS, SEED = 5000, 70, 7
LINES = yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]["sources"]
TYPES = {
    "text": "varchar",
    "integer": "bigint",
    "number": "decimal(18,6)",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
}

Declaration = dict[str, Any]


def declared() -> dict[str, Declaration]:
    """Return what is declared of each table in the warehouse's own format, by <source>/<table>."""
    tables: dict[str, Declaration] = {}
    for path in sorted(ROOT.glob("models/staging/*/_*__sources.yml")):
        for source in yaml.safe_load(path.read_text(encoding="utf-8"))["sources"]:
            if "records" not in LINES[source["name"]]:
                tables |= {f"{source['name']}/{table['name']}": table for table in source["tables"]}
    return tables


DECLARED = declared()


def types_of(table: str) -> dict[str, str]:
    """Return the DuckDB type of each column of a table, in the order of the file."""
    columns = DECLARED[table]["columns"]
    return {column["name"]: TYPES[column["data_type"]] for column in columns} | {"is_deleted": "boolean"}


def read_csv(path: Path, table: str) -> str:
    """Return the SQL that reads a CSV extract in the declared types and nothing else."""
    return (
        f"read_csv('{path}', header = true, columns = {types_of(table)},"
        " timestampformat = '%Y-%m-%dT%H:%M:%SZ', nullstr = '')"
    )


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the demo, freshly simulated."""
    out = tmp_path_factory.mktemp("demo")
    simulate(CONTACTS, DAYS, SEED, out)
    return out


@pytest.fixture(scope="session")
def extracts(demo: Path) -> duckdb.DuckDBPyConnection:
    """Return a database with the demo's tables, in the declared types, and truth_contacts."""
    connection = duckdb.connect()
    for table in DECLARED:
        name = table.split("/")[1]
        connection.execute(f"create table {name} as select * from {read_csv(demo / f'{table}.csv', table)}")
    for table in ("contacts", "put_together"):
        connection.execute(f"create table truth_{table} as select * from '{demo}/truth/{table}.csv'")
    connection.execute(
        "create view legs as select * from contact_legs where not is_deleted"
        " qualify row_number() over (partition by contact_id, leg_number order by updated_at desc) = 1"
    )
    connection.execute(
        "create view states as select * from agent_states"
        " qualify row_number() over (partition by agent_id, started_at order by updated_at desc) = 1"
    )
    return connection


def count(extracts: duckdb.DuckDBPyConnection, relation: str) -> int:
    """Return the number of rows of a FROM clause."""
    row = extracts.execute(f"select count(*) from {relation}").fetchone()
    assert row is not None
    return int(row[0])


def files(folder: Path) -> dict[str, bytes]:
    """Return the CSV files below a folder, by their relative path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.csv"))}


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    """Two runs write the same CSV files, and another seed writes others."""
    for run, seed in (("one", 3), ("two", 3), ("other", 4)):
        simulate(200, 8, seed, tmp_path / run)
    assert files(tmp_path / "one") == files(tmp_path / "two")
    legs = "acd/contact_legs.csv"
    assert files(tmp_path / "one")[legs] != files(tmp_path / "other")[legs]


def test_csv_and_parquet_hold_the_same_in_the_declared_types(tmp_path: Path) -> None:
    """Both formats hold the same rows; Parquet has the types that the sources YAML declares."""
    simulate(300, 8, 3, tmp_path / "csv")
    simulate(300, 8, 3, tmp_path / "parquet", "parquet")
    with duckdb.connect() as connection:
        for table in DECLARED:
            parquet = f"'{tmp_path}/parquet/{table}.parquet'"
            described = connection.execute(f"describe select * from {parquet}").fetchall()
            assert {column: kind.lower() for column, kind, *_ in described} == types_of(table)
            csv = read_csv(tmp_path / "csv" / f"{table}.csv", table)
            for one, other in ((csv, parquet), (parquet, csv)):
                extra = f"(select * from {one} except all select * from {other})"
                assert connection.execute(f"select count(*) from {extra}").fetchone() == (0,), table


def test_the_committed_demo_is_what_the_simulator_writes(demo: Path) -> None:
    """The demo extracts are a simulation with nothing changed, under 8 MB."""
    simulated = {name: content for name, content in files(demo).items() if not name.startswith("truth/")}
    committed = files(COMMITTED)
    assert sorted(committed) == sorted(simulated) == sorted(f"{table}.csv" for table in DECLARED)
    changed = [name for name, content in simulated.items() if committed[name] != content]
    assert not changed, "simulate 5000 contacts of 70 days with seed 7 and copy all but truth to seeds/extracts"
    assert sum(map(len, committed.values())) < 8_000_000


@pytest.mark.parametrize("arguments", [(1, 1, 0), (60, 100, 2)])
def test_any_size_can_be_simulated(arguments: tuple[int, int, int], tmp_path: Path) -> None:
    """A single contact and a long period work; the number of contacts is exact."""
    simulate(*arguments, tmp_path / "out")
    with duckdb.connect() as connection:
        for table in DECLARED:
            path = tmp_path / "out" / f"{table}.csv"
            assert list(types_of(table)) == path.read_text(encoding="utf-8").splitlines()[0].split(",")
            connection.execute(f"select * from {read_csv(path, table)}").fetchall()
        legs = read_csv(tmp_path / "out" / "acd" / "contact_legs.csv", "acd/contact_legs")
        contacts = connection.execute(f"select count(distinct contact_id) from {legs}").fetchone()
    assert contacts == (arguments[0],)


@pytest.mark.parametrize("table", DECLARED)
def test_every_value_is_legal(table: str, demo: Path, extracts: duckdb.DuckDBPyConnection) -> None:
    """Columns, required values, lists, ranges, order of instants and versions are as declared."""
    name, declaration = table.split("/")[1], DECLARED[table]
    header = (demo / f"{table}.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    assert header == list(types_of(table))
    assert count(extracts, name) > 0
    for column in declaration["columns"]:
        rules = column.get("config", {}).get("meta", {})
        value, illegal = column["name"], []
        if rules.get("required"):
            illegal.append(f"{value} is null")
        if "values" in rules:
            illegal.append(f"{value} not in ({', '.join(repr(legal) for legal in rules['values'])})")
        for rule, comparison in (("min", "<"), ("max", ">"), ("greater_than", "<=")):
            if rule in rules:
                illegal.append(f"{value} {comparison} {rules[rule]}")
        for condition in illegal:
            assert count(extracts, f"{name} where {condition}") == 0, condition
    meta = declaration["config"]["meta"]
    for later, earlier_ones in meta.get("not_before", {}).items():
        for earlier in earlier_ones:
            assert count(extracts, f"{name} where {later} < {earlier}") == 0, (later, earlier)
    # Some customers have two versions of one second: a conflict.
    version = [
        *meta["key"],
        *(["segment"] if name == "customers" else []),
        *(["updated_at"] if "updated_at" in header else []),
    ]
    assert count(extracts, f"(select distinct {', '.join(version)} from {name})") == count(extracts, name)


def test_the_period_spans_both_clock_changes(extracts: duckdb.DuckDBPyConnection) -> None:
    """Shifts start an hour earlier in UTC once the clock of their site has changed."""
    first, last = extracts.execute("select min(started_at)::date, max(started_at)::date from legs").fetchone() or (
        None,
        None,
    )
    assert first == date(2026, 2, 16)
    assert last == date(2026, 4, 26)
    for site, change in (("albany", date(2026, 3, 8)), ("lisbon", date(2026, 3, 29))):
        first_starts = [
            hour
            for (hour,) in extracts.execute(
                "select min(hour(starts_at)) from schedules join agents using (agent_id)"
                " where site_id = ? and starts_at::date in (?::date - 2, ?::date + 2)"
                " group by starts_at::date order by starts_at::date",
                [site, change, change],
            ).fetchall()
        ]
        assert first_starts[0] == first_starts[1] + 1


def test_nothing_is_known_from_after_the_extract(extracts: duckdb.DuckDBPyConnection) -> None:
    """No event or update lies after the moment at which the extracts are drawn."""
    moments = {
        "contact_legs": ("started_at", "answered_at", "ended_at", "updated_at"),
        "ivr_sessions": ("entered_at", "exited_at", "updated_at"),
        "agent_states": ("started_at", "ended_at", "updated_at"),
        "contact_surveys": ("sent_at", "responded_at", "updated_at"),
        "cases": ("opened_at", "first_response_at", "closed_at", "updated_at"),
        "orders": ("ordered_at", "updated_at"),
        "order_reversals": ("reversed_at", "updated_at"),
        "account_logins": ("logged_in_at",),
        "evaluations": ("evaluated_at", "updated_at"),
    }
    for table, columns in moments.items():
        for column in columns:
            assert count(extracts, f"{table} where {column} > '2026-04-26 16:00:00'") == 0, (table, column)


STORIES = {
    "a transfer": "legs where leg_number = 2 and initiation = 'transfer' and answered_at is not null",
    "a direct transfer": "legs where initiation = 'transfer' and queue_id is null",
    "three legs": "legs where leg_number = 3",
    "a short abandon": "legs where end_reason = 'abandoned' and ended_at - enqueued_at < interval 5 second",
    "a long abandon": "legs where end_reason = 'abandoned' and ended_at - enqueued_at > interval 1 minute",
    "overflowed": "legs where end_reason = 'overflowed'",
    "voicemail": "legs where end_reason = 'voicemail'",
    "callback requested": "legs where end_reason = 'callback_requested'",
    "a callback": "legs where direction = 'outbound' and initiation = 'callback'",
    "a campaign": "legs where direction = 'outbound' and initiation = 'campaign'",
    "timed out": "legs where end_reason = 'timed_out'",
    "an internal contact": "legs where direction = 'internal'",
    "a chat": "legs where channel = 'chat'",
    "an SMS": "legs where channel = 'sms'",
    "a social message": "legs where channel = 'social'",
    "an e-mail that lasts days": "legs where channel = 'email' and ended_at - started_at > interval 2 day",
    "an open contact": "legs where ended_at is null",
    "no reason": "legs where answered_at is not null and reason_code is null",
    "a disposition": "legs where resolution_code = 'unresolved'",
    "an account only": "legs where customer_id is null and account_number is not null",
    "an address only": "legs where customer_id is null and account_number is null and customer_address is not null",
    "a withheld number": "legs where customer_address = 'anonymous'",
    "mixed case": "legs where customer_address != lower(customer_address) and customer_address like '%@%'",
    "a transfer with an id of its own": "legs where initiation = 'transfer' and related_contact_id is not null",
    "a chain of them": "legs a semi join legs b on a.related_contact_id = b.contact_id"
    " and b.related_contact_id is not null",
    "a callback that names its contact": "legs where direction = 'outbound' and related_contact_id is not null",
    "one that does not": "legs where initiation = 'callback' and related_contact_id is null",
    "a ring before an answer": "legs a semi join legs b on a.contact_id = b.contact_id and a.queue_id = b.queue_id"
    " and a.enqueued_at = b.enqueued_at and b.leg_number = a.leg_number + 1 and b.answered_at > a.ended_at"
    " where a.end_reason = 'ring_no_answer' and a.agent_id is not null",
    "an unknown end": "legs where end_reason is not null and ended_at is null",
    "a URI of telephones": "legs where customer_address like 'tel:%'",
    "a SIP address": "legs where customer_address like '%sip:+%'",
    "a keypad's anonymous": "legs where customer_address = '266696687'",
    "a promise that changes": "(select queue_id from queues group by queue_id"
    " having count(distinct service_level_seconds) > 1 and count(effective_from) = 1)",
    "two versions in conflict": "(select customer_id from customers group by customer_id, updated_at"
    " having count(distinct segment) > 1)",
    "an unlisted queue": "legs anti join queues using (queue_id) where queue_id is not null",
    "a contact without client": "legs where client_id is null",
    "an unknown customer": "truth_contacts where person_id is not null and customer_id is null",
    "a number of more than three": "(select phone from customers group by phone"
    " having count(distinct customer_id) > 3 and phone is not null)",
    "a number of two": "(select phone from customers group by phone having count(distinct customer_id) = 2)",
    "an account of two": "(select account_number from customers group by 1"
    " having count(distinct customer_id) = 2 and account_number is not null)",
    "a withdrawn leg": "contact_legs where is_deleted",
    "an earlier version": "(select contact_id from contact_legs group by contact_id, leg_number having count(*) > 1)",
    "a late answer": "contact_surveys s join truth_contacts t using (contact_id)"
    " where s.responded_at > t.ended_at + interval 28 day",
    "two answers": "(select contact_id from contact_surveys where responded_at is not null group by 1"
    " having count(distinct survey_id) > 1)",
    "an address in a comment": "contact_surveys where comment like '%@example.com%'",
    "a number in a comment": "contact_surveys where comment like '%555%'",
    "dollars": "orders where currency = 'USD'",
    "lei": "orders where currency = 'RON'",
    "a reversal above the order": "order_reversals r join orders o using (order_id) where r.amount > o.gross_amount",
    "a partial return": "order_reversals r join orders o using (order_id)"
    " where reversal_type = 'return' and r.amount < o.gross_amount",
    "a late reversal": "order_reversals join orders using (order_id) where reversed_at > ordered_at + interval 30 day",
    "a session that led to a contact": "ivr_sessions semi join contact_legs using (contact_id)"
    " where exit_type = 'to_agent'",
    "self-served": "ivr_sessions where exit_type = 'self_served'",
    "hung up": "ivr_sessions where exit_type = 'hung_up'",
    "failed": "ivr_sessions where exit_type = 'failed'",
    "an open case": "cases where closed_at is null",
    "a reopened case": "cases where reopened_count > 0 and closed_at is not null",
    "a plan published again": "(select schedule_id from schedules where published_at < starts_at"
    " group by 1 having count(distinct published_at) > 1)",
    "two forecasts": "(select queue_id from forecasts group by queue_id, interval_start"
    " having count(distinct published_at) = 2)",
    "a calibration": "evaluations where is_calibration",
    "an auto-fail": "evaluation_items where is_auto_fail",
    "a critical error": "evaluation_items where error_class = 'compliance_critical'",
    "a change of team": "(select agent_id from agents where not is_deleted group by agent_id"
    " having count(distinct effective_from) > 1)",
    "somebody who left": "agents where left_on is not null",
    "a quiet team": "(select team_id from employee_surveys group by team_id having count(responded_at) < 5)",
    "a talkative team": "(select team_id from employee_surveys group by team_id having count(responded_at) >= 5)",
    "costs of no site": "operating_costs where site_id is null",
}


@pytest.mark.parametrize("story", STORIES)
def test_the_demo_tells(story: str, extracts: duckdb.DuckDBPyConnection) -> None:
    """Every story that a KPI or a rule is about occurs."""
    assert count(extracts, STORIES[story]) > 0


def test_all_agent_states_occur(extracts: duckdb.DuckDBPyConnection) -> None:
    """Agents are in every state at some time."""
    states = {state for (state,) in extracts.execute("select distinct state from agent_states").fetchall()}
    assert states == {
        *("available", "ringing", "on_contact", "after_contact", "break", "lunch", "training", "meeting"),
        *("coaching", "system_down", "offline"),
    }


def test_states_follow_each_other_without_a_gap_and_the_last_one_is_open(
    extracts: duckdb.DuckDBPyConnection,
) -> None:
    """States tile the time from the first login to the extract, or until the agent left."""
    rows = extracts.execute(
        "select agent_id, started_at, ended_at from states order by agent_id, started_at"
    ).fetchall()
    gone = extracts.execute("select agent_id from agents where left_on is not null").fetchall()
    for (agent, _, ended), (next_agent, next_started, _) in pairwise(rows):
        if agent == next_agent:
            assert ended == next_started
        elif (agent,) not in gone:
            assert ended is None


def test_agents_are_on_contact_when_they_answer(extracts: duckdb.DuckDBPyConnection) -> None:
    """The states of agents agree with the legs that they handled."""
    answered = (
        "legs l join states s on s.agent_id = l.agent_id and s.started_at <= l.answered_at"
        " and l.answered_at < coalesce(s.ended_at, '2100-01-01') where l.channel in ('voice', 'chat')"
        " and l.direction = 'inbound'"
    )
    on_contact = count(extracts, f"{answered} and s.state = 'on_contact'")
    assert on_contact > 0.97 * count(extracts, answered)


def test_first_contacts_resolve_most_issues_and_the_rest_come_back(
    extracts: duckdb.DuckDBPyConnection,
) -> None:
    """Repeats are as frequent as they are in practice: some 15 % in a day, 25 % in a week."""
    # Measured by the person, whom the extracts don't know: a later inbound contact in the same channel.
    handled = "truth_contacts a semi join (from legs where answered_at is not null) using (contact_id)"
    eligible = f"{handled} where a.direction = 'inbound' and a.ended_at is not null"
    followed = (
        "exists (select 1 from truth_contacts b where b.direction = 'inbound' and b.channel = a.channel"
        " and b.person_id = a.person_id and b.contact_id > a.contact_id"
        " and b.started_at - a.ended_at <= interval {} hour)"
    )
    shares = [
        count(extracts, f"{eligible} and {followed.format(hours)}") / count(extracts, eligible) for hours in (24, 168)
    ]
    assert 0.13 < shares[0] < shares[1] < 0.28


def test_the_truth_knows_every_contact(extracts: duckdb.DuckDBPyConnection) -> None:
    """The truth has a row for each contact, and at most one of an issue resolves it; a transfer is part of its own."""
    assert count(extracts, "truth_contacts") == CONTACTS
    extracts.execute("create or replace temp table logged as select distinct contact_id from contact_legs")
    parts = "(from logged anti join truth_contacts using (contact_id))"
    assert count(extracts, "logged") == CONTACTS + count(extracts, parts)
    assert count(extracts, f"{parts} p anti join truth_put_together t on t.own_contact_id = p.contact_id") == 0
    assert count(extracts, "truth_contacts anti join contact_legs using (contact_id)") == 0
    issues = "(select issue_id from truth_contacts where direction = 'inbound' group by issue_id having {})"
    assert count(extracts, issues.format("count_if(is_first_of_issue) != 1")) == 0
    assert count(extracts, issues.format("count_if(issue_resolved_by_this_contact) > 1")) == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"contacts": 0}, "0 contacts can't be simulated: ask for 1"),
        ({"days": 0}, "0 days can't be simulated: ask for 1"),
        ({"seed": -1}, "seed -1 can't be used"),
        ({"file_format": "xml"}, "as 'xml': choose the format csv or parquet"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict[str, Any], says: str, tmp_path: Path) -> None:
    """A wrong argument is refused with what to do instead, and nothing is written."""
    usual: dict[str, Any] = {"contacts": 1, "days": 1, "seed": 1, "out": tmp_path / "out"}
    with pytest.raises(UsageError, match=says):
        simulate(**{**usual, **arguments})
    assert not (tmp_path / "out").exists()


def test_a_period_ends_before_today_unless_it_says_when_it_starts(tmp_path: Path) -> None:
    """By default a year ends on the demo's last day; with a start it begins there, in any year."""
    simulate(300, 366, 3, tmp_path / "year")
    simulate(50, 3, 3, tmp_path / "leap", start=date(2024, 2, 28))
    started = "select min(started_at)::date, max(started_at)::date from '{}/truth/contacts.csv'"
    with duckdb.connect() as connection:
        year = connection.execute(started.format(tmp_path / "year")).fetchall()[0]
        leap = connection.execute(started.format(tmp_path / "leap")).fetchall()[0]
    assert date(2025, 4, 26) <= year[0] < date(2025, 5, 3)
    assert date(2026, 4, 19) < year[1] <= date(2026, 4, 26)
    assert date(2024, 2, 28) <= leap[0] <= leap[1] <= date(2024, 3, 1)


def test_further_days_come_beside_the_earlier_ones(tmp_path: Path) -> None:
    """Their files have other names, their records other ids, their people are the same, and states go on."""
    out = tmp_path / "out"
    simulate(600, 8, 3, out, start=date(2026, 3, 2))
    before = files(out)
    simulate(150, 2, 9, out, start=date(2026, 3, 10))
    simulate(150, 2, 9, out, start=date(2026, 3, 14))
    assert {name: content for name, content in files(out).items() if name in before} == before
    assert not [*out.glob("*/customers.2*"), *out.glob("*/agents.2*"), *out.glob("reference/*.2*")]
    with duckdb.connect() as connection:
        for table, declaration in DECLARED.items():
            key = ", ".join(declaration["config"]["meta"]["key"])
            rows = f"read_csv('{out}/{table}.*csv', filename = true, all_varchar = true)"
            both = f"select {key} from {rows} group by all having count(distinct filename) > 1"
            assert connection.execute(f"select count(*) from ({both})").fetchone() == (0,), table
        later = f"from read_csv('{out}/acd/contact_legs.2*.csv') where customer_id is not null"
        strangers = f"{later} and customer_id not in (select customer_id from '{out}/crm/customers.csv')"
        assert connection.execute(f"select count(*) {later}").fetchone() != (0,)
        assert connection.execute(f"select count(*) {strangers}").fetchone() == (0,)
        logged_off = f"'{out}/acd/agent_states.2026-03-10.csv' where started_at = '2026-03-09 16:00:00+00'"
        assert connection.execute(f"select distinct state from {logged_off}").fetchall() == [("offline",)]


def test_days_that_are_there_are_refused(tmp_path: Path) -> None:
    """Further days come after those that are there, and nothing is written otherwise."""
    out = tmp_path / "out"
    simulate(20, 2, 3, out, start=date(2026, 3, 2))
    before = files(out)
    for start in (date(2026, 3, 3), date(2026, 2, 1)):
        with pytest.raises(UsageError, match="holds days up to 2026-03-03: give further ones with --start"):
            simulate(20, 2, 3, out, start=start)
    with pytest.raises(UsageError, match="can't be simulated: ask for days from 2007-01-01 to 2067-12-31"):
        simulate(20, 2, 3, tmp_path / "old", start=date(1999, 1, 1))
    assert files(out) == before


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    """Nothing is written into a folder with other files, or in place of a file."""
    kept = tmp_path / "kept.txt"
    kept.write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="is not empty and holds no simulated extracts"):
        simulate(1, 1, 1, tmp_path)
    with pytest.raises(UsageError, match="is a file: name a folder"):
        simulate(1, 1, 1, kept)
    assert list(tmp_path.iterdir()) == [kept]
