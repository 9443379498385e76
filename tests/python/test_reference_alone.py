"""Tests the second computation by itself: values worked by hand for each rule of what is landed and counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from reference import accessibility, experience, handling, quality, resolution, sales, self_service, workforce
from reference.addresses import normalised
from reference.contacts import Contact, contacts_of, queue_at, queue_of
from reference.extracts import (
    AgentState,
    AgentVersion,
    Evaluation,
    Extracts,
    Leg,
    Login,
    Order,
    Queue,
    Session,
    Survey,
    read_extracts,
)
from reference.put_together import legs_of_contacts, put_together
from reference.tally import KpiKey, KpiValues, Number
from reference.values import RefusedRowError, Row, readings_of

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BERLIN = ZoneInfo("Europe/Berlin")


def at(seconds: float) -> datetime:
    """Return an instant so many seconds after nine."""
    return NINE + seconds * SECOND


def row(zone: ZoneInfo | None = None, **values: str) -> Row:
    """Make a row of an extract."""
    return Row(values, zone or ZoneInfo("UTC"), NOW)


def landed(folder: Path, tables: Mapping[str, Sequence[str]], **options: object) -> Extracts:
    """Land files, each a header and lines."""
    for name, lines in tables.items():
        file = folder / f"{name}.csv"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_extracts(folder, now=NOW, **options)  # type: ignore[arg-type]


def of_day(
    values: KpiValues, kpi: str, level: str = "organization", member: str = "all"
) -> tuple[Number, Number] | None:
    """Return numerator and denominator of 2 March."""
    return values.get(KpiKey(kpi, "day", "2026-03-02", level, member))


# Value forms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-02T09:00:00Z", NINE),
        ("2026-03-02 09:00:00", NINE),
        ("2026-03-02 11:00:00+02", NINE),
        ("2026-03-02 11:00:00 +0200", NINE),
        ("2026-03-02T04:30:00-04:30", NINE),
        ("2026-03-02 09:00:00 UTC", NINE),
        ("2026-03-02T09:00:00.123456789Z", NINE + timedelta(microseconds=123456)),
        ("2026-03-02T09:00:00.5", NINE + SECOND / 2),
    ],
)
def test_timestamps(text: str, expected: datetime) -> None:
    """Offsets of all forms; what is finer than a microsecond is cut, not rounded."""
    assert readings_of(text, ZoneInfo("UTC")) == [expected]


@pytest.mark.parametrize("text", ["03/02/2026 09:00", "1772442000", "2026-02-30 09:00:00", "2026-03-02T25:00:00Z"])
def test_what_is_no_timestamp(text: str) -> None:
    """Other forms are refused unless they are declared."""
    with pytest.raises(RefusedRowError):
        row(started_at=text).instant("started_at")


@pytest.mark.parametrize(
    ("text", "expected"), [("300", 300), ("300.0", 300), (" 1.00 ", 1), ("NaN", None), ("", None), (r"\N", None)]
)
def test_integers(text: str, expected: int | None) -> None:
    """An integer may have a point and zeros."""
    assert row(talk_seconds=text).seconds("talk_seconds") == expected


@pytest.mark.parametrize("text", ["3.52", "0:05:00", "-3", "2592001", "five"])
def test_what_is_no_duration(text: str) -> None:
    """Thirty days are the most."""
    assert row(talk_seconds="2592000").seconds("talk_seconds") == 30 * 24 * 3600
    with pytest.raises(RefusedRowError):
        row(talk_seconds=text).seconds("talk_seconds")


def test_booleans_words_and_nulls() -> None:
    """In any case, trimmed; where a list has the word None, it is no null."""
    assert [row(x=text).boolean("x") for text in ("T", "yes", "1.0", " Y ")] == [True] * 4
    assert [row(x=text).boolean("x") for text in ("f", "NO", "0.0", "FALSE")] == [False] * 4
    assert row(x="Inbound ").text("x", frozenset({"inbound"})) == "inbound"
    assert row(x="None").text("x", frozenset({"none", "non_critical"})) == "none"
    assert row(x="None").text("x", frozenset({"inbound"})) is None
    assert [row(x=text).text("x") for text in ("NULL", "null", "N/A", "n/a", "None", "nan", "NaT", "  ")] == [None] * 8
    assert row(x="none").text("x") == "none"
    with pytest.raises(RefusedRowError):
        row(x="sideways").text("x", frozenset({"inbound"}))


def fall_back(folder: Path, started: str, ended: str, talk: str) -> timedelta | None:
    """Return how long a leg of the night lasts in which Berlin's clocks go back, from 3:00 to 2:00."""
    leg = (
        f"c,1,voice,inbound,a,2025-10-26 {started},2025-10-26 {started},2025-10-26 {ended},{talk},completed,2026-01-01"
    )
    header = "contact_id,leg_number,channel,direction,agent_id,started_at,answered_at,ended_at,talk_seconds,end_reason,"
    (read,) = landed(folder, {"acd/contact_legs": [f"{header}updated_at", leg]}, zones={"acd": "Europe/Berlin"}).legs
    return None if read.ended_at is None else read.ended_at - read.started_at


@pytest.mark.parametrize(
    ("started", "ended", "talk", "lasts"),
    [
        ("02:55:00", "02:05:00", "590", 10 * MINUTE),
        ("02:05:00", "02:55:00", "590", 50 * MINUTE),
        ("01:50:00", "02:20:00", "5390", 90 * MINUTE),
        ("01:50:00", "02:20:00", "1800", 30 * MINUTE),
        ("01:50:00", "02:20:00", "", 30 * MINUTE),
    ],
)
def test_a_local_time_that_comes_twice(tmp_path: Path, started: str, ended: str, talk: str, lasts: timedelta) -> None:
    """The earlier one, unless the end would precede the start or leave less time than was talked."""
    assert fall_back(tmp_path, started, ended, talk) == lasts


# Rules at the door


def landed_leg(folder: Path, **columns: str) -> Leg | None:
    """Land a leg from 9:00 to 9:05; None, if it is refused."""
    values = {
        "contact_id": "c",
        "leg_number": "1",
        "channel": "voice",
        "direction": "inbound",
        "started_at": "2026-03-02T09:00:00Z",
        "ended_at": "2026-03-02T09:05:00Z",
        "updated_at": "2026-03-02T09:10:00Z",
        **columns,
    }
    read = landed(folder, {"acd/contact_legs": [",".join(values), ",".join(values.values())]})
    assert len(read.legs) + len(read.refused) == 1
    return read.legs[0] if read.legs else None


@pytest.mark.parametrize(
    ("columns", "is_let_in"),
    [
        ({"enqueued_at": "2026-03-02T08:59:58Z"}, True),
        ({"enqueued_at": "2026-03-02T08:59:57Z"}, False),
        ({"answered_at": "2026-03-02T09:05:02Z"}, True),
        ({"answered_at": "2026-03-02T09:05:03Z"}, False),
        ({"enqueued_at": "2026-03-02T09:00:05Z", "answered_at": "2026-03-02T09:00:03Z"}, True),
        ({"enqueued_at": "2026-03-02T09:00:05Z", "answered_at": "2026-03-02T09:00:02Z"}, False),
        ({"enqueued_at": "2026-03-02T09:05:03Z"}, False),
        ({"started_at": "1990-01-01T00:00:00Z"}, True),
        ({"started_at": "1989-12-31T23:59:59Z"}, False),
        ({"ended_at": "2026-06-02T00:00:00Z"}, True),
        ({"ended_at": "2026-06-02T00:00:01Z"}, False),
        ({"agent_id": "a", "talk_seconds": "1", "end_reason": "completed"}, False),
        ({"agent_id": "a", "talk_seconds": "0", "end_reason": "completed"}, True),
        ({"agent_id": "a", "talk_seconds": "1", "end_reason": "transferred"}, True),
        ({"talk_seconds": "1", "end_reason": "completed"}, True),
        ({"end_reason": "ring_no_answer"}, True),
        ({"end_reason": "lost"}, False),
    ],
)
def test_what_the_door_lets_in(tmp_path: Path, columns: dict[str, str], is_let_in: bool) -> None:
    """Clocks may disagree by two seconds; nothing is outside the calendar or more than a day ahead."""
    assert (landed_leg(tmp_path, **columns) is not None) is is_let_in


def test_an_end_of_9999_is_still_open(tmp_path: Path) -> None:
    """A leg, not an instant outside the calendar."""
    leg = landed_leg(tmp_path, ended_at="9999-12-31T23:59:59Z")
    assert leg is not None
    assert leg.is_open


def test_conflicting_versions(tmp_path: Path) -> None:
    """Same key, same updated_at: the later line counts; of states the one that ends last, an open one before all."""
    states = "agent_id,state,started_at,ended_at,updated_at"
    start, same = "2026-03-02T09:00:00Z", "2026-03-03T00:00:00Z"
    read = landed(
        tmp_path,
        {
            "crm/customers": ["customer_id,phone,updated_at", f"k,1,{same}", f"k,2,{same}"],
            "acd/agent_states": [
                states,
                f"a,break,{start},2026-03-02T09:20:00Z,{same}",
                f"a,lunch,{start},2026-03-02T09:10:00Z,{same}",
                f"b,break,{start},,{same}",
                f"b,lunch,{start},2026-03-02T09:10:00Z,{same}",
                f"c,break,{start},2026-03-02T09:10:00Z,{same}",
                f"c,lunch,{start},2026-03-02T09:10:00Z,{same}",
            ],
        },
    )
    assert [customer.phone for customer in read.customers] == ["2"]
    assert {state.agent_id: state.state for state in read.states} == {"a": "break", "b": "break", "c": "lunch"}


def test_a_state_of_no_length_is_no_version(tmp_path: Path) -> None:
    """It replaces nothing, however new; one that withdraws does."""
    start, later = "2026-03-02T09:00:00Z", "2026-03-04T00:00:00Z"
    read = landed(
        tmp_path,
        {
            "acd/agent_states": [
                "agent_id,state,started_at,ended_at,updated_at,is_deleted",
                f"a,available,{start},2026-03-02T09:20:00Z,2026-03-03T00:00:00Z,",
                f"a,after_contact,{start},{start},{later},false",
                f"b,available,{start},2026-03-02T09:20:00Z,2026-03-03T00:00:00Z,",
                f"b,available,{start},{start},{later},true",
                f"c,after_contact,{start},2026-03-02T08:59:58Z,{later},",
            ]
        },
    )
    assert [(state.agent_id, state.state) for state in read.states] == [("a", "available")]
    assert read.refused == []


def test_instances(tmp_path: Path) -> None:
    """Two switches number alike; a bare id is that of the one switch that has it, or nobody's."""
    legs = "contact_id,related_contact_id,leg_number,channel,direction,initiation,agent_id,started_at,updated_at"
    when = "2026-03-02T09:00:00Z,2026-03-02T09:00:00Z"
    read = landed(
        tmp_path,
        {
            "acd@berlin/contact_legs": [
                legs,
                f"1,,1,voice,inbound,,a,{when}",
                f"2,1,1,voice,inbound,transfer,a,{when}",
            ],
            "acd@rome/contact_legs": [legs, f"1,,1,voice,inbound,,a,{when}"],
            "acd/contact_legs": [legs, f"3,,1,voice,inbound,,a,{when}"],
            "acd@rome/ivr_sessions": ["session_id,contact_id,entered_at,updated_at", f"s,1,{when}"],
            "survey/contact_surveys": [
                "survey_id,contact_id,sent_at,updated_at",
                *(f"{number},{named},{when}" for number, named in enumerate(["1", "2", "3", "rome:1", "berlin:4"])),
            ],
        },
    )
    assert sorted(leg.contact_id for leg in read.legs) == ["3", "berlin:1", "berlin:2", "rome:1"]
    assert put_together(read.legs)["berlin:2"] == "berlin:1"
    assert {leg.agent_id for leg in read.legs} == {"a"}
    assert [(session.session_id, session.contact_id) for session in read.sessions] == [("rome:s", "rome:1")]
    assert [survey.contact_id for survey in read.surveys] == ["", "berlin:2", "3", "rome:1", "berlin:4"]


# Contacts


def leg(contact_id: str, number: int = 1, start: float = 0, end: float | None = 60, **columns: object) -> Leg:
    """Make a leg of an inbound call, from 9:00 + start to 9:00 + end seconds; an agent answers it at once."""
    values: dict[str, object] = {"agent_id": "a", "answered_at": at(start), "end_reason": "completed", **columns}
    return Leg(contact_id, number, at(start), None if end is None else at(end), **values)  # type: ignore[arg-type]


def unanswered(contact_id: str, number: int = 1, start: float = 0, end: float | None = 60, **columns: object) -> Leg:
    """Make a leg that waits in queue q and is not answered."""
    values: dict[str, object] = {"queue_id": "q", "enqueued_at": at(start), "end_reason": "abandoned", **columns}
    return Leg(contact_id, number, at(start), None if end is None else at(end), **values)  # type: ignore[arg-type]


def ring(contact_id: str, number: int, start: float, end: float | None, agent_id: str = "a", **columns: object) -> Leg:
    """Make a leg that rings an agent in vain."""
    values: dict[str, object] = {"agent_id": agent_id, "end_reason": "ring_no_answer", **columns}
    return unanswered(contact_id, number, start, end, **values)


def goes_on(contact_id: str, related: str, start: float = 0, number: int = 1, **columns: object) -> Leg:
    """Make a leg that goes on with another contact."""
    names = {"initiation": "transfer", "related_contact_id": related}
    return leg(contact_id, number, start, start + 60, **{**names, **columns})


def only(legs: Sequence[Leg], **more: object) -> Contact:
    """Make the one contact of these legs."""
    (contact,) = contacts_of(legs, **more)  # type: ignore[arg-type]
    return contact


@pytest.mark.parametrize(
    ("legs", "expected"),
    [
        ([leg("1"), goes_on("2", "1"), goes_on("3", "2")], {"1": "1", "2": "1", "3": "1"}),
        ([goes_on("2", "gone"), goes_on("3", "2")], {"2": "2", "3": "2"}),
        ([goes_on("1", "2"), goes_on("2", "1"), goes_on("3", "1")], {"1": "1", "2": "2", "3": "3"}),
        ([goes_on("1", "1"), goes_on("2", "1")], {"1": "1", "2": "1"}),
        ([leg("1"), goes_on("2", "1", initiation="customer")], {"1": "1", "2": "2"}),
        ([leg("1"), goes_on("2", "1", initiation="callback")], {"1": "1", "2": "1"}),
        ([leg("1"), leg("2", 1, related_contact_id="1"), goes_on("2", "1", number=2)], {"1": "1", "2": "1"}),
        (
            [leg("0"), leg("1"), goes_on("2", "1", number=2), goes_on("2", "0", number=3)],
            {"0": "0", "1": "1", "2": "1"},
        ),
    ],
)
def test_contacts_that_are_put_together(legs: list[Leg], expected: dict[str, str]) -> None:
    """Chains; one that leads to a contact that is not there; circles, and what runs into them; which legs may name."""
    assert put_together(legs) == expected
    assert put_together(reversed(legs)) == expected


def test_legs_are_numbered_anew() -> None:
    """By start, then contact, then number; what stands alone keeps its numbers and their order."""
    legs = [
        leg("1", 2, 0),
        leg("1", 7, 10),
        goes_on("0", "1", 0),
        goes_on("2", "0", 5),
        leg("alone", 3, 9),
        leg("alone", 4),
    ]
    found = legs_of_contacts(legs)
    assert {name: sorted(own_ids) for name, (_, own_ids) in found.items()} == {"1": ["0", "1", "2"], "alone": ["alone"]}
    assert [(one.leg_number, one.started_at, one.initiation) for one in found["1"][0]] == [
        (1, at(0), "transfer"),
        (2, at(0), None),
        (3, at(5), "transfer"),
        (4, at(10), None),
    ]
    assert {one.contact_id for one in found["1"][0]} == {"1"}
    assert [one.leg_number for one in found["alone"][0]] == [3, 4]


def test_records_belong_to_the_contact_that_theirs_was_put_together_into() -> None:
    """Surveys, orders, evaluations and sessions that name the transferred call."""
    extracts = Extracts(
        legs=[leg("1", customer_id="k", queue_id="q", client_id="c"), goes_on("2", "1", 60, agent_id="b")],
        surveys=[Survey("v", "2", at(90), responded_at=at(99), csat_score=5)],
        orders=[Order("o", at(90), Decimal(5), "EUR", contact_id="2")],
        evaluations=[Evaluation("e", "2", "b", at(90))],
        sessions=[Session("s", at(-60), at(0), "failed", contact_id="2", customer_id="k")],
    )
    contacts = contacts_of(extracts.legs)
    assert [(contact.contact_id, contact.agent_id) for contact in contacts] == [("1", "b")]
    assert of_day(experience.kpi_values(contacts, extracts.surveys), "csat", "agent", "b") == (1, 1)
    assert of_day(sales.kpi_values(extracts, NOW), "conversion_rate") == (1, 1)
    assert of_day(sales.kpi_values(extracts, NOW), "average_order_value", "agent", "b") == (5, 1)
    assert of_day(quality.kpi_values(extracts), "critical_error_free_customer", "client", "c") == (1, 1)
    # The session led to this contact, so it does not speak against it.
    assert of_day(resolution.kpi_values(extracts, NOW), "ocr_24h") == (1, 1)


def test_a_transfer_with_an_id_of_its_own_is_no_repeat() -> None:
    """One handled contact, whose last handled leg is the second one's."""
    legs = [leg("1", customer_id="k", end_reason="transferred"), goes_on("2", "1", 60, customer_id="k")]
    values = resolution.kpi_values(Extracts(legs=legs), NOW)
    assert of_day(values, "fcr_24h") == (1, 1)
    assert of_day(values, "repeat_rate_24h") == (0, 1)


def test_a_callback_is_a_handled_leg_of_its_inbound_contact() -> None:
    """Who leaves for a callback is a flow-out; the callback is handled, but no visit."""
    legs = [
        unanswered("1", end_reason="callback_requested", customer_id="k"),
        goes_on("2", "1", 2400, direction="outbound", initiation="callback", enqueued_at=at(2400), talk_seconds=50),
    ]
    contact = only(legs)
    assert (contact.direction, contact.is_handled, contact.is_abandoned) == ("inbound", True, False)
    visits = accessibility.kpi_values(Extracts(legs=legs))
    assert of_day(visits, "queue_visits_offered") == (1, 1)
    assert of_day(visits, "abandonment_rate") is None
    values = handling.kpi_values(Extracts(legs=legs))
    assert of_day(values, "aht_seconds") == (50, 1)
    assert of_day(values, "contacts_handled") == (1, 1)


# Rings and visits


def test_the_last_leg_is_the_last_that_is_no_ring() -> None:
    """A caller who gives up while an agent is rung has abandoned; only rings leave the last of them."""
    gave_up = [unanswered("1", 1, 0, 60), ring("1", 2, 0, 15, "b", queue_id="q2")]
    contact = only(gave_up)
    assert (contact.is_abandoned, contact.queue_id, contact.agent_id) == (True, "q", None)
    only_rings = only([ring("1", 1, 0, 15), ring("1", 2, 15, 30, "b")])
    assert (only_rings.is_abandoned, only_rings.agent_id) == (False, "b")
    without_agent = only([ring("1", 1, 0, 15), unanswered("1", 2, 15, 30, end_reason="ring_no_answer")])
    assert without_agent.agent_id is None


@pytest.mark.parametrize(
    ("legs", "visits"),
    [
        # Three are rung at once and the third answers.
        ([ring("1", 1, 0, 15), ring("1", 2, 0, 15), unanswered("1", 3, 0, answered_at=at(15))], [(3, 0)]),
        # The leg that was answered comes first.
        ([unanswered("1", 1, 0, answered_at=at(15)), ring("1", 2, 0, 15)], [(1, 0)]),
        # One is rung after the other, each enqueued anew.
        ([ring("1", 1, 0, 15), ring("1", 2, 16, 30), unanswered("1", 3, 31, answered_at=at(40))], [(3, 0)]),
        # Who was rung in another queue is another visit.
        ([ring("1", 1, 0, 15), unanswered("1", 2, 15, queue_id="q2")], [(1, 0), (2, 15)]),
        # After a leg that was no ring only a ring of the same instant joins.
        ([unanswered("1", 1, 0), unanswered("1", 2, 0)], [(1, 0), (2, 0)]),
        ([unanswered("1", 1, 0), ring("1", 2, 0, 15)], [(1, 0)]),
        ([unanswered("1", 1, 0), ring("1", 2, 1, 15)], [(1, 0), (2, 1)]),
        # Once it was answered the visit is over, but for a ring of the same instant as the newest leg.
        (
            [unanswered("1", 1, 0, answered_at=at(9)), ring("1", 2, 0, 9), unanswered("1", 3, 70)],
            [(1, 0), (3, 70)],
        ),
        # Only rings: the last of them.
        ([ring("1", 1, 0, 15), ring("1", 2, 15, 30)], [(2, 0)]),
        # A caller who gives up during rings.
        ([ring("1", 1, 0, 15), unanswered("1", 2, 15, 20), ring("1", 3, 15, 20)], [(2, 0)]),
        # A callback, an internal leg and a leg that never queued are no visits.
        (
            [
                unanswered("1", 1, 0),
                unanswered("1", 2, 70, direction="internal"),
                unanswered("1", 3, 80, initiation="callback"),
                leg("1", 4, 90),
            ],
            [(1, 0)],
        ),
    ],
)
def test_queue_visits(legs: list[Leg], visits: list[tuple[int, int]]) -> None:
    """The number of the leg that the outcome is of, and when the visit was enqueued."""
    found = accessibility.queue_visits(Extracts(legs=legs))
    assert [(visit.leg.leg_number, visit.enqueued_at) for visit in found] == [(number, at(s)) for number, s in visits]


def test_rings_of_a_visit_wait_from_its_first_leg_on() -> None:
    """Rung from 9:00:00, answered at 9:00:25 by the second: 25 s, not in time."""
    legs = [ring("1", 1, 0, 15), unanswered("1", 2, 16, answered_at=at(25), agent_id="b", end_reason="completed")]
    values = accessibility.kpi_values(Extracts(legs=legs))
    assert of_day(values, "asa_seconds") == (25, 1)
    assert of_day(values, "service_level") == (0, 1)
    rings = handling.kpi_values(Extracts(legs=legs))
    assert of_day(rings, "ring_no_answer_rate") == (1, 2)
    assert of_day(rings, "ring_no_answer_rate", "agent", "a") == (1, 1)
    assert of_day(rings, "ring_no_answer_rate", "agent", "b") == (0, 1)
    assert not [key for key in rings if key.kpi == "ring_no_answer_rate" and key.level in ("channel", "reason")]


def test_rings_count_where_they_started_and_answers_where_they_were_given() -> None:
    """Over midnight, in two teams; outbound contacts, open and internal legs count nowhere."""
    midnight = 15 * 3600
    legs = [
        ring("1", 1, midnight - 10, midnight + 5),
        leg("1", 2, midnight - 10, midnight + 60, answered_at=at(midnight)),
        ring("1", 3, 0, None, end_reason="ring_no_answer"),
        leg("1", 4, 0, None, end_reason=None),
        leg("1", 5, direction="internal"),
        leg("out", direction="outbound"),
    ]
    agents = [AgentVersion("a", NINE - DAY, "t1", "s"), AgentVersion("a", at(midnight), "t2", "s")]
    values = handling.kpi_values(Extracts(legs=legs, agents=agents))
    found = {key[2:]: sums for key, sums in values.items() if key[:2] == ("ring_no_answer_rate", "day")}
    assert found["2026-03-02", "team", "t1"] == (2, 2)
    assert found["2026-03-03", "team", "t2"] == (0, 1)
    assert found["2026-03-02", "organization", "all"] == (2, 2)


# Unknown ends, waits and durations


def test_a_leg_with_a_reason_has_ended() -> None:
    """Nobody knows when: at its latest known instant for the contact; the wait is not known."""
    gone = only([unanswered("1", 1, 0, None)])
    assert (gone.ended_at, gone.is_abandoned, gone.is_short_abandon, gone.wait) == (NINE, True, False, None)
    handled = only([unanswered("1", 1, 0, None, answered_at=at(7), agent_id="a", end_reason="completed")])
    assert (handled.ended_at, handled.wait) == (at(7), 7 * SECOND)
    still_open = only([unanswered("1", 1, 0, None, end_reason=None), unanswered("1", 2, 0, 60)])
    assert still_open.ended_at is None
    values = accessibility.kpi_values(Extracts(legs=[unanswered("1", 1, 0, None), unanswered("2", 1, 0, 3)]))
    assert of_day(values, "abandonment_rate") == (1, 1)
    assert of_day(values, "service_level_abandons_met") == (1, 2)
    assert of_day(values, "service_level_abandons_ignored") == (0, 1)


def test_an_abandon_with_an_unknown_end_is_evidence() -> None:
    """It is no short one."""
    legs = [leg("1", customer_id="k"), unanswered("2", 1, 3600, None, customer_id="k")]
    assert of_day(resolution.kpi_values(Extracts(legs=legs), NOW), "fcr_24h") == (0, 1)


def test_no_wait_is_negative() -> None:
    """Clocks that disagree by two seconds: 0. Who was answered long before the queue did not wait for it."""
    close = unanswered("1", 1, 0, answered_at=at(-2), agent_id="a", end_reason="completed")
    assert only([close]).wait == timedelta(0)
    assert of_day(accessibility.kpi_values(Extracts(legs=[close])), "asa_seconds") == (0, 1)
    assert of_day(accessibility.kpi_values(Extracts(legs=[close])), "service_level") == (1, 1)
    answered_first = [leg("1", 1, 0), unanswered("1", 2, 60, 90)]
    assert only(answered_first).wait is None


def test_durations_that_were_not_recorded_are_in_no_mean() -> None:
    """Talk decides on handle time; the parts have denominators of their own, zeros included."""
    legs = [
        leg("1", talk_seconds=100, hold_seconds=20, hold_count=1, acw_seconds=0),
        leg("2", talk_seconds=50),
        leg("3", hold_seconds=7, end_reason="transferred"),
        leg("4", 1, talk_seconds=None),
        leg("4", 2, talk_seconds=None, acw_seconds=3),
    ]
    values = handling.kpi_values(Extracts(legs=legs))
    assert of_day(values, "aht_seconds") == (170, 2)
    assert of_day(values, "talk_seconds_avg") == (150, 2)
    assert of_day(values, "hold_seconds_avg") == (27, 2)
    assert of_day(values, "acw_seconds_avg") == (3, 2)
    assert of_day(values, "hold_rate") == (1, 1)
    assert of_day(values, "transfer_rate") == (1, 5)
    assert of_day(values, "handle_seconds_per_contact") == (170, 2)
    assert of_day(values, "contacts_handled") == (4, 1)


# Queue history


HISTORY = [
    Queue("q", "c1", "s1", "voice", 20, 5, at(0), Decimal("0.8")),
    Queue("q", "c2", "s2", "voice", 30, None, at(100), Decimal("0.9")),
]


def test_a_queue_is_what_it_was_when_the_visit_was_enqueued() -> None:
    """A second before, at the change; before the first row that row's; an empty threshold is the default."""
    seconds = [queue_at("q", at(s), HISTORY).service_level_seconds for s in (-1, 0, 99, 100)]
    assert seconds == [20, 20, 20, 30]
    assert queue_at("q", at(500), [Queue("q", short_abandon_seconds=9), *HISTORY]).service_level_seconds == 30
    assert queue_at("q", at(-1), [Queue("q", service_level_seconds=9), *HISTORY]).service_level_seconds == 9
    assert (queue_of("q", HISTORY).client_id, queue_of("q", HISTORY).site_id) == ("c2", "s2")
    extracts = Extracts(
        legs=[
            unanswered(f"{start}", 1, start, start + 60, answered_at=at(start + 25), agent_id="a")
            for start in (99, 100)
        ],
        queues=HISTORY,
    )
    assert of_day(accessibility.kpi_values(extracts), "service_level") == (1, 2)
    assert of_day(accessibility.kpi_values(extracts), "service_level", "client", "c2") == (1, 2)
    assert accessibility.target_at("q", at(99), extracts) == Decimal("0.8")
    assert accessibility.target_at("q", at(100), extracts) == Decimal("0.9")


def test_a_contact_is_short_by_what_held_when_it_was_first_enqueued() -> None:
    """First enqueued at 99 s under a limit of 5 s, though it was abandoned under one of 60."""
    queues = [Queue("q", short_abandon_seconds=5), Queue("q", short_abandon_seconds=60, effective_from=at(100))]
    legs = [unanswered("1", 1, 99, 100, end_reason="overflowed"), unanswered("1", 2, 100, 110)]
    assert not only(legs, queues=queues).is_short_abandon
    assert only([unanswered("1", 1, 100, 110)], queues=queues).is_short_abandon


# Addresses


@pytest.mark.parametrize(
    ("address", "on_voice", "elsewhere"),
    [
        (" +40 (720) 000-001 ", "720000001", "720000001"),
        ("N/A", None, None),
        ('"Ann" <sip:+40720000001@carrier.example>', "720000001", "720000001"),
        ("<a> <tel:0720000001>", "720000001", "720000001"),
        ("TEL:+40720000001;phone-context=x", "720000001", "720000001"),
        ("sips:0720000001@host?x=1", "720000001", "720000001"),
        ("sip:ann@example.com", None, "ann@example.com"),
        ("mailto:Ann@Example.com?subject=x", None, "ann@example.com"),
        ("0720000001@example.com", None, "0720000001@example.com"),
        ("0720 000 001 ext. 12", "720000001", "720000001"),
        ("0720000001x12345", "720000001", "720000001"),
        ("12345x12", None, None),
        ("0720000xxx", None, None),
        ("0720***001", None, None),
        ("Anonymous", None, None),
        ("sip:anonymous@anonymous.invalid", None, None),
        ("+266696687", None, None),
        ("7378742833", None, None),
        ("8656696", None, None),
        ("86282452253", None, None),
        ("000-000-0000", None, None),
        ("12345", None, "12345"),
        ("123456", "123456", "123456"),
        ("7009", None, "7009"),
        ("Handle_1", None, "handle_1"),
        ("", None, None),
    ],
)
def test_addresses(address: str, on_voice: str | None, elsewhere: str | None) -> None:
    """The ten steps, on voice and elsewhere."""
    assert normalised(address, "voice") == on_voice
    assert normalised(address, "chat") == elsewhere


def test_the_last_address_that_can_identify_somebody() -> None:
    """After a transfer the extension of the agent stands there; each leg is judged by its own channel."""
    legs = [
        leg("1", 1, customer_address="0720000001"),
        leg("1", 2, customer_address="7009"),
        leg("1", 3, customer_address="ann@example.com"),
    ]
    assert only(legs).customer_key == ("address", "720000001")
    written = leg("1", 4, customer_address="ann@example.com", channel="email")
    assert only([*legs, written]).customer_key == ("address", "ann@example.com")


def test_phones_of_a_country() -> None:
    """E.164, where the oracle is there."""
    pytest.importorskip("phonenumbers")
    assert {normalised(text, "voice", "DK") for text in ("+45 32 12 34 56", "0045 32123456", "32123456")} == {
        "+4532123456"
    }
    assert normalised("+12125550123", "voice", "US") != normalised("+13125550123", "voice", "US")
    assert normalised("030 5550001", "voice", "DE") == "+49305550001"


# People


def states(*spans: tuple[str, int, int | None]) -> list[AgentState]:
    """Make states of agent a, in minutes after nine."""
    return [
        AgentState("a", state, at(60 * start), None if end is None else at(60 * end)) for state, start, end in spans
    ]


def in_force(found: list[AgentState], as_of: datetime = NOW) -> dict[str, int]:
    """Return the minutes of each state."""
    minutes: dict[str, int] = {}
    for state, start, end in workforce.states_in_force(found, as_of):
        minutes[state.state] = minutes.get(state.state, 0) + int((end - start) / MINUTE)
    return minutes


def test_of_overlapping_states_the_one_that_started_last_is_in_force() -> None:
    """Two chats at once, then a break during a meeting that goes on after it."""
    chats = states(("on_contact", 0, 20), ("on_contact", 5, 10), ("available", 20, 40))
    assert in_force(chats) == {"on_contact": 20, "available": 20}
    assert in_force(states(("meeting", 0, 30), ("break", 10, 20))) == {"meeting": 20, "break": 10}
    # Three deep, and one that outlasts the one that it began in.
    nested = states(("meeting", 0, 60), ("break", 10, 50), ("lunch", 20, 30), ("training", 55, 70))
    assert in_force(nested) == {"meeting": 15, "break": 30, "lunch": 10, "training": 15}


def test_an_open_state_ends_at_the_next_start() -> None:
    """It does not go on once that one has ended; the newest ends at now."""
    assert in_force(states(("available", 0, None), ("break", 10, 20))) == {"available": 10, "break": 10}
    assert in_force(states(("meeting", 0, 60), ("available", 10, None), ("break", 20, 30))) == {
        "meeting": 40,
        "available": 10,
        "break": 10,
    }
    assert in_force(states(("break", 0, None)), at(120)) == {"break": 2}
    assert in_force(states(("break", 3, None)), at(120)) == {}


def answer(survey_id: str, days: float, score: int, agent_id: str | None = None) -> Survey:
    """Make an answer to contact 1, so many days after its end."""
    return Survey(survey_id, "1", at(60), agent_id, at(60) + days * DAY, csat_score=score)


def test_of_several_answers_one_counts_for_each_agent() -> None:
    """Agent b is the contact's, so an answer that names nobody is about b; team and site stay the contact's."""
    contacts = contacts_of(
        [leg("1", 1, agent_id="a"), leg("1", 2, agent_id="b")], agents=[AgentVersion("b", NINE, "t")]
    )
    surveys = [answer("1", 1, 1), answer("2", 2, 5, "b"), answer("3", 1, 4, "a"), answer("4", 29, 1, "a")]
    values = experience.kpi_values(contacts, surveys)
    assert of_day(values, "csat") == (2, 2)
    assert of_day(values, "csat", "agent", "a") == (1, 1)
    assert of_day(values, "csat_mean", "agent", "b") == (5, 1)
    assert of_day(values, "csat", "team", "t") == (2, 2)
    assert of_day(values, "survey_response_rate") == (4, 4)


@pytest.mark.parametrize(
    ("login", "adopted", "activated"),
    [
        (at(10), (0, 1), None),
        (at(10) + SECOND / 10, (1, 1), (1, 1)),
        (at(60), (1, 1), (1, 1)),
        (at(60) + 14 * DAY, (1, 1), (1, 1)),
        (at(60) + 14 * DAY + SECOND, (0, 1), (0, 1)),
        (at(5), (0, 1), None),
    ],
)
def test_logins_from_the_earliest_answer_on(
    login: datetime, adopted: tuple[int, int], activated: tuple[int, int] | None
) -> None:
    """Answered at 9:00:10 by the first agent; who helps a customer to log in during the contact has succeeded."""
    legs = [leg("1", 1, account_number="acc", answered_at=at(10)), leg("1", 2, 20, answered_at=at(30))]
    values = self_service.kpi_values(Extracts(legs=legs, logins=[Login("l", "acc", login)]), NOW)
    assert of_day(values, "self_service_adoption_14d") == adopted
    assert of_day(values, "self_service_activation_14d") == activated
