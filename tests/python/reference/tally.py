"""Sums of numerators and denominators per KPI, period and level member: the shape of `kpi_values`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

ALL_LEVELS = ("organization", "client", "site", "team", "agent", "queue", "channel", "reason")
GRAINS = ("day", "week", "month")

DEFERRED_CHANNELS = ("sms", "social", "email", "web", "api")

Members = Mapping[str, str | None]


class KpiKey(NamedTuple):
    """The key of `kpi_values`; period_start is an ISO date."""

    kpi: str
    period_grain: str
    period_start: str
    level: str
    level_id: str


Number = int | Fraction
KpiValues = dict[KpiKey, tuple[Number, Number]]


def seconds(span: timedelta) -> Fraction:
    """Return a duration in seconds, exactly."""
    return Fraction(span // timedelta(microseconds=1), 1_000_000)


def kind_of_channel(channel: str) -> str:
    """Return which KPIs of one kind of channel a channel counts in; what is not listed is answered in real time."""
    return "deferred" if channel in DEFERRED_CHANNELS else "real_time"


def period_start(day: date, grain: str) -> date:
    """Return the first day of the day's period; a week begins on Monday."""
    if grain == "day":
        return day
    if grain == "week":
        return day - timedelta(days=day.weekday())
    if grain == "month":
        return day.replace(day=1)
    raise ValueError(f"no such grain: {grain}")


class Tally:
    """Adds up facts and gives them back as KPI values."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.sums: KpiValues = {}

    def add(
        self,
        kpi: str,
        day: date,
        members: Members,
        levels: Iterable[str],
        *,
        numerator: Number,
        denominator: Number,
    ) -> None:
        """Count one fact for its day, week and month at every level.

        Specification: level_id is "the member's id (`all` for organization); rows without that member count at
        organization only".
        """
        for level in levels:
            member = "all" if level == "organization" else members.get(level)
            if member is None:
                continue
            for grain in GRAINS:
                key = KpiKey(kpi, grain, period_start(day, grain).isoformat(), level, member)
                before = self.sums.get(key, (0, 0))
                self.sums[key] = (before[0] + numerator, before[1] + denominator)

    def values(self) -> KpiValues:
        """Give what is published: "A row whose denominator is 0 is not published"."""
        return {key: sums for key, sums in self.sums.items() if sums[1] != 0}

    def counts(self) -> KpiValues:
        """Give counts: "the denominator is 1 at every level and grain"."""
        return {key: (sums[0], 1) for key, sums in self.sums.items()}
