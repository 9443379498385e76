"""Tests the second computation of plans (schedules, forecasts) and of contacts per hour: examples worked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from reference import forecasts, handling, schedules
from reference.extracts import AgentState, AgentVersion, Extracts, Forecast, Leg, Queue, Schedule
from reference.tally import KpiKey, KpiValues, Number

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NINE + timedelta(days=30)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def planned(
    activity: str,
    start: timedelta,
    end: timedelta,
    *,
    published: datetime = NINE - 24 * HOUR,
    schedule_id: str | None = None,
) -> Schedule:
    """Plan an activity of agent a, from 09:00 + start to 09:00 + end."""
    return Schedule(schedule_id or f"{activity} {start}", "a", activity, NINE + start, NINE + end, published)


def did(state: str, start: timedelta, end: timedelta | None) -> AgentState:
    """Make a state of agent a, from 09:00 + start to 09:00 + end; None leaves it open."""
    return AgentState("a", state, NINE + start, None if end is None else NINE + end)


def of_day(values: KpiValues, kpi: str, day: str = "2026-03-02", member: str = "all") -> tuple[Number, Number] | None:
    """Return numerator and denominator of a day, at organization or the agent."""
    level = "organization" if member == "all" else "agent"
    return values.get(KpiKey(kpi, "day", day, level, member))


def adherence(
    plan: Sequence[Schedule], states: Sequence[AgentState], as_of: datetime = LATER
) -> tuple[Number, Number] | None:
    """Return adherent and scheduled seconds of 2 March."""
    values = schedules.kpi_values(Extracts(schedules=list(plan), states=list(states)), as_of)
    return of_day(values, "schedule_adherence")


@pytest.mark.parametrize(
    ("activity", "fitting"),
    [
        ("on_queue", {"available", "ringing", "on_contact", "after_contact"}),
        ("break", {"break", "lunch"}),
        ("lunch", {"break", "lunch"}),
        ("training", {"training"}),
        ("meeting", {"meeting", "coaching"}),
        ("off_queue", {"break", "lunch", "training", "meeting", "coaching", "system_down", "offline", "else"}),
    ],
)
def test_which_states_fit_an_activity(activity: str, fitting: set[str]) -> None:
    """Of all states that the specification names, and one that it does not know."""
    states = {
        *("available", "ringing", "on_contact", "after_contact", "break", "lunch", "training", "meeting"),
        *("coaching", "system_down", "offline", "else"),
    }
    assert {state for state in states if schedules.fits(activity, state)} == fitting


def test_a_no_show_is_not_adherent_whatever_was_planned() -> None:
    """No state fits nothing, not even off_queue."""
    assert adherence([planned("off_queue", 0 * HOUR, HOUR)], []) == (0, 3600)


def test_adherence_counts_the_seconds_in_which_both_fit() -> None:
    """Ten minutes late, a break an hour early, system_down in between; offline before and after counts nothing."""
    plan = [planned("on_queue", 0 * HOUR, 3 * HOUR), planned("break", 3 * HOUR, 3 * HOUR + 15 * MINUTE)]
    states = [
        did("offline", -HOUR, 10 * MINUTE),
        did("available", 10 * MINUTE, HOUR),
        did("break", HOUR, HOUR + 15 * MINUTE),
        did("on_contact", HOUR + 15 * MINUTE, 2 * HOUR),
        did("system_down", 2 * HOUR, 3 * HOUR),
        did("lunch", 3 * HOUR, None),
    ]
    assert adherence(plan, states) == ((50 + 45 + 15) * 60, (180 + 15) * 60)


@pytest.mark.parametrize(
    ("published", "activity"),
    [(-SECOND, "training"), (timedelta(0), "on_queue"), (SECOND, "on_queue")],
)
def test_the_version_last_published_before_it_starts(published: timedelta, activity: str) -> None:
    """A second before the start is in time, the start itself is not."""
    plan = [
        planned("meeting", 0 * HOUR, HOUR, schedule_id="s", published=NINE - 3 * HOUR),
        planned("training", 0 * HOUR, HOUR, schedule_id="s", published=NINE + published),
        planned("on_queue", 0 * HOUR, HOUR, schedule_id="s", published=NINE - 2 * HOUR),
    ]
    assert [version.activity for version in schedules.versions_that_count(plan)] == [activity]


def test_what_was_published_only_after_its_start_was_never_planned() -> None:
    """No version in time, no scheduled second."""
    assert adherence([planned("on_queue", 0 * HOUR, HOUR, published=NINE)], []) is None


def test_a_version_is_held_against_its_own_start() -> None:
    """At ten the activity that began at nine is moved to eleven."""
    plan = [
        planned("on_queue", 0 * HOUR, HOUR, schedule_id="s"),
        planned("on_queue", 2 * HOUR, 3 * HOUR, schedule_id="s", published=NINE + HOUR),
    ]
    assert [version.starts_at for version in schedules.versions_that_count(plan)] == [NINE + 2 * HOUR]


def test_of_overlapping_activities_the_one_that_starts_last_is_in_force() -> None:
    """On queue 9 to 12, a meeting 10 to 11: from 11 on it is on queue again, as with states."""
    plan = [planned("on_queue", 0 * HOUR, 3 * HOUR), planned("meeting", HOUR, 2 * HOUR)]
    assert adherence(plan, [did("available", 0 * HOUR, 3 * HOUR)]) == (2 * 3600, 3 * 3600)


@pytest.mark.parametrize(("beside", "seconds"), [(-SECOND, 3599), (timedelta(0), 3600), (SECOND, 3600)])
def test_only_time_before_as_of(beside: timedelta, seconds: int) -> None:
    """An activity that still lasts counts up to as_of, and so does the state that is open."""
    plan = [planned("on_queue", 0 * HOUR, HOUR)]
    assert adherence(plan, [did("available", 0 * HOUR, None)], NINE + HOUR + beside) == (seconds, seconds)


def test_an_activity_that_has_not_begun_counts_nothing() -> None:
    """Its start is as_of."""
    assert adherence([planned("on_queue", 0 * HOUR, HOUR)], [], NINE) is None


def test_an_activity_is_cut_at_its_sites_midnight_and_keeps_the_team_of_its_start() -> None:
    """23:00 to 01:00 in Bucharest; the agent changes team at midnight."""
    midnight = datetime(2026, 3, 2, 22, 0, tzinfo=UTC)
    at_night = Schedule("s", "a", "on_queue", midnight - HOUR, midnight + HOUR, NINE)
    extracts = Extracts(
        schedules=[at_night],
        states=[AgentState("a", "available", midnight - HOUR, midnight + HOUR / 2)],
        agents=[AgentVersion("a", NINE, "t1", "s1"), AgentVersion("a", midnight, "t2", "s1")],
        site_timezones={"s1": "Europe/Bucharest"},
    )
    values = schedules.kpi_values(extracts, LATER)
    assert of_day(values, "schedule_adherence") == (3600, 3600)
    assert of_day(values, "schedule_adherence", "2026-03-03") == (1800, 3600)
    teams = {(key.kpi, key.level_id) for key in values if key.level == "team"}
    assert teams == {("schedule_adherence", "t1"), ("schedule_conformance", "t1")}
    assert values[KpiKey("schedule_adherence", "month", "2026-03-01", "site", "s1")] == (5400, 7200)


def test_conformance_takes_all_on_queue_seconds_of_a_scheduled_day() -> None:
    """Overtime counts, so it may pass 1; a day without a schedule does not."""
    extracts = Extracts(
        schedules=[planned("on_queue", 0 * HOUR, HOUR), planned("training", HOUR, 2 * HOUR)],
        states=[
            did("available", 0 * HOUR, 3 * HOUR),
            did("training", 3 * HOUR, 4 * HOUR),
            did("available", 24 * HOUR, 25 * HOUR),
        ],
    )
    values = schedules.kpi_values(extracts, LATER)
    assert of_day(values, "schedule_conformance") == (3 * 3600, 3600)
    assert of_day(values, "schedule_conformance", "2026-03-03") is None
    assert values[KpiKey("schedule_conformance", "month", "2026-03-01", "agent", "a")] == (3 * 3600, 3600)


def test_a_scheduled_day_without_on_queue_time_counts_what_was_worked() -> None:
    """Only a training was planned; the day itself has no value, the month has the seconds."""
    extracts = Extracts(
        schedules=[planned("training", 0 * HOUR, HOUR), planned("on_queue", 24 * HOUR, 25 * HOUR)],
        states=[did("available", 0 * HOUR, HOUR), did("available", 24 * HOUR, 25 * HOUR)],
    )
    values = schedules.kpi_values(extracts, LATER)
    assert of_day(values, "schedule_conformance") is None
    assert values[KpiKey("schedule_conformance", "month", "2026-03-01", "organization", "all")] == (7200, 3600)


def test_the_sample_of_a_ratio_of_seconds_is_agent_days() -> None:
    """Three activities on two days are two agent-days."""
    plan = [planned("on_queue", start * HOUR, (start + 1) * HOUR) for start in (0, 1, 24)]
    counted = schedules.samples(Extracts(schedules=plan), LATER)
    assert counted[KpiKey("schedule_adherence", "month", "2026-03-01", "organization", "all")] == (2, 1)


def visit(contact_id: str, enqueued: timedelta, queue_id: str = "q", lasts: timedelta | None = MINUTE) -> Leg:
    """Make a queue visit that was enqueued at 09:00 + enqueued; lasts=None leaves it open."""
    at = NINE + enqueued
    return Leg(contact_id, 1, at, None if lasts is None else at + lasts, queue_id=queue_id, enqueued_at=at)


def expected(contacts: str, start: timedelta = timedelta(0), published: datetime = NINE - HOUR) -> Forecast:
    """Forecast the half hour of queue q that begins at 09:00 + start."""
    return Forecast("q", NINE + start, 30, Decimal(contacts), published)


def forecast_values(
    legs: Sequence[Leg], made: Sequence[Forecast], as_of: datetime = LATER
) -> dict[str, tuple[Number, Number]]:
    """Return the organization's 2 March by KPI."""
    values = forecasts.kpi_values(Extracts(legs=list(legs), forecasts=list(made)), as_of)
    return {key.kpi: sums for key, sums in values.items() if (key.period_grain, key.level) == ("day", "organization")}


def test_over_and_under_cancel_in_the_bias_alone() -> None:
    """Forecast 2.5 where 1 came, 0 where 1 came."""
    found = forecast_values([visit("1", 0 * HOUR), visit("2", HOUR / 2)], [expected("2.5"), expected("0", HOUR / 2)])
    assert found == {"forecast_wape": (Fraction(5, 2), 2), "forecast_bias": (Fraction(1, 2), 2)}


def test_an_interval_has_its_start_and_not_its_end() -> None:
    """A second before, at the start, a second before the end, at the end; another queue, an open visit, outbound."""
    legs = [
        visit("before", -SECOND),
        visit("start", timedelta(0)),
        visit("last", HOUR / 2 - SECOND),
        visit("end", HOUR / 2),
        visit("other", timedelta(0), "q2"),
        visit("open", timedelta(0), lasts=None),
        Leg("out", 1, NINE, NINE + MINUTE, direction="outbound", queue_id="q", enqueued_at=NINE),
    ]
    assert forecast_values(legs, [expected("3")])["forecast_bias"] == (1, 2)


@pytest.mark.parametrize(("beside", "counts"), [(-SECOND, False), (timedelta(0), True), (SECOND, True)])
def test_only_intervals_that_are_over(beside: timedelta, counts: bool) -> None:
    """An interval that ends at as_of is before it."""
    found = forecast_values([visit("1", timedelta(0))], [expected("1")], NINE + HOUR / 2 + beside)
    assert bool(found) is counts


@pytest.mark.parametrize(("published", "contacts"), [(-SECOND, 3), (timedelta(0), 2), (SECOND, 2)])
def test_the_forecast_last_published_before_the_interval(published: timedelta, contacts: int) -> None:
    """What is published as the interval begins comes too late."""
    made = [expected("1", published=NINE - 2 * HOUR), expected("2"), expected("3", published=NINE + published)]
    assert forecast_values([visit("1", timedelta(0))], made)["forecast_bias"] == (contacts - 1, 1)


def test_a_forecast_counts_for_its_queue() -> None:
    """Client, site, channel and the local day are the queue's, also where nothing was offered."""
    extracts = Extracts(
        legs=[visit("1", timedelta(0))],
        forecasts=[expected("2"), expected("4", -HOUR, NINE - 2 * HOUR)],
        queues=[Queue("q", "c", "s", "voice")],
        site_timezones={"s": "Asia/Tokyo"},
    )
    at_night = NINE + 7 * HOUR
    extracts.forecasts.append(Forecast("q", at_night, 30, Decimal(1), NINE))
    values = forecasts.kpi_values(extracts, LATER)
    months = {(key.level, key.level_id): sums for key, sums in values.items() if key[:2] == ("forecast_wape", "month")}
    members = [("organization", "all"), ("client", "c"), ("site", "s"), ("queue", "q"), ("channel", "voice")]
    assert months == dict.fromkeys(members, (6, 1))
    assert of_day(values, "forecast_wape") == (5, 1)
    assert of_day(values, "forecast_wape", "2026-03-03") is None


def test_contacts_handled_per_hour() -> None:
    """Two handled inbound contacts in an hour and a half of logged-in time, lunch among it; offline is not."""
    answered = {"answered_at": NINE, "agent_id": "a"}
    extracts = Extracts(
        legs=[
            Leg("1", 1, NINE, NINE + MINUTE, **answered),  # type: ignore[arg-type]
            Leg("2", 1, NINE, NINE + MINUTE, **answered),  # type: ignore[arg-type]
            Leg("out", 1, NINE, NINE + MINUTE, direction="outbound", **answered),  # type: ignore[arg-type]
            visit("gave up", timedelta(0)),
        ],
        states=[did("on_contact", 0 * HOUR, HOUR), did("lunch", HOUR, 1.5 * HOUR), did("offline", 2 * HOUR, None)],
        agents=[AgentVersion("a", NINE, "t", "s")],
    )
    values = handling.contacts_handled_per_hour(extracts, LATER)
    months = {(key.level, key.level_id): sums for key, sums in values.items() if key.period_grain == "month"}
    members = [("organization", "all"), ("site", "s"), ("team", "t"), ("agent", "a")]
    assert months == dict.fromkeys(members, (2, Fraction(3, 2)))
