"""Schedules against what agents really did: schedule_adherence and schedule_conformance (specification, Workforce)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from functools import partial
from zoneinfo import ZoneInfo

from .contacts import agent_at
from .extracts import AgentState, Extracts, Schedule
from .tally import KpiValues, Number, Tally, seconds
from .workforce import LEVELS, agent_time, cut_at_midnight, in_force, states_in_force

# "Of a schedule_id the version last published before it starts": is a version that was published in the very
# instant in which it starts published before it starts? No: before is before.
PUBLISHED_AT_THE_START_IS_IN_TIME = False

ON_QUEUE = "on_queue"
ON_QUEUE_STATES = frozenset({"available", "ringing", "on_contact", "after_contact"})


@dataclass(frozen=True)
class ScheduledTime:
    """A piece of a scheduled activity, within one local day and before as_of."""

    agent_id: str
    team_id: str | None
    site_id: str | None
    day: date
    activity: str
    started_at: datetime
    ended_at: datetime

    @property
    def seconds(self) -> Fraction:
        """Return how long it was to last."""
        return seconds(self.ended_at - self.started_at)

    @property
    def members(self) -> dict[str, str | None]:
        """Return the piece's member at each level."""
        return {"site": self.site_id, "team": self.team_id, "agent": self.agent_id}


def fits(activity: str, state: str) -> bool:
    """Return whether a state fits a scheduled activity.

    "on_queue fits available, ringing, on_contact, after_contact; break and lunch fit each other; training;
    meeting fits coaching; off_queue fits anything but on-queue states": each fits the state of its own name too.
    """
    if activity == ON_QUEUE:
        return state in ON_QUEUE_STATES
    if activity in ("break", "lunch"):
        return state in ("break", "lunch")
    if activity == "training":
        return state == "training"
    if activity == "meeting":
        return state in ("meeting", "coaching")
    if activity == "off_queue":
        return state not in ON_QUEUE_STATES
    raise ValueError(f"no such activity: {activity}")


def is_published_in_time(published_at: datetime, starts_at: datetime) -> bool:
    """Return whether something was published before it starts."""
    return published_at < starts_at or (PUBLISHED_AT_THE_START_IS_IN_TIME and published_at == starts_at)


def versions_that_count(schedules: Iterable[Schedule]) -> list[Schedule]:
    """Choose one version of each schedule_id, or none: "the version last published before it starts".

    A version is held against its own start: one that moves an activity to a later hour, published after the old
    start and before the new one, counts.
    """
    chosen: dict[str, Schedule] = {}
    for version in schedules:
        if not is_published_in_time(version.published_at, version.starts_at):
            continue
        before = chosen.get(version.schedule_id)
        if before is None or version.published_at > before.published_at:
            chosen[version.schedule_id] = version
    return list(chosen.values())


def activities_in_force(schedules: Iterable[Schedule]) -> Iterator[tuple[Schedule, datetime, datetime]]:
    """Say what each agent was scheduled for, when: of overlapping activities the one that starts last, as of states.

    Nobody has two plans at once. Of two that start together the one that was published last is in force.
    """
    by_agent: dict[str, list[Schedule]] = defaultdict(list)
    for schedule in schedules:
        by_agent[schedule.agent_id].append(schedule)
    for own in by_agent.values():
        ordered = sorted(own, key=lambda each: (each.starts_at, each.published_at, each.schedule_id))
        yield from in_force((schedule, schedule.starts_at, schedule.ends_at) for schedule in ordered)


def scheduled_time(extracts: Extracts, as_of: datetime, reporting_timezone: str = "UTC") -> list[ScheduledTime]:
    """Cut what was scheduled into days: "only time before as_of", "team as at the scheduled start"."""
    pieces = []
    for schedule, start, end in activities_in_force(versions_that_count(extracts.schedules)):
        agent = agent_at(schedule.agent_id, schedule.starts_at, extracts.agents)
        site_id = agent.site_id if agent is not None else None
        zone = ZoneInfo(extracts.site_timezones.get(site_id or "", reporting_timezone))
        for day, piece_start, piece_end in cut_at_midnight(start, min(end, as_of), zone):
            pieces.append(
                ScheduledTime(
                    agent_id=schedule.agent_id,
                    team_id=agent.team_id if agent is not None else None,
                    site_id=site_id,
                    day=day,
                    activity=schedule.activity,
                    started_at=piece_start,
                    ended_at=piece_end,
                )
            )
    return pieces


def states_by_agent(
    states: Iterable[AgentState], as_of: datetime
) -> dict[str, list[tuple[AgentState, datetime, datetime]]]:
    """Give each agent's states with the times in which they were in force."""
    found: dict[str, list[tuple[AgentState, datetime, datetime]]] = defaultdict(list)
    for state, start, end in states_in_force(states, as_of):
        found[state.agent_id].append((state, start, end))
    return found


def adherent_seconds(piece: ScheduledTime, states: Iterable[tuple[AgentState, datetime, datetime]]) -> Fraction:
    """Return the seconds "in which the actual state fits the scheduled activity"; no state fits nothing."""
    total = Fraction(0)
    for state, start, end in states:
        both_start, both_end = max(start, piece.started_at), min(end, piece.ended_at)
        if both_start < both_end and fits(piece.activity, state.state):
            total += seconds(both_end - both_start)
    return total


def first_pieces(pieces: Iterable[ScheduledTime]) -> dict[tuple[str, date], ScheduledTime]:
    """Give the first scheduled piece of each agent-day that has a schedule: it has the agent-day's team and site."""
    first: dict[tuple[str, date], ScheduledTime] = {}
    for piece in sorted(pieces, key=lambda each: each.started_at):
        first.setdefault((piece.agent_id, piece.day), piece)
    return first


def on_queue_seconds(
    extracts: Extracts, as_of: datetime, reporting_timezone: str = "UTC"
) -> Mapping[tuple[str, date], Fraction]:
    """Return each agent's seconds in on-queue states before as_of, per local day."""
    actual: dict[tuple[str, date], Fraction] = defaultdict(Fraction)
    for piece in agent_time(extracts, as_of, reporting_timezone):
        if piece.state in ON_QUEUE_STATES and piece.started_at < as_of:
            actual[piece.agent_id, piece.day] += min(piece.seconds, seconds(as_of - piece.started_at))
    return actual


def samples(extracts: Extracts, as_of: datetime, reporting_timezone: str = "UTC") -> KpiValues:
    """Count agent-days that have a schedule: "sample_size: […] agent-days for ratios of seconds"."""
    tally = Tally()
    for piece in first_pieces(scheduled_time(extracts, as_of, reporting_timezone)).values():
        for kpi in ("schedule_adherence", "schedule_conformance"):
            tally.add(kpi, piece.day, piece.members, LEVELS, numerator=1, denominator=1)
    return tally.counts()


def kpi_values(extracts: Extracts, as_of: datetime, reporting_timezone: str = "UTC") -> KpiValues:
    """Compute schedule_adherence and schedule_conformance.

    Adherence: "scheduled seconds in which the actual state fits the scheduled activity / scheduled seconds".
    Conformance: "actual on-queue seconds of agent-days that have a schedule / scheduled on-queue seconds (may
    pass 1)"; the actual seconds count for the team and site of the agent-day's first scheduled activity.
    """
    tally = Tally()
    pieces = scheduled_time(extracts, as_of, reporting_timezone)
    states = states_by_agent(extracts.states, as_of)
    for piece in pieces:
        add = partial(tally.add, day=piece.day, members=piece.members, levels=LEVELS)
        adherent = adherent_seconds(piece, states.get(piece.agent_id, ()))
        add("schedule_adherence", numerator=adherent, denominator=piece.seconds)
        on_queue: Number = piece.seconds if piece.activity == ON_QUEUE else 0
        add("schedule_conformance", numerator=0, denominator=on_queue)
    actual = on_queue_seconds(extracts, as_of, reporting_timezone)
    for agent_day, piece in first_pieces(pieces).items():
        worked = actual.get(agent_day, Fraction(0))
        tally.add("schedule_conformance", piece.day, piece.members, LEVELS, numerator=worked, denominator=0)
    return tally.values()
