"""Tests the reference itself: examples worked by hand, and the specification's worked cases."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import (
    accessibility,
    experience,
    extracts,
    handling,
    resolution,
    sales,
    self_service,
    tables,
    technion,
    workforce,
)
from reference.addresses import normalised
from reference.contacts import Contact, contacts_of, contacts_of_extracts, identify
from reference.extracts import AgentVersion, Customer, Extracts, Leg, Queue, Session, Survey
from reference.tally import KpiKey, KpiValues

SHARED = Path(__file__).parents[3] / "shared"
AWKWARD = SHARED / "cases" / "awkward"
TECHNION = SHARED / "data" / "technion_bank" / "calls_1999_02.tsv"
AWKWARD_AS_OF = datetime(2026, 4, 10, tzinfo=UTC)
RESOLUTION_KPIS = (
    *(f"{kpi}_{hours}h" for kpi in ("fcr", "fcr_same_reason", "repeat_rate", "ocr") for hours in (24, 48, 72, 168)),
    "ocr_survey",
    "fcr_survey",
    "fcr_disposition",
    "call_resolution_rate",
    "identified_rate",
)
ACCESSIBILITY_KPIS = (
    "service_level",
    "service_level_answered_only",
    "service_level_abandons_missed",
    "service_level_abandons_met",
    "service_level_abandons_ignored",
    "abandonment_rate",
    "asa_seconds",
)
HANDLING_KPIS = (
    "aht_seconds",
    "talk_seconds_avg",
    "hold_seconds_avg",
    "acw_seconds_avg",
    "hold_rate",
    "transfer_rate",
    "ring_no_answer_rate",
    "channel_mix",
    "contact_type_mix",
)
WORKFORCE_KPIS = ("occupancy", "utilization", "idle_rate", "downtime_seconds", "shrinkage")
SALES_KPIS = ("net_sales_per_hour", "gross_sales_per_hour", "average_order_value", "conversion_rate")
SELF_SERVICE_KPIS = (
    "self_service_adoption_14d",
    "self_service_activation_14d",
    "ivr_containment",
    "ivr_containment_true",
)
EXPERIENCE_KPIS = ("csat", "csat_mean", "nps", "ces", "ownership", "survey_response_rate")

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = START + timedelta(days=90)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def call(contact_id: str, at: timedelta, lasts: timedelta | None = MINUTE, **changes: object) -> Leg:
    """Make a handled inbound call of customer k, from START + at; lasts=None leaves it open."""
    started = START + at
    columns: dict[str, object] = {
        "enqueued_at": started,
        "answered_at": started,
        "ended_at": None if lasts is None else started + lasts,
        "agent_id": "a",
        "queue_id": "q",
        "customer_id": "k",
        "end_reason": None if lasts is None else "completed",
    }
    return Leg(contact_id=contact_id, leg_number=1, started_at=started, **{**columns, **changes})  # type: ignore[arg-type]


def abandoned(contact_id: str, at: timedelta, waited: timedelta) -> Leg:
    """Make an inbound call that was abandoned in the queue after a wait."""
    return call(contact_id, at, waited, agent_id=None, answered_at=None, end_reason="abandoned")


def judge(*legs: Leg, as_of: datetime = LATER, **more: object) -> dict[str, resolution.Resolution]:
    """Judge these legs, at an instant at which everything is mature."""
    return resolution.resolution_by_contact(legs, as_of=as_of, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("hours", [24, 48, 72, 168])
@pytest.mark.parametrize(("beside", "inside"), [(-SECOND, True), (timedelta(0), True), (SECOND, False)])
def test_gap_of_exactly_a_window_is_inside(hours: int, beside: timedelta, inside: bool) -> None:
    """A gap runs from the end of the first contact; W is inside, W + 1 s is not."""
    gap = timedelta(hours=hours) + beside
    judged = judge(call("first", timedelta(0)), call("second", MINUTE + gap))
    assert judged["first"].same_channel.gap_to_next_evidence == gap
    assert judged["first"].same_channel.is_repeated[hours] is inside
    assert judged["second"].same_channel.is_repeat[hours] is inside
    assert judged["second"].same_channel.is_head[hours] is not inside


@pytest.mark.parametrize(("beside", "mature"), [(-SECOND, False), (timedelta(0), True), (SECOND, True)])
def test_a_window_is_mature_at_the_instant_it_has_run_out(beside: timedelta, mature: bool) -> None:
    """Mature: ended_at + W ≤ as_of."""
    as_of = START + MINUTE + timedelta(hours=24) + beside
    judged = judge(call("only", timedelta(0)), as_of=as_of)
    assert judged["only"].is_mature[24] is mature


def test_as_of_is_by_default_the_newest_event_of_the_legs() -> None:
    """The second call's end decides, so the first is mature for 24 h and the second is not."""
    judged = resolution.resolution_by_contact([call("first", timedelta(0)), call("second", timedelta(hours=24))])
    assert judged["first"].is_mature == {24: True, 48: False, 72: False, 168: False}
    assert judged["second"].is_mature[24] is False


def test_ties_in_start_are_ordered_by_contact_id() -> None:
    """Of two contacts that start together the greater contact_id is the later one."""
    judged = judge(call("b", timedelta(0)), call("a", timedelta(0)))
    assert judged["a"].same_channel.is_head[24]
    assert judged["a"].same_channel.is_repeated[24]
    assert judged["b"].same_channel.is_repeat[24]
    assert judged["b"].same_channel.next_evidence is None


def test_an_overlapping_contact_has_gap_zero() -> None:
    """A contact that starts while the first still lasts is evidence with a gap of 0."""
    judged = judge(call("long", timedelta(0), timedelta(hours=2)), call("inside", timedelta(hours=1)))
    assert judged["long"].same_channel.gap_to_next_evidence == timedelta(0)
    assert judged["inside"].same_channel.gap_since_previous == timedelta(0)
    assert judged["inside"].same_channel.is_repeat[24]


def test_the_previous_contact_is_the_one_that_ended_last() -> None:
    """An e-mail of days that began first still makes a repeat of what follows the call in between."""
    judged = judge(
        call("long", timedelta(0), timedelta(days=5), channel="email"),
        call("short", timedelta(hours=1), channel="email"),
        call("third", timedelta(days=6), channel="email"),
    )
    previous = judged["third"].same_channel.previous
    assert previous is not None
    assert previous.contact_id == "long"
    assert judged["third"].same_channel.is_repeat == {24: True, 48: True, 72: True, 168: True}
    # From the long one's view the short one is the nearest evidence, though it lies inside.
    assert judged["long"].same_channel.gap_to_next_evidence == timedelta(0)
    assert judged["short"].same_channel.is_repeated == {24: False, 48: False, 72: False, 168: True}


def test_a_short_abandon_between_hides_no_true_repeat() -> None:
    """5 s is short and no evidence, 6 s is not short; the contact behind a short one is still found."""
    short = judge(
        call("first", timedelta(0)),
        abandoned("hung up", timedelta(hours=1), timedelta(seconds=5)),
        call("again", timedelta(hours=2)),
    )
    following = short["first"].same_channel.next_evidence
    assert following is not None
    assert following.contact_id == "again"
    assert not short["hung up"].same_channel.is_repeat[24]
    waited = judge(call("first", timedelta(0)), abandoned("hung up", timedelta(hours=1), timedelta(seconds=6)))
    assert waited["first"].same_channel.is_repeated[24]
    assert waited["hung up"].same_channel.is_repeat[24]
    assert not waited["hung up"].same_channel.is_head[24]


def test_an_abandoned_contact_makes_no_repeat_of_the_next() -> None:
    """A repeat is evidence against an earlier *handled* contact; who got through at last is a head."""
    judged = judge(abandoned("gave up", timedelta(0), timedelta(minutes=3)), call("got through", timedelta(hours=1)))
    assert judged["got through"].same_channel.is_head[24]
    assert judged["got through"].same_channel.previous is None


@pytest.mark.parametrize("direction", ["outbound", "internal"])
def test_only_inbound_contacts_are_linked(direction: str) -> None:
    """An outbound call between two inbound ones is no evidence, has no row, and hides nothing."""
    judged = judge(
        call("first", timedelta(0)),
        call("between", timedelta(hours=1), direction=direction),
        call("again", timedelta(hours=30)),
    )
    assert set(judged) == {"first", "again"}
    following = judged["first"].same_channel.next_evidence
    assert following is not None
    assert following.contact_id == "again"
    assert judged["first"].same_channel.is_repeated == {24: False, 48: True, 72: True, 168: True}


def test_an_open_contact_is_evidence_but_nothing_follows_it() -> None:
    """A contact with an open leg is not eligible for anything that needs its end."""
    judged = judge(
        call("first", timedelta(0)), call("open", timedelta(hours=1), None), call("third", timedelta(hours=2))
    )
    assert judged["first"].same_channel.is_repeated[24]
    assert judged["open"].same_channel.is_repeat[24]
    assert judged["open"].same_channel.gap_to_next_evidence is None
    assert judged["open"].is_mature[24] is False
    previous = judged["third"].same_channel.previous
    assert previous is not None
    assert previous.contact_id == "first"


def test_links_stay_within_one_client_and_no_client_is_one_group() -> None:
    """Clients c1, c2 and none: only equals are linked."""
    judged = judge(
        call("1", timedelta(0), client_id="c1"),
        call("2", timedelta(hours=1), client_id="c2"),
        call("3", timedelta(hours=2)),
        call("4", timedelta(hours=3)),
    )
    assert [judged[contact].same_channel.is_repeat[24] for contact in "1234"] == [False, False, False, True]


def test_same_reason_and_any_channel_have_heads_of_their_own() -> None:
    """A contact without a reason is always a head within its reason, and never followed."""
    judged = judge(
        call("1", timedelta(0), reason_code="bill"),
        call("2", timedelta(hours=1)),
        call("3", timedelta(hours=2), reason_code="bill", channel="chat"),
        call("4", timedelta(hours=3), reason_code="bill"),
        call("5", timedelta(hours=4)),
    )
    assert [judged[contact].same_reason.is_head[24] for contact in "12345"] == [True, True, True, False, True]
    assert [judged[contact].same_reason.is_repeated[24] for contact in "12345"] == [
        True,
        False,
        False,
        False,
        False,
    ]
    assert [judged[contact].any_channel.is_head[24] for contact in "12345"] == [
        True,
        False,
        False,
        False,
        False,
    ]
    assert [judged[contact].same_channel.is_head[24] for contact in "12345"] == [
        True,
        False,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("entered", "changes", "counts"),
    [
        (-timedelta(hours=24), {}, True),
        (-timedelta(hours=24) - SECOND, {}, False),
        (MINUTE / 2, {}, True),
        (MINUTE + timedelta(hours=24), {}, True),
        (MINUTE + timedelta(hours=24) + SECOND, {}, False),
        (-MINUTE, {"contact_id": "only"}, False),
        (-MINUTE, {"contact_id": "another"}, True),
        (-MINUTE, {"client_id": "c1"}, True),
        (-MINUTE, {"client_id": "c2"}, False),
        (-MINUTE, {"customer_id": "someone else"}, False),
        (-MINUTE, {"exit_type": "self_served"}, False),
        (-MINUTE, {"exit_type": "failed"}, True),
    ],
)
def test_self_service_that_went_wrong(entered: timedelta, changes: dict[str, str], counts: bool) -> None:
    """Within W before the start, during, or within W after the end; not the one that led to the contact."""
    columns = {"exit_type": "hung_up", "customer_id": "k", **changes}
    session = Session("s", START + entered, **columns)  # type: ignore[arg-type]
    judged = judge(call("only", timedelta(0), client_id="c1"), sessions=[session])
    assert bool(judged["only"].went_wrong_around[24]) is counts


def test_last_handled_leg_has_the_agent_and_queue() -> None:
    """A transfer to another agent who answers, and one that nobody answers."""
    first = call("c", timedelta(0), end_reason="transferred")
    second = Leg("c", 2, START + MINUTE, START + 2 * MINUTE, agent_id="b", answered_at=START + MINUTE)
    third = Leg("c", 3, START + 2 * MINUTE, START + 3 * MINUTE, queue_id="q2", end_reason="abandoned")
    (contact,) = contacts_of([third, first, second])
    assert (contact.agent_id, contact.queue_id) == ("b", None)
    assert (contact.is_handled, contact.is_abandoned) == (True, False)
    assert contact.ended_at == START + 3 * MINUTE


def test_team_is_the_one_at_the_start_and_the_day_is_the_queue_sites() -> None:
    """Before the first effective_from there is no team; the site is then the queue's."""
    agents = [AgentVersion("a", START, "t1", "s1"), AgentVersion("a", START + SECOND, "t2", "s2")]
    queues = [Queue("q", client_id="c1", site_id="s3")]
    zones = {"s1": "UTC", "s3": "Asia/Bangkok"}
    moments = {"early": -SECOND, "at": timedelta(0), "late": timedelta(hours=8)}
    legs = [call(name, at) for name, at in moments.items()]
    found = {contact.contact_id: contact for contact in contacts_of(legs, (), queues, agents, site_timezones=zones)}
    assert {name: (contact.team_id, contact.site_id) for name, contact in found.items()} == {
        "early": (None, "s3"),
        "at": ("t1", "s1"),
        "late": ("t2", "s2"),
    }
    assert found["late"].date_day == date(2026, 3, 3)
    assert found["late"].client_id == "c1"


@pytest.mark.parametrize(
    ("address", "channel", "expected"),
    [
        ("+40 720 000001", "voice", (("customer", "k1"), "address_match")),
        ("0720-000-001", "sms", (("customer", "k1"), "address_match")),
        ("One@Example.com", "email", (("customer", "k1"), "address_match")),
        ("0720000002", "voice", (("address", "720000002"), "address")),
        ("0720000003", "voice", (None, "none")),
        ("0720000009", "voice", (("address", "720000009"), "address")),
        ("anonymous", "voice", (None, "none")),
        ("12345", "voice", (None, "none")),
        ("123456", "voice", (("address", "123456"), "address")),
        ("12345", "chat", (("address", "12345"), "address")),
        ("One@Example.com", "voice", (None, "none")),
    ],
)
def test_identity_by_address(address: str, channel: str, expected: tuple[tuple[str, str] | None, str]) -> None:
    """One holder, two, four, none; withheld numbers and short codes."""
    customers = [
        Customer("k1", START, phone="+40 720 000 001", email="one@example.COM"),
        *(Customer(f"two{n}", START, phone="720000002") for n in range(2)),
        *(Customer(f"many{n}", START, phone="720000003") for n in range(4)),
    ]
    assert identify(None, None, normalised(address, channel), customers=customers) == expected


def test_identity_by_account_comes_before_the_address() -> None:
    """The account's customer that was updated last; an unknown account leaves the address to decide."""
    customers = [
        Customer("old", START, account_number="acc"),
        Customer("new", START + SECOND, account_number="acc"),
        Customer("phone", START, phone="0720000001"),
    ]
    address = "720000001"
    assert identify("id", "acc", address, customers=customers) == (("customer", "id"), "customer_id")
    assert identify(None, "acc", address, customers=customers) == (("customer", "new"), "account")
    assert identify(None, "?", address, customers=customers) == (("customer", "phone"), "address_match")


def test_times_without_an_offset_are_the_sources() -> None:
    """An ambiguous local time is the earlier one, a non-existent one is refused."""
    zone = ZoneInfo("Europe/Bucharest")
    assert extracts.parse_instant("2026-03-02 09:00:00", zone) == datetime(2026, 3, 2, 7, tzinfo=UTC)
    assert extracts.parse_instant("2026-03-02T09:00:00-05:00", zone) == datetime(2026, 3, 2, 14, tzinfo=UTC)
    assert extracts.parse_instant("2025-10-26 03:30:00", zone) == datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
    with pytest.raises(extracts.RefusedRowError):
        extracts.parse_instant("2026-03-29 03:30:00", zone)


def test_the_current_version_of_a_record(tmp_path: Path) -> None:
    """Greater updated_at wins wherever it stands; of equals the later line; a withdrawn record is gone."""
    header = "customer_id,updated_at,account_number,is_deleted\n"
    folder = tmp_path / "crm"
    folder.mkdir()
    (folder / "customers.part1.csv").write_text(
        header + "k1,2026-03-02T00:00:00Z,new,\nk2,2026-03-01T00:00:00Z,first,\nk3,2026-03-01T00:00:00Z,x,\n",
        encoding="utf-8",
    )
    (folder / "customers.part2.csv").write_text(
        header
        + "k1,2026-03-02 00:00:00+01:00,old,\nk2,2026-03-01T00:00:00Z,second,\n"
        + "k3,2026-03-02T00:00:00Z,x,true\nk4,,x,\n",
        encoding="utf-8",
    )
    read = extracts.read_extracts(tmp_path)
    assert {(one.customer_id, one.account_number) for one in read.customers} == {
        ("k1", "new"),
        ("k2", "second"),
    }
    assert len(read.refused) == 1


def test_of_several_answers_the_latest_within_28_days_counts() -> None:
    """The boundary is inside; an answer after it does not cancel the one before."""
    (contact,) = contacts_of([call("c", timedelta(0))])
    end = START + MINUTE
    answers = [
        Survey("v1", "c", end, responded_at=end + timedelta(days=1), csat_score=1),
        Survey("v2", "c", end, responded_at=end + timedelta(days=28), csat_score=2),
        Survey("v3", "c", end, responded_at=end + timedelta(days=28) + SECOND, csat_score=3),
    ]
    assert [survey.survey_id for _, survey in experience.counting_answers([contact], answers)] == ["v2"]


def test_kpi_values_by_hand() -> None:
    """A head, a repeat of it two hours later, and a third call when the repeat's first window has run out."""
    legs = [call("1", timedelta(0)), call("2", timedelta(hours=2)), call("3", timedelta(hours=27))]
    values = resolution.kpi_values(Extracts(legs=legs), as_of=START + timedelta(hours=60))
    month = {
        key.kpi: sums for key, sums in values.items() if (key.period_grain, key.level) == ("month", "organization")
    }
    # "2" is a repeat of "1" (gap 1 h 59 min); "3" comes 24 h 59 min after "2": no repeat within 24 h.
    assert month["fcr_24h"] == (1, 2)
    assert month["repeat_rate_24h"] == (1, 3)
    assert month["repeat_rate_48h"] == (2, 3)
    assert month["fcr_48h"] == (0, 1)
    assert "fcr_72h" not in month
    assert month["identified_rate"] == (3, 3)
    assert values[KpiKey("fcr_24h", "week", "2026-03-02", "queue", "q")] == (1, 2)
    assert values[KpiKey("fcr_24h", "day", "2026-03-03", "agent", "a")] == (1, 1)


def test_repeat_contacts_by_day_by_hand() -> None:
    """Gap 0 and gaps up to 24 h are day 1; a second more is day 2; every later evidence contact counts."""
    day = timedelta(days=1)
    contacts = contacts_of(
        [
            call("head", timedelta(0), timedelta(hours=1)),
            call("overlap", timedelta(minutes=30)),
            call("day 1", timedelta(hours=1) + day),
            call("day 2", timedelta(hours=1) + day + SECOND),
            call("day 7", timedelta(hours=1) + 7 * day),
        ]
    )
    key = (date(2026, 3, 2), "voice", "q", "unknown")
    assert tables.repeat_contacts_by_day(contacts) == {key: (1, 2, 1, 0, 0, 0, 0, 1)}


def test_fcr_window_curve_by_hand() -> None:
    """Repeats by the hour of the gap to the contact before: 0 s, 1 h, 1 h + 1 s."""
    hour = timedelta(hours=1)
    contacts = contacts_of(
        [
            call("1", timedelta(0), hour),
            call("2", timedelta(minutes=59), timedelta(minutes=1)),
            call("3", 2 * hour, timedelta(0)),
            call("4", 3 * hour + SECOND),
        ]
    )
    curve = tables.fcr_window_curve(contacts)
    assert (curve["voice", 1].repeats, curve["voice", 1].cumulative_share) == (2, Fraction(2, 3))
    assert (curve["voice", 2].repeats, curve["voice", 2].cumulative_share) == (1, Fraction(1))
    assert (curve["voice", 168].repeats, curve["voice", 168].cumulative_share) == (0, Fraction(1))
    assert len(curve) == 168


def test_repeat_chains_by_hand() -> None:
    """A chain goes on from contact to contact, and breaks a second beyond the largest window."""
    week = timedelta(hours=168)
    contacts = contacts_of(
        [
            abandoned("a gave up", timedelta(0), timedelta(minutes=5)),
            call("b", timedelta(hours=1), timedelta(0)),
            abandoned("c gave up", timedelta(hours=1) + week, timedelta(minutes=5)),
            call("d", timedelta(hours=2) + week, timedelta(0)),
            call("e", timedelta(hours=2) + 2 * week + SECOND, None),
            call("f", timedelta(hours=3) + 2 * week),
        ]
    )
    chains = tables.repeat_chains(contacts)
    assert {chain_id: chain.contact_ids for chain_id, chain in chains.items()} == {"b": ("b", "c gave up", "d")}
    assert chains["b"].started_at == START + timedelta(hours=1)
    assert chains["b"].ended_at == START + timedelta(hours=2) + week


def test_service_level_as_the_specification_works_it() -> None:
    """1000 answered, 860 of them in 20 s; 60 abandoned, 20 within 20 s of which 10 within 5 s (short)."""
    waits = [(20, 860, True), (21, 140, True), (5, 10, False), (20, 10, False), (21, 40, False)]
    legs: list[Leg] = []
    for seconds, number, answered in waits:
        wait = timedelta(seconds=seconds)
        for _ in range(number):
            contact_id, at = f"c{len(legs)}", START + wait
            legs.append(
                call(contact_id, timedelta(0), answered_at=at)
                if answered
                else abandoned(contact_id, timedelta(0), wait)
            )
    found = {
        key.kpi: sums
        for key, sums in accessibility.kpi_values(Extracts(legs=legs)).items()
        if (key.period_grain, key.level) == ("day", "organization")
    }
    assert found["service_level"] == (860, 1050)
    assert found["service_level_answered_only"] == (860, 1000)
    assert found["service_level_abandons_missed"] == (860, 1060)
    assert found["service_level_abandons_met"] == (880, 1060)
    assert found["service_level_abandons_ignored"] == (860, 1040)
    assert found["queue_visits_offered"] == (1060, 1)


LEGS = st.lists(
    st.builds(
        lambda minute, lasts, channel, reason, kind: (minute, lasts, channel, reason, kind),
        st.integers(0, 6).map(lambda hours: timedelta(hours=12 * hours)),
        st.none() | st.integers(0, 4).map(lambda hours: timedelta(hours=12 * hours)),
        st.sampled_from(["voice", "email"]),
        st.sampled_from([None, "bill", "fault"]),
        st.sampled_from(["handled", "abandoned", "neither", "outbound"]),
    ),
    max_size=7,
)
KINDS: dict[str, dict[str, object]] = {
    "handled": {},
    "abandoned": {"agent_id": None, "answered_at": None, "end_reason": "abandoned"},
    "neither": {"agent_id": None, "answered_at": None, "end_reason": "voicemail"},
    "outbound": {"direction": "outbound"},
}


@settings(max_examples=60, deadline=None)
@given(LEGS)
def test_neighbours_say_the_same_as_all_pairs(
    drawn: list[tuple[timedelta, timedelta | None, str, str | None, str]],
) -> None:
    """The nearest evidence and the contact that ended last decide, as the specification implies."""
    legs = [
        call(f"c{number}", at, lasts, channel=channel, reason_code=reason, **KINDS[kind])
        for number, (at, lasts, channel, reason, kind) in enumerate(drawn)
    ]
    for judged in judge(*legs).values():
        for links in (judged.same_channel, judged.same_reason, judged.any_channel):
            for hours in (24, 48, 72, 168):
                window = timedelta(hours=hours)
                assert links.is_repeated[hours] is resolution.within(links.gap_to_next_evidence, window)
                near = resolution.within(links.gap_since_previous, window)
                assert links.is_repeat[hours] is (near and resolution.may_be_evidence(judged.contact))


@pytest.fixture(scope="module")
def awkward() -> Iterator[Extracts]:
    """Read the worked cases, where they are at hand."""
    if not AWKWARD.is_dir():
        pytest.skip("the worked cases (../shared/cases/awkward) are not here")
    yield extracts.read_extracts(AWKWARD / "extracts")


@pytest.fixture(scope="module")
def expected(awkward: Extracts) -> KpiValues:
    """Read the expected values of the worked cases; they come with the extracts."""
    assert awkward.legs
    with (AWKWARD / "expected_kpi_values.new_rules.csv").open(newline="", encoding="utf-8") as lines:
        return {
            KpiKey(row["kpi"], row["period_grain"], row["period_start"], row["level"], row["level_id"]): (
                Fraction(row["numerator"]),
                Fraction(row["denominator"]),
            )
            for row in csv.DictReader(lines)
        }


def assert_as_expected(values: KpiValues, expected: KpiValues, kpis: tuple[str, ...]) -> None:
    """Compare all rows both ways; the file has days at organization and queue, months at every level."""
    computed = {
        key: tuple(map(float, sums))
        for key, sums in values.items()
        if key.period_grain == "month" or (key.period_grain == "day" and key.level in ("organization", "queue"))
    }
    known = {key: tuple(map(float, sums)) for key, sums in expected.items() if key.kpi in kpis}
    assert {key.kpi for key in known} == set(kpis)
    assert computed.keys() == known.keys()
    differing = {key: (computed[key], known[key]) for key in known if computed[key] != pytest.approx(known[key])}
    assert not differing


def test_awkward_resolution(awkward: Extracts, expected: KpiValues) -> None:
    """Every row of the section Resolution agrees with the worked cases."""
    values = resolution.kpi_values(awkward, AWKWARD_AS_OF)
    assert_as_expected(values, expected, RESOLUTION_KPIS)


def test_awkward_experience(awkward: Extracts, expected: KpiValues) -> None:
    """Every row of the section Experience agrees with the worked cases."""
    values = experience.kpi_values(contacts_of_extracts(awkward), awkward.surveys)
    assert_as_expected(values, expected, EXPERIENCE_KPIS)


def test_awkward_accessibility(awkward: Extracts, expected: KpiValues) -> None:
    """Every row of the section Accessibility that the worked cases have agrees with them."""
    values = accessibility.kpi_values(awkward)
    covered = {key: sums for key, sums in values.items() if key.kpi in ACCESSIBILITY_KPIS}
    assert_as_expected(covered, expected, ACCESSIBILITY_KPIS)


def test_awkward_handling(awkward: Extracts, expected: KpiValues) -> None:
    """Every row of the section Handling that the worked cases have agrees with them."""
    values = handling.kpi_values(awkward)
    covered = {key: sums for key, sums in values.items() if key.kpi in HANDLING_KPIS}
    assert_as_expected(covered, expected, HANDLING_KPIS)


def test_awkward_workforce(awkward: Extracts, expected: KpiValues) -> None:
    """Every row that comes from agent states agrees with the worked cases."""
    assert_as_expected(workforce.kpi_values(awkward, AWKWARD_AS_OF), expected, WORKFORCE_KPIS)


def test_awkward_sales(awkward: Extracts, expected: KpiValues) -> None:
    """Every row of the section Sales agrees with the worked cases."""
    assert_as_expected(sales.kpi_values(awkward, AWKWARD_AS_OF), expected, SALES_KPIS)


def test_awkward_self_service(awkward: Extracts, expected: KpiValues) -> None:
    """Every row of the section Self-service agrees with the worked cases."""
    assert_as_expected(self_service.kpi_values(awkward, AWKWARD_AS_OF), expected, SELF_SERVICE_KPIS)


@pytest.fixture(scope="module")
def bank() -> list[Contact]:
    """Read the bank's calls, where they are at hand."""
    if not TECHNION.is_file():
        pytest.skip("the bank's call log (../shared/data/technion_bank) is not here")
    return technion.read_contacts(TECHNION)


def test_technion_totals(bank: list[Contact]) -> None:
    """The figures that the data's README states."""
    totals = technion.totals(bank)
    assert (totals.contacts, totals.handled, totals.abandoned_in_queue) == (33_066, 27_162, 3_963)
    assert totals.answered_within_20_seconds == 16_209
    assert round(float(totals.mean_wait_of_handled), 3) == 40.774
