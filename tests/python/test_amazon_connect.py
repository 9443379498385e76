"""Amazon Connect: situations with what they must become, worked by hand, and the known figures of real files."""

import csv
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import PROJECT, Run, run_once, shared
from situations_support import DAY, kpis_of_queue, situations_of, write_files

from pipelines.landing import land
from pipelines.landing.declarations import load_declarations

ARN = "arn:aws:connect:eu-central-1:012345678901:instance/11111111-2222-3333-4444-555555555555"


def situations() -> dict[str, dict[str, Any]]:
    """The situations by name."""
    return situations_of("amazon_connect")


def _instant(written: str) -> datetime:
    day, _, time = written.rpartition(" ")
    return datetime.fromisoformat(f"2026-03-{day or '02'} {time}")


def _stamp(written: str | None) -> str | None:
    return None if written is None else f"{_instant(written):%Y-%m-%dT%H:%M:%SZ}"


def _named(written: str, name: str) -> tuple[str, str]:
    """Take apart `ana 09:00:12`, where the name may be left out and a day may stand before the time."""
    first, _, rest = written.partition(" ")
    return (first, rest) if not first[0].isdigit() else (name, written)


def contact_record(name: str, short: dict[str, str]) -> dict[str, Any]:
    """Write a contact record as Amazon Connect does."""
    record: dict[str, Any] = {
        "AWSContactTraceRecordFormatVersion": "2017-03-10",
        "InstanceARN": ARN,
        "ContactId": short["id"],
        "InitialContactId": short.get("first"),
        "PreviousContactId": short.get("prev"),
        "NextContactId": short.get("next"),
        "RelatedContactId": short.get("related"),
        "Channel": short.get("via", "VOICE"),
        "InitiationMethod": short.get("how", "INBOUND"),
        "InitiationTimestamp": _stamp(short["at"]),
        "ScheduledTimestamp": _stamp(short.get("due")),
        "TransferCompletedTimestamp": _stamp(short.get("out")),
        "DisconnectTimestamp": _stamp(short.get("end")),
        "DisconnectReason": short.get("why") if short.get("why") != "null" else None,
        "AgentConnectionAttempts": int(short["tries"]) if "tries" in short else None,
        "CustomerEndpoint": {"Type": "TELEPHONE_NUMBER", "Address": f"+1555{sum(map(ord, name)):07}"},
        "SystemEndpoint": {"Type": "TELEPHONE_NUMBER", "Address": "+15550000001"},
        "Attributes": {"customer number": f"customer of {name}", "vip": "no"},
        "Campaign": {"CampaignId": short["campaign"]} if "campaign" in short else None,
        "Queue": None,
        "Agent": None,
        "NewField": {"Nested": ["that nothing knows"]},
    }
    if "sub" in short:
        record["SegmentAttributes"] = {"connect:Subtype": {"ValueString": short["sub"]}}
    if "q" in short:
        queue, at = _named(short["q"], name)
        record["Queue"] = {"ARN": f"{ARN}/queue/{queue}", "Name": queue, "EnqueueTimestamp": _stamp(at)}
    if "a" in short:
        agent, at = _named(short["a"], "")
        record["Agent"] = {
            "ARN": f"{ARN}/agent/{agent}",
            "Username": agent,
            "ConnectedToAgentTimestamp": _stamp(at),
            "AgentInteractionDuration": int(short["with"]) if "with" in short else None,
            "AfterContactWorkDuration": int(short["acw"]) if "acw" in short else None,
        }
        if short.get("hold") != "null":
            hold, holds = short.get("hold", "0/0").split("/")
            record["Agent"] |= {"CustomerHoldDuration": int(hold), "NumberOfHolds": int(holds)}
    updated = _instant(short.get("upd") or short.get("end") or short["at"])
    record["LastUpdateTimestamp"] = f"{updated + timedelta(minutes=0 if 'upd' in short else 1):%Y-%m-%dT%H:%M:%SZ}"
    return record


def agent_event(name: str, number: int, short: dict[str, str]) -> dict[str, Any]:
    """Write an event of an agent as Amazon Connect does; `again` says that it is the one before once more."""

    def snapshot(contacts: str, status: str, at: str) -> dict[str, Any]:
        states = [each.split() for each in contacts.split("; ") if each]
        of_status = {"Name": status, "StartTimestamp": f"{DAY}T08:00:00.000Z" if at == "previous" else _stamp(at)}
        if "type_of" in short:
            of_status["Type"] = short["type_of"]
        return {
            "AgentStatus": of_status,
            "Contacts": [
                {
                    "ContactId": contact,
                    "InitialContactId": None,
                    "Channel": "VOICE",
                    "InitiationMethod": "INBOUND",
                    "State": state,
                    "StateStartTimestamp": _stamp(since),
                    "Queue": {"ARN": f"{ARN}/queue/{name}"},
                }
                for contact, state, since in states
            ],
            "Configuration": {"Username": short["agent"], "FirstName": "(removed)"},
        }

    return {
        "EventId": f"{name}-{number - ('again' in short)}",
        "EventType": short.get("type", "STATE_CHANGE"),
        "EventTimestamp": f"{_instant(short['at']):%Y-%m-%dT%H:%M:%S.000Z}",
        "AgentARN": f"{ARN}/agent/{short['agent']}",
        "CurrentAgentSnapshot": snapshot(short.get("has", ""), short.get("status", "Available"), short["at"]),
        "PreviousAgentSnapshot": snapshot(short["was"], "Available", "previous") if "was" in short else None,
        "Version": "2017-10-01",
    }


def lake_row(name: str, short: dict[str, str]) -> dict[str, str]:
    """Write a record as the data lake has it, in a CSV file of Athena; the durations are milliseconds already."""
    record = contact_record(name, short)
    queue, agent = record["Queue"] or {}, record["Agent"] or {}
    row = {
        "instance_id": ARN.rpartition("/")[2],
        "contact_id": record["ContactId"],
        "initial_contact_id": record["InitialContactId"],
        "previous_contact_id": record["PreviousContactId"],
        "next_contact_id": record["NextContactId"],
        "related_contact_id": record["RelatedContactId"],
        "channel": record["Channel"],
        "subtype": short.get("sub"),
        "initiation_method": record["InitiationMethod"],
        "campaign_id": short.get("campaign"),
        "initiation_timestamp": record["InitiationTimestamp"],
        "scheduled_timestamp": record["ScheduledTimestamp"],
        "queue_name": queue.get("Name"),
        "queue_id": queue.get("Name"),
        "queue_enqueue_timestamp": queue.get("EnqueueTimestamp"),
        "agent_id": agent.get("Username"),
        "agent_connected_to_agent_timestamp": agent.get("ConnectedToAgentTimestamp"),
        "agent_interaction_duration_ms": agent.get("AgentInteractionDuration"),
        "agent_customer_hold_duration_ms": agent.get("CustomerHoldDuration"),
        "agent_number_of_holds": agent.get("NumberOfHolds"),
        "agent_after_contact_work_duration_ms": agent.get("AfterContactWorkDuration"),
        "agent_connection_attempts": record["AgentConnectionAttempts"],
        "transfer_completed_timestamp": record["TransferCompletedTimestamp"],
        "disconnect_timestamp": record["DisconnectTimestamp"],
        "disconnect_reason": record["DisconnectReason"],
        "customer_endpoint_address": record["CustomerEndpoint"]["Address"],
        "system_endpoint_address": record["SystemEndpoint"]["Address"],
        "attributes_json": json.dumps(record["Attributes"]),
        "last_update_timestamp": record["LastUpdateTimestamp"],
    }
    return {
        column: ""
        if value is None
        else f"{value[:10]} {value[11:19]}.000 UTC"
        if column.endswith("stamp")
        else str(value)
        for column, value in row.items()
    }


SAID = "what was said on the line"


def lens_file(short: dict[str, str]) -> dict[str, Any]:
    """Write an analysis as Contact Lens does, with the words that were said."""
    customer, agent = (float(score) for score in short["feels"].split("/"))
    by_role: dict[str, Any] = {"CUSTOMER": customer, "AGENT": agent}
    overall: dict[str, Any] = by_role if "ms" in short else {"DetailsByParticipantRole": by_role}
    found: dict[str, Any] = {"Sentiment": {"OverallSentiment": overall}}
    if "ms" in short:
        found["TotalConversationDurationMillis"] = int(short["ms"])
    if "over" in short:
        count, time = (int(each) for each in short["over"].split("/"))
        found["Interruptions"] = {"InterruptionsByInterrupter": {}, "TotalCount": count, "TotalTimeMillis": time}
        found["TalkTime"] = {"TotalTimeMillis": int(short["talk"]), "DetailsByParticipant": {}}
        found["NonTalkTime"] = {"TotalTimeMillis": int(short["silent"]), "Instances": []}
    return {
        "Version": "1.1.0",
        "Channel": short.get("via", "VOICE"),
        "JobStatus": short.get("status", "COMPLETED"),
        "CustomerMetadata": {"ContactId": short["id"]},
        "Categories": {"MatchedCategories": short.get("matched", "").split(), "MatchedDetails": {}},
        "ConversationCharacteristics": found,
        "Transcript": [{"ParticipantId": "CUSTOMER", "Content": SAID, "Sentiment": "NEUTRAL"}],
    }


def write_lake(folder: Path, rows: list[dict[str, str]]) -> None:
    """Write the rows as Athena does: its query results are CSV, what it unloads is Parquet."""
    folder.mkdir(parents=True)
    for name, some in (("results.csv", rows[::2]), ("unloaded.csv", rows[1::2])):
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0], quoting=csv.QUOTE_ALL)
            writer.writeheader()
            writer.writerows(some)
    read = "read_csv(?, nullstr = '', allow_quoted_nulls = true, types = {'customer_endpoint_address': 'varchar'})"
    duckdb.execute(f"copy (from {read}) to '{folder}/unloaded.parquet'", [f"{folder}/unloaded.csv"])
    (folder / "unloaded.csv").unlink()


BAD_RECORDS: list[tuple[str | dict[str, Any], str]] = [
    ('{"ContactId": "cut", "InitiationTimestamp": "2026-03-02T09:0', "no valid JSON"),
    ({"ContactId": "x" * 300}, "has more than 256 characters"),
    ({"InitiationTimestamp": "2999-01-01T00:00:00Z"}, "is not within the calendar"),
    ({"Attributes": {"note": "x" * 1_100_000}}, "holds more than 1,048,576 bytes"),
    ({"InitiationTimestamp": "02/03/2026 09:00"}, "is no ISO 8601 timestamp"),
    ({"DisconnectTimestamp": "2026-03-02T08:00:00Z"}, "is before initiation_timestamp"),
    ({"ContactId": None}, "it is required, but empty"),
]


@pytest.fixture(scope="session")
def connect(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """All situations, and bad records between them, as Firehose would write them: object after object, no extension."""
    extracts = tmp_path_factory.mktemp("amazon_connect") / "amazon_connect"
    records = [
        json.dumps(contact_record(name, short))
        for name, situation in situations().items()
        for short in situation.get("records", [])
    ]
    events = [
        json.dumps(agent_event(name, number, short))
        for name, situation in situations().items()
        for number, short in enumerate(situation.get("events", []))
    ]
    usual = contact_record("bad", {"id": "bad", "at": "09:00:00"})
    bad = [each if isinstance(each, str) else json.dumps(usual | each) for each, _ in BAD_RECORDS]
    files = {
        "contact_records/2026/03/02/09/records-1-2026-03-02-09-00-00-0a": "".join(records[::2]),
        "contact_records/2026/03/02/09/records-1-2026-03-02-09-15-00-0b": json.dumps(
            [json.loads(record) for record in records[1::2]], indent=1
        ),
        "contact_records/bad.jsonl": "\n".join(bad),
        "agent_events/2026/03/02/09/events-1-2026-03-02-09-00-00-0c": "".join(events),
    }
    for short in (short for each in situations().values() for short in each.get("lens", [])):
        path = f"contact_lens/Analysis/Voice/2026/03/02/{short['id']}_analysis_2026-03-02T09_05_00Z.json"
        files[path] = json.dumps(lens_file(short), indent=1)
    write_files(extracts, files)
    rows = [lake_row(name, short) for name, each in situations().items() for short in each.get("lake", [])]
    write_lake(extracts / "lake_contact_records", rows)
    return run_once(
        tmp_path_factory,
        "amazon_connect",
        *("--extracts", str(extracts.parent), "--no-report", "--max-rejected-share", "0.2"),
        *("--vars", "{customer_id_attribute: customer number, phone_country: US}"),
    )


def _shown(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return f"{value:%d %H:%M:%S}".removeprefix("02 ")
    return f"{value:g}" if isinstance(value, float) else str(value)


def _records(name: str) -> list[dict[str, str]]:
    """The records of a situation, of the stream and of the data lake."""
    found: list[dict[str, str]] = [*situations()[name].get("records", []), *situations()[name].get("lake", [])]
    return found


def _with_records() -> list[str]:
    return [name for name, situation in situations().items() if "legs" in situation]


@pytest.mark.parametrize("name", _with_records())
def test_legs_of_a_situation(connect: Run, name: str) -> None:
    """Every column of every leg."""
    situation = situations()[name]
    contacts = sorted({short.get("first", short["id"]) for short in _records(name)})
    legs = connect.query(
        f"""
        select leg_number, channel, direction, initiation, queue_id, agent_id, '|', started_at, enqueued_at,
            answered_at, ended_at, '|', ring_seconds, talk_seconds, hold_seconds, hold_count, acw_seconds, '|',
            end_reason
        from intermediate.int_amazon_connect__contact_legs
        where contact_id in ({", ".join(f"'{contact}'" for contact in contacts)})
        order by contact_id, leg_number
        """,
        connect.warehouse,
    )
    assert [" ".join(map(_shown, leg)) for leg in legs] == situation["legs"]


@pytest.mark.parametrize("name", [name for name in _with_records() if "contact" in situations()[name]])
def test_contact_of_a_situation(connect: Run, name: str) -> None:
    """What the fact has of it."""
    first, expected = _records(name)[0], situations()[name]["contact"]
    contact_id = first.get("first", first["id"])
    found = connect.query(f"select {', '.join(expected)} from marts.fct_contacts where contact_id = '{contact_id}'")
    assert [dict(zip(expected, map(_shown, row), strict=True)) for row in found] == [expected]


@pytest.mark.parametrize("name", [name for name in _with_records() if "kpis" in situations()[name]])
def test_kpis_of_a_situation(connect: Run, name: str) -> None:
    """Numerator and denominator of its queue on its day."""
    expected = situations()[name]["kpis"]
    values = kpis_of_queue(connect, name)
    assert {kpi: values.get(kpi) for kpi in expected} == expected


@pytest.mark.parametrize("name", [name for name, situation in situations().items() if "states" in situation])
def test_states_of_a_situation(connect: Run, name: str) -> None:
    """Every state of its agents, which are its own."""
    expected = situations()[name]["states"]
    agents = {state.split()[0] for state in expected}
    states = connect.query(
        f"""
        select agent_id, state, started_at, ended_at from intermediate.int_amazon_connect__agent_states
        where agent_id in ({", ".join(f"'{agent}'" for agent in agents)}) order by agent_id, started_at
        """,
        connect.warehouse,
    )
    assert [" ".join(map(_shown, state)) for state in states] == expected


@pytest.mark.parametrize("name", [name for name, situation in situations().items() if "found" in situation])
def test_contact_lens_of_a_situation(connect: Run, name: str) -> None:
    """What Contact Lens found in the contact, over its legs."""
    found = connect.query(
        f"""
        select analysed_legs, '|', customer_sentiment, agent_sentiment, '|', categories, '|', interruptions,
            talk_over_seconds, talk_seconds, non_talk_seconds
        from intermediate.int_amazon_connect__contact_lens where contact_id = '{_records(name)[0]["id"]}'
        """,
        connect.warehouse,
    )
    assert [" ".join(map(_shown, row)) for row in found] == situations()[name]["found"]


def test_what_was_said_does_not_land(connect: Run) -> None:
    """Of a file of Contact Lens only the declared fields are kept."""
    rows = connect.query("select * from raw.amazon_connect__contact_lens", connect.warehouse)
    assert len(rows) == sum(len(each.get("lens", [])) for each in situations().values())
    assert not [row for row in rows if SAID in str(row)]


def test_nothing_that_was_said_is_kept_of_a_rejected_file(tmp_path: Path) -> None:
    """Neither of one that breaks a rule nor of one that is no JSON."""
    folder = tmp_path / "amazon_connect"
    folder.mkdir()
    said = {"Transcript": [{"Content": SAID}], "CustomerMetadata": {"ContactId": "c"}, "JobStatus": SAID * 4}
    (folder / "1_analysis_1.json").write_text(json.dumps(said), encoding="utf-8")
    (folder / "2_analysis_1.json").write_text(json.dumps(said)[:-1], encoding="utf-8")
    with duckdb.connect() as connection:
        land(connection, tmp_path, load_declarations(PROJECT), run_id="run", now=datetime(2026, 4, 1, tzinfo=UTC))
        kept = connection.execute("select * from ops.rejected_rows order by path").fetchall()
    assert [Path(row[1]).name for row in kept] == ["1_analysis_1.json", "2_analysis_1.json"]
    assert "job_status: … has more than 64 characters" in kept[0]
    assert SAID not in str(kept)


@pytest.mark.parametrize("table", ["contact_records", "agent_events"])
def test_nothing_that_was_said_is_kept_of_a_file_in_the_folder_of_another_table(tmp_path: Path, table: str) -> None:
    """Of such a file only where it belongs."""
    folder = tmp_path / "amazon_connect" / table
    folder.mkdir(parents=True)
    said = {"Transcript": [{"Content": SAID}], "CustomerMetadata": {"ContactId": "c"}}
    (folder / "1.json").write_text(json.dumps(said), encoding="utf-8")
    with duckdb.connect() as connection:
        land(connection, tmp_path, load_declarations(PROJECT), run_id="run", now=datetime(2026, 4, 1, tzinfo=UTC))
        kept = connection.execute("select raw_line, reason from ops.rejected_rows").fetchall()
    assert kept == [(None, "the record is of Contact Lens; put it into amazon_connect/contact_lens/")]


def test_situations_are_many() -> None:
    """At least forty."""
    assert len(situations()) >= 60


def test_each_bad_record_has_its_reason_and_the_rest_lands(connect: Run) -> None:
    """Cut, too long an id, from the future, huge, another form of time, ended before it began, without an id."""
    reasons = connect.query("select reason from ops.rejected_rows order by line", connect.warehouse)
    assert len(reasons) == len(BAD_RECORDS)
    for (reason,), (_, part) in zip(reasons, BAD_RECORDS, strict=True):
        assert part in str(reason)


def test_the_attribute_that_the_var_names_is_the_customer(connect: Run) -> None:
    """Every contact with records of its own is identified by it."""
    methods = connect.query("select distinct identity_method from marts.fct_contacts")
    assert methods == [("customer_id",)]


def test_fields_that_nothing_knows_are_kept(connect: Run) -> None:
    """In the whole record, beside attributes as JSON."""
    kept = connect.query(
        """
        select distinct json_extract_string(record, '$.NewField.Nested[0]'), json_extract_string(attributes, '$.vip')
        from staging.stg_amazon_connect__contact_records
        """,
        connect.warehouse,
    )
    assert kept == [("that nothing knows", "no")]


def test_attempts_in_vain_are_a_column(connect: Run) -> None:
    """AgentConnectionAttempts less one, where the record has it."""
    missed = connect.query(
        """
        select own_contact_id, missed_attempts from intermediate.int_amazon_connect__records
        where missed_attempts is not null order by 1
        """,
        connect.warehouse,
    )
    assert missed == [("mr1", 1), ("rr1", 1)]


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The real files of ../shared, brought as a user would bring them."""
    folder = shared("data/amazon_connect")
    extracts = tmp_path_factory.mktemp("real_amazon_connect")
    (extracts / "amazon_connect").mkdir()
    for file in Path(folder).iterdir():
        shutil.copy(file, extracts / "amazon_connect")
    return run_once(tmp_path_factory, "real_amazon_connect", "--extracts", str(extracts), "--no-report")


def test_known_figures_of_a_real_record(real: Run) -> None:
    """33 s talk, 0 s hold, 32 s after-contact work, 7 s in queue."""
    contact = "select talk_seconds, hold_seconds, acw_seconds, wait_seconds, is_handled from marts.fct_contacts"
    assert real.query(contact) == [(33, 0, 32, 7, 1)]
    values = real.query(
        """
        select kpi, value from marts.kpi_values
        where level = 'organization' and period_grain = 'day' and kpi in ('aht_seconds', 'asa_seconds', 'hold_rate')
        order by kpi
        """
    )
    assert values == [("aht_seconds", 65), ("asa_seconds", 7), ("hold_rate", 0)]


def test_known_figure_of_real_agent_events(real: Run) -> None:
    """5.005 s of after-contact work, as Amazon's documentation works it out."""
    states = real.query(
        """
        select state, epoch_us(ended_at) - epoch_us(started_at)
        from intermediate.int_amazon_connect__agent_states order by started_at
        """,
        real.warehouse,
    )
    assert states == [("on_contact", 6_006_000), ("after_contact", 5_005_000), ("available", None)]
