"""Genesys Cloud: situations with what they must become, worked by hand, and what is known of real conversations."""

import json
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import Run, run_once, shared
from situations_support import DAY, kpis_of_queue, situations_of, write_files

_WORDS = {
    "id": "sessionId",
    "peer": "peerId",
    "from": "ani",
    "to": "dnis",
    "listens": "monitoredParticipantId",
    "type": "messageType",
    "campaign": "outboundCampaignId",
}


def situations() -> dict[str, dict[str, Any]]:
    """The situations by name."""
    return situations_of("genesys_cloud")


def _stamp(time: str) -> str:
    return f"{DAY}T{time}.000Z"


def _segment(name: str, written: str) -> dict[str, Any]:
    kind, span, *rest = written.split()
    start, _, end = span.partition("-")
    segment: dict[str, Any] = {"segmentType": kind, "segmentStart": _stamp(start), "conference": False}
    if end:
        segment["segmentEnd"] = _stamp(end)
    for word in rest:
        key = {"@": "queueId", "!": "disconnectType", "#": "wrapUpCode"}[word[0]]
        segment[key] = word[1:] or name
    return segment


def _session(name: str, written: str, number: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Take apart a session: the participant's name, what the participant has besides, and the session."""
    head, _, rest = written.partition(": ")
    who, medium, *words = head.split()
    segments, _, metrics = rest.partition(" / ")
    session: dict[str, Any] = {"mediaType": medium, "sessionId": number, "direction": "inbound"}
    participant: dict[str, Any] = {}
    for word in words:
        key, _, value = word.partition("=")
        if key == "exit":
            session["flow"] = {"flowName": "main", "exitReason": value}
        elif key == "contact":
            participant["externalContactId"] = value
        else:
            session[_WORDS[key]] = value
    session["segments"] = [_segment(name, each) for each in segments.split("; ")]
    session["metrics"] = [
        {
            "name": metric,
            "value": round(float(value) * (1000 if metric[0] == "t" else 1)),
            "emitDate": _stamp("09:00:00"),
        }
        for metric, _, value in (each.partition("=") for each in metrics.split())
    ]
    return who, participant, session


def _evaluation(written: str) -> dict[str, Any]:
    """Write an evaluation: its id, whom it is of, the total score and the time, each `-` if there is none."""
    evaluation, user, score, time, *words = written.split()
    record: dict[str, Any] = {"evaluationId": evaluation, "evaluatorId": "eve", "formName": "Calls", "released": True}
    found = {"userId": user, "oTotalScore": score, "eventTime": time}
    record |= {key: value for key, value in found.items() if value != "-"}
    if score != "-":
        record["oTotalScore"] = float(score)
    if time != "-":
        record["eventTime"] = _stamp(time)
    for word in words:
        key, _, value = word.partition("=")
        if key == "critical":
            record["oTotalCriticalScore"] = float(value)
        elif key in ("status", "calibration"):
            record[{"status": "evaluationStatus", "calibration": "calibrationId"}[key]] = value
        else:
            record[key] = value == "true"
    return record


def _survey(written: str) -> dict[str, Any]:
    """Write a survey: its id, whom it is of, its status, and its words."""
    survey, user, status, *words = written.split()
    record: dict[str, Any] = {
        "surveyId": survey,
        "surveyStatus": status,
        "surveyFormName": "After",
        "surveyType": "Web",
    }
    if user != "-":
        record["userId"] = user
    for word in words:
        key, _, value = word.partition("=")
        name = {
            "nps": "surveyPromoterScore",
            "total": "oSurveyTotalScore",
            "at": "eventTime",
            "done": "surveyCompletedDate",
            "partial": "surveyPartialResponse",
        }[key]
        record[name] = _stamp(value) if key in ("at", "done") else value == "true" if key == "partial" else int(value)
    return record


def conversation(name: str, short: dict[str, Any]) -> dict[str, Any]:
    """Write a conversation as Genesys Cloud does."""
    participants: list[dict[str, Any]] = []
    for number, written in enumerate(short["parts"], 1):
        who, more, session = _session(name, written, f"{short['id']}-{number}")
        if who != "&":
            purpose, _, user = who.partition(":")
            participants.append({"participantId": f"p{len(participants) + 1}", "purpose": purpose, "sessions": []})
            participants[-1] |= more | ({"userId": user} if user else {})
        participants[-1]["sessions"].append(session)
    written = {
        "conversationId": short["id"],
        "conversationStart": _stamp(short["start"]),
        "originatingDirection": short.get("way", "inbound"),
        "participants": participants,
        "newField": "that nothing knows",
    }
    if "evaluations" in short:
        written["evaluations"] = [_evaluation(each) for each in short["evaluations"]]
    if "surveys" in short:
        written["surveys"] = [_survey(each) for each in short["surveys"]]
    return written | ({"conversationEnd": _stamp(short["end"])} if "end" in short else {})


def user_details(written: list[str]) -> list[dict[str, Any]]:
    """Write details of users as Genesys Cloud does, a record a user."""
    records: dict[str, dict[str, Any]] = {}
    for user, kind, state, span in (each.split() for each in written):
        start, _, end = span.partition("-")
        record = records.setdefault(user, {"userId": user})
        key, of_state = {
            "presence": ("primaryPresence", "systemPresence"),
            "routing": ("routingStatus", "routingStatus"),
        }[kind]
        stretch = {"startTime": _stamp(start), of_state: state} | ({"endTime": _stamp(end)} if end else {})
        record.setdefault(key, []).append(stretch)
    return list(records.values())


BAD: list[tuple[str | dict[str, Any], str]] = [
    ('{"conversationId": "cut", "conversationStart": "2026-03-02T09:0', "no valid JSON"),
    ({"conversationId": "x" * 300}, "has more than 128 characters"),
    ({"conversationStart": "2999-01-01T00:00:00Z"}, "is not within the calendar"),
    ({"conversationStart": None}, "it is required, but empty"),
    ({"note": "x" * 1_100_000}, "holds more than 1,048,576 bytes"),
    ({"conversationEnd": "2026-03-01T00:00:00Z"}, "is before conversation_start"),
    ({"participants": []}, "does not match"),
    ({"participants": [{"purpose": "customer", "sessions": []}]}, "does not match"),
]


@pytest.fixture(scope="session")
def genesys(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """All situations: pages of the API, lines of the asynchronous job, an array, and bad lines."""
    extracts = tmp_path_factory.mktemp("genesys_cloud") / "genesys_cloud"
    first: list[dict[str, Any]] = []
    later: list[dict[str, Any]] = []
    for name, situation in situations().items():
        seen = set()
        for short in situation.get("conversations", []):
            (later if short["id"] in seen else first).append(conversation(name, short))
            seen.add(short["id"])
    usual = conversation("bad", {"id": "bad", "start": "09:00:00", "parts": ["customer voice: interact 09:00:00-"]})
    statuses = [record for situation in situations().values() for record in user_details(situation.get("status", []))]
    page = {"conversations": first[:20], "totalHits": 20}
    files = {
        "conversations/1_page.json": json.dumps(page, indent=1),
        "conversations/2_job.jsonl": "\n".join(map(json.dumps, first[20:30])),
        "conversations/3_array.json": json.dumps(first[30:]),
        "conversations/4_later.json": json.dumps({"conversations": later}),
        "conversations/5_bad.jsonl": "\n".join(b if isinstance(b, str) else json.dumps(usual | b) for b, _ in BAD),
        "user_status/1.json": json.dumps({"userDetails": statuses}),
    }
    write_files(extracts, files)
    return run_once(
        tmp_path_factory,
        "genesys_cloud",
        *("--extracts", str(extracts.parent), "--no-report", "--max-rejected-share", "0.2"),
        *("--vars", "{phone_country: US}"),
    )


def _shown(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return f"{value:%H:%M:%S}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _of(key: str) -> list[str]:
    return [name for name, situation in situations().items() if key in situation]


def _ids(name: str) -> str:
    return ", ".join(f"'{short['id']}'" for short in situations()[name]["conversations"])


@pytest.mark.parametrize("name", _of("legs"))
def test_legs_of_a_situation(genesys: Run, name: str) -> None:
    """Every column of every leg."""
    legs = genesys.query(
        f"""
        select leg_number, channel, direction, initiation, queue_id, agent_id, reason_code, '|', started_at,
            enqueued_at, answered_at, ended_at, '|', ring_seconds, talk_seconds, hold_seconds, hold_count, acw_seconds,
            '|', end_reason
        from intermediate.int_genesys_cloud__contact_legs
        where contact_id in ({_ids(name)}) order by contact_id, leg_number
        """,
        genesys.warehouse,
    )
    assert [" ".join(map(_shown, leg)) for leg in legs] == situations()[name]["legs"]


@pytest.mark.parametrize("name", _of("sessions"))
def test_self_service_of_a_situation(genesys: Run, name: str) -> None:
    """Every flow before a queue."""
    sessions = genesys.query(
        f"""
        select contact_id, '|', entered_at, exited_at, '|', exit_type
        from intermediate.int_genesys_cloud__self_service_sessions
        where split_part(session_id, '-', 1) in ({_ids(name)}) order by session_id
        """,
        genesys.warehouse,
    )
    assert [" ".join(map(_shown, session)) for session in sessions] == situations()[name]["sessions"]


@pytest.mark.parametrize("name", _of("contact"))
def test_contact_of_a_situation(genesys: Run, name: str) -> None:
    """What the fact has of it."""
    expected = situations()[name]["contact"]
    found = genesys.query(f"select {', '.join(expected)} from marts.fct_contacts where contact_id in ({_ids(name)})")
    assert [dict(zip(expected, map(_shown, row), strict=True)) for row in found] == [expected]


@pytest.mark.parametrize("name", _of("kpis"))
def test_kpis_of_a_situation(genesys: Run, name: str) -> None:
    """Numerator and denominator of its queue on its day."""
    expected = situations()[name]["kpis"]
    values = kpis_of_queue(genesys, name)
    assert {kpi: values.get(kpi, "-") for kpi in expected} == expected


@pytest.mark.parametrize("name", _of("evaluations"))
def test_evaluations_of_a_situation(genesys: Run, name: str) -> None:
    """What the fact has of each."""
    evaluations = genesys.query(
        f"""
        select evaluation_id, agent_id, queue_id, evaluated_at, '|', evaluation_score, is_calibration, is_scored,
            is_itemised
        from marts.fct_evaluations where contact_id in ({_ids(name)}) order by evaluation_id
        """
    )
    assert [" ".join(map(_shown, row)) for row in evaluations] == situations()[name]["evaluations"]


@pytest.mark.parametrize("name", _of("surveys"))
def test_surveys_of_a_situation(genesys: Run, name: str) -> None:
    """What the fact has of each."""
    surveys = genesys.query(
        f"""
        select survey_id, agent_id, sent_at, responded_at, '|', csat_score, nps_score, is_answered, is_counted
        from marts.fct_surveys where contact_id in ({_ids(name)}) order by survey_id
        """
    )
    assert [" ".join(map(_shown, row)) for row in surveys] == situations()[name]["surveys"]


def test_every_conversation_is_in_a_fact(genesys: Run) -> None:
    """Each is a contact, or a self-service session, or both."""
    assert (
        genesys.query(
            """
            select contact_id from staging.stg_genesys_cloud__conversations
            where contact_id not in (select contact_id from intermediate.int_genesys_cloud__contact_legs)
                and contact_id not in (
                    select sessions.contact_id from intermediate.int_genesys_cloud__sessions as sessions
                    inner join intermediate.int_genesys_cloud__self_service_sessions as flows using (session_id)
                )
            """,
            genesys.warehouse,
        )
        == []
    )


@pytest.mark.parametrize("name", _of("states"))
def test_states_of_a_situation(genesys: Run, name: str) -> None:
    """Every state of its agent."""
    expected = situations()[name]["states"]
    states = genesys.query(
        f"""
        select agent_id, state, started_at, ended_at from intermediate.int_genesys_cloud__agent_states
        where agent_id = '{expected[0].split()[0]}' order by started_at
        """,
        genesys.warehouse,
    )
    assert [" ".join(map(_shown, state)) for state in states] == expected


def test_situations_are_many() -> None:
    """At least forty."""
    assert len(situations()) >= 40


def test_each_bad_conversation_has_its_reason_and_the_rest_lands(genesys: Run) -> None:
    """Cut, too long an id, from the future, without a start, huge, ended before it began."""
    reasons = genesys.query("select reason from ops.rejected_rows order by line", genesys.warehouse)
    assert len(reasons) == len(BAD)
    for (reason,), (_, part) in zip(reasons, BAD, strict=True):
        assert part in str(reason)


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The real conversations of ../shared, brought as a user would bring them."""
    folder = shared("data/genesys_cloud")
    extracts = tmp_path_factory.mktemp("real_genesys_cloud")
    (extracts / "genesys_cloud").mkdir()
    for file in Path(folder).iterdir():
        shutil.copy(file, extracts / "genesys_cloud")
    return run_once(tmp_path_factory, "real_genesys_cloud", "--extracts", str(extracts), "--no-report")


def test_real_conversations(real: Run) -> None:
    """The first waited 11.2 s, was talked 374.6 s and held 544.2 s; the second is open, in odd forms of dates."""
    legs = real.query(
        """
        select channel, direction, round(epoch(answered_at - enqueued_at), 1), ring_seconds, talk_seconds, hold_seconds,
            hold_count, ended_at::varchar, end_reason
        from intermediate.int_genesys_cloud__contact_legs order by started_at
        """,
        real.warehouse,
    )
    assert legs == [
        ("chat", "inbound", 11.2, 11, 375, 544, 1, "2021-04-01 12:43:23.306", "completed"),
        ("chat", "inbound", 6.4, 6, 923, 0, 0, None, None),
    ]
    assert real.query("select count(*), sum(is_handled) from marts.fct_contacts") == [(2, 2)]
