"""Agent time and the KPIs of the section Workforce of the specification that come from agent states."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache, partial
from itertools import pairwise
from typing import TypeVar
from zoneinfo import ZoneInfo

from .contacts import agent_at
from .extracts import AgentState, Extracts
from .tally import KpiValues, Tally, seconds

LEVELS = ("organization", "site", "team", "agent")
# "Each state counts as (seed `agent_states`)"; shrinkage is "break, training, meeting, coaching, system_down
# and every other".
COUNTS_AS = {
    "on_contact": "handling",
    "after_contact": "handling",
    "available": "available",
    "ringing": "available",
    "lunch": "unpaid",
    "offline": "offline",
}
OTHER = "shrinkage"

Span = TypeVar("Span")


@dataclass(frozen=True)
class AgentTime:
    """A piece of a state, within one local day."""

    agent_id: str
    team_id: str | None
    site_id: str | None
    role: str | None
    day: date
    state: str
    started_at: datetime
    seconds: Fraction

    @property
    def counts_as(self) -> str:
        """Return what the state counts as."""
        return COUNTS_AS.get(self.state, OTHER)

    @property
    def is_logged_in(self) -> bool:
        """logged_in = all but offline."""
        return self.counts_as != "offline"

    @property
    def is_paid(self) -> bool:
        """Paid = logged_in - unpaid."""
        return self.counts_as not in ("offline", "unpaid")

    @property
    def members(self) -> dict[str, str | None]:
        """Return the piece's member at each level."""
        return {"site": self.site_id, "team": self.team_id, "agent": self.agent_id}


def in_force(spans: Iterable[tuple[Span, datetime, datetime]]) -> Iterator[tuple[Span, datetime, datetime]]:
    """Say what is in force, when, of an agent's spans; they come with start and end, in order of start.

    "of overlapping states the one that started last is in force, and the one under it again once that has ended". Of
    two that start together the one that comes later in the order is in force.
    """
    lasting = [span for span in spans if span[1] < span[2]]
    instants = sorted({instant for _, start, end in lasting for instant in (start, end)})
    first = 0
    under_way: list[tuple[Span, datetime, datetime]] = []
    for begin, finish in pairwise(instants):
        while first < len(lasting) and lasting[first][1] <= begin:
            under_way.append(lasting[first])
            first += 1
        under_way = [span for span in under_way if span[2] > begin]
        if under_way:
            yield under_way[-1][0], begin, finish


def states_in_force(states: Iterable[AgentState], as_of: datetime) -> Iterator[tuple[AgentState, datetime, datetime]]:
    """Say which state of each agent is in force, when.

    "a state without ended_at ends at the agent's next start, the newest at as_of".
    """
    by_agent: dict[str, list[AgentState]] = defaultdict(list)
    for state in states:
        by_agent[state.agent_id].append(state)
    for own in by_agent.values():
        ordered = sorted(own, key=lambda state: state.started_at)
        next_starts = [*(state.started_at for state in ordered[1:]), as_of]
        yield from in_force(
            (state, state.started_at, state.ended_at or next_start)
            for state, next_start in zip(ordered, next_starts, strict=True)
        )


def cut_at_midnight(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[tuple[date, datetime, datetime]]:
    """Cut a span "at local midnight of the agent's site"."""
    while start < end:
        day = start.astimezone(zone).date()
        midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), zone).astimezone(UTC)
        yield day, start, min(end, midnight)
        start = min(end, midnight)


@lru_cache(maxsize=2)
def agent_time(extracts: Extracts, as_of: datetime, reporting_timezone: str = "UTC") -> list[AgentTime]:
    """Cut all states into days; "team and site: the agent's when the state started"."""
    pieces = []
    for state, start, end in states_in_force(extracts.states, as_of):
        agent = agent_at(state.agent_id, state.started_at, extracts.agents)
        site_id = agent.site_id if agent is not None else None
        zone = ZoneInfo(extracts.site_timezones.get(site_id or "", reporting_timezone))
        for day, piece_start, piece_end in cut_at_midnight(start, end, zone):
            pieces.append(
                AgentTime(
                    agent_id=state.agent_id,
                    team_id=agent.team_id if agent is not None else None,
                    site_id=site_id,
                    role=agent.role if agent is not None else None,
                    day=day,
                    state=state.state,
                    started_at=piece_start,
                    seconds=seconds(piece_end - piece_start),
                )
            )
    return pieces


def add_piece(tally: Tally, piece: AgentTime) -> None:
    """Count one piece of time in the ratios of seconds."""
    handling = piece.seconds if piece.counts_as == "handling" else 0
    available = piece.seconds if piece.counts_as == "available" else 0
    shrinkage = piece.seconds if piece.counts_as == "shrinkage" else 0
    logged_in = piece.seconds if piece.is_logged_in else 0
    paid = piece.seconds if piece.is_paid else 0
    add = partial(tally.add, day=piece.day, members=piece.members, levels=LEVELS)
    add("occupancy", numerator=handling, denominator=handling + available)
    add("utilization", numerator=handling, denominator=paid)
    add("idle_rate", numerator=available, denominator=logged_in)
    add("shrinkage", numerator=shrinkage, denominator=paid)
    add("downtime_seconds", numerator=piece.seconds if piece.state == "system_down" else 0, denominator=0)


def agent_days(pieces: Iterable[AgentTime]) -> list[AgentTime]:
    """Give the first logged-in piece of each agent and day.

    "An agent-day belongs to the team of its first logged-in state."
    """
    first: dict[tuple[str, date], AgentTime] = {}
    for piece in sorted(pieces, key=lambda piece: piece.started_at):
        if piece.is_logged_in:
            first.setdefault((piece.agent_id, piece.day), piece)
    return list(first.values())


def samples(extracts: Extracts, as_of: datetime, reporting_timezone: str = "UTC") -> KpiValues:
    """Count logged-in agent-days: "sample_size: […] agent-days for ratios of seconds"."""
    tally = Tally()
    for piece in agent_days(agent_time(extracts, as_of, reporting_timezone)):
        for kpi in ("occupancy", "utilization", "idle_rate", "shrinkage", "downtime_seconds"):
            tally.add(kpi, piece.day, piece.members, LEVELS, numerator=1, denominator=1)
    return tally.counts()


def kpi_values(extracts: Extracts, as_of: datetime, reporting_timezone: str = "UTC") -> KpiValues:
    """Compute occupancy, utilization, idle_rate, shrinkage and downtime_seconds."""
    pieces = agent_time(extracts, as_of, reporting_timezone)
    tally = Tally()
    for piece in pieces:
        add_piece(tally, piece)
    for piece in agent_days(pieces):
        tally.add("downtime_seconds", piece.day, piece.members, LEVELS, numerator=0, denominator=1)
    return tally.values()
