"""What rows are judged by besides the rules of their table: the settings of the source, the calendar and the clock."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Self

from pipelines.landing.declarations import Declarations

# A local day begins up to 12 hours after and 14 hours before the UTC day of its date, and the last day of the calendar
# has no end.
_AFTER_THE_START = timedelta(days=1)
_BEFORE_THE_END = timedelta(days=2)
_AHEAD = timedelta(days=1)


@dataclass(frozen=True)
class Door:
    """The settings of a source, and the instants between which an event may lie (UTC, without an offset)."""

    zone: str
    nulls: tuple[str, ...]
    open_ends: tuple[str, ...]
    tolerance_seconds: float
    max_seconds: int
    first_event: datetime
    events_before: datetime
    newest_event: datetime

    @classmethod
    def of(cls, declarations: Declarations, source: str, now: datetime, as_of: datetime | None = None) -> Self:
        """Return the door of a source for a landing at `now`, which the models take for `as_of`."""
        declared = declarations.sources[source]
        newest = max(_utc(instant) for instant in (now, as_of) if instant is not None)
        return cls(
            zone=declared.timezone,
            nulls=tuple(declared.nulls),
            open_ends=tuple(declared.open_ends),
            tolerance_seconds=declared.clock_tolerance_seconds,
            max_seconds=declared.max_seconds,
            first_event=datetime.combine(declarations.calendar_starts_on, time()) + _AFTER_THE_START,
            events_before=datetime.combine(declarations.calendar_ends_before, time()) - _BEFORE_THE_END,
            newest_event=newest + _AHEAD,
        )


def _utc(instant: datetime) -> datetime:
    return instant if instant.tzinfo is None else instant.astimezone(UTC).replace(tzinfo=None)
