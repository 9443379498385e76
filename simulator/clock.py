"""The simulated period and the local time of its sites.

Instants are whole seconds since EPOCH in UTC, int32. The period is laid out on a grid of UTC hours, so that
the hours that daylight saving time skips or repeats need no special case.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np

from simulator.arrays import Array

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
EARLIEST_DAY, LATEST_DAY = date(2007, 1, 1), date(2067, 12, 31)
"""First and last day that can be simulated: customers are up to seven years older, and seconds fit in an int32."""
LAST_DAY = date(2026, 4, 26)
"""Of a period that does not say when it starts. In the 70 days up to it America and Europe change to summer time."""
A_MONDAY = date(2026, 2, 16)
"""From which weeks are counted, so that shifts change in the same weeks whenever the period starts."""

HOUR = 3600
DAY = 24 * HOUR
QUARTER = 900


def instant(moment: datetime) -> int:
    """Return the seconds from EPOCH to a moment that has a time zone."""
    return int((moment - EPOCH).total_seconds())


@dataclass(frozen=True)
class LocalHours:
    """What the clock of a site shows in each hour of the grid; arrays of shape (hours,)."""

    day: Array
    """Days since the first day; negative before it."""
    hour: Array
    weekday: Array
    """0 is Monday."""


@dataclass(frozen=True)
class Period:
    """The simulated period: `days` local days from `first_day`, extracted in the middle of the last one."""

    days: int
    first_day: date

    @property
    def last_day(self) -> date:
        """The last day, on which the extracts are drawn."""
        return self.first_day + timedelta(days=self.days - 1)

    @property
    def days_since_monday(self) -> int:
        """Days from A_MONDAY to the first day."""
        return (self.first_day - A_MONDAY).days

    @cached_property
    def grid_start(self) -> int:
        """First instant of the grid: before the first local day starts anywhere."""
        return instant(datetime.combine(self.first_day, time(), UTC)) - DAY

    @property
    def first_week(self) -> int:
        """The Monday of the first day's week, 00:00 UTC."""
        return self.grid_start + DAY - self.first_day.weekday() * DAY

    @cached_property
    def hours(self) -> int:
        """Hours of the grid, up to the extract."""
        return (self.extract_at - self.grid_start) // HOUR

    @cached_property
    def extract_at(self) -> int:
        """The instant at which the extracts are drawn: 16:00 UTC of the last day. Nothing later is known."""
        return self.grid_start + self.days * DAY + 16 * HOUR

    @cached_property
    def quarters(self) -> int:
        """Quarter hours of the grid."""
        return self.hours * 4

    def hour_of(self, at: Array) -> Array:
        """Return the grid hour of each instant, the nearest one where it lies outside the grid."""
        hour: Array = np.clip((at - self.grid_start) // HOUR, 0, self.hours - 1)
        return hour

    def quarter_of(self, at: Array) -> Array:
        """Return the grid's quarter hour of each instant, the nearest one where it lies outside."""
        quarter: Array = np.clip((at - self.grid_start) // QUARTER, 0, self.quarters - 1)
        return quarter

    def local_hours(self, timezone: str) -> LocalHours:
        """Return what a site's clock shows in each hour of the grid."""
        zone = ZoneInfo(timezone)
        start = EPOCH + timedelta(seconds=self.grid_start)
        local = [(start + timedelta(hours=hour)).astimezone(zone) for hour in range(self.hours)]
        first = self.first_day.toordinal()
        return LocalHours(
            day=np.array([moment.toordinal() - first for moment in local], dtype=np.int32),
            hour=np.array([moment.hour for moment in local], dtype=np.int8),
            weekday=np.array([moment.weekday() for moment in local], dtype=np.int8),
        )

    def local_midnights(self, timezone: str, days: int) -> Array:
        """Return the midnight of the first `days` local days, counted back from noon; shape (days,).

        Seconds added to it give the local time from morning to evening, on days of a clock change too.
        """
        zone = ZoneInfo(timezone)
        noons = [datetime.combine(self.first_day, time(12), zone) + timedelta(days=day) for day in range(days)]
        return np.array([instant(noon) - 12 * HOUR for noon in noons], dtype=np.int32)

    @cached_property
    def months(self) -> list[date]:
        """First days of the months that the period touches."""
        first, last = self.first_day, self.last_day
        count = (last.year - first.year) * 12 + last.month - first.month + 1
        index = first.year * 12 + first.month - 1
        return [date((index + n) // 12, (index + n) % 12 + 1, 1) for n in range(count)]
