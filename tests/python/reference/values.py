"""Reads the text of a value as its type (specification of extracts, Types), or refuses the row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import TypeVar

Value = TypeVar("Value")

# "Empty is null, and so are a source's null words (meta `nulls`, default …)".
NULL_WORDS = frozenset({"NULL", "null", r"\N", "N/A", "n/a", "None", "NaN", "nan", "NaT"})
BOOLEANS = {
    **dict.fromkeys(("true", "1", "1.0", "yes", "t", "y"), True),
    **dict.fromkeys(("false", "0", "0.0", "no", "f", "n"), False),
}
# "an end of 9999 is 'still open'".
OPEN_END = "9999-"
# "within the source's `clock_tolerance_seconds`, default 2".
CLOCK_TOLERANCE = timedelta(seconds=2)
# "a `*_seconds` column at most `max_seconds` (default 30 days)".
MAX_SECONDS = 30 * 24 * 3600
# "an event (`events`) within the calendar (`dim_dates`) and at most a day after the landing clock or `--as-of`".
CALENDAR_STARTS = datetime(1990, 1, 1, tzinfo=UTC)
CALENDAR_ENDS_BEFORE = datetime(2050, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)
# A number is "decimal with at least 4 places"; it has six, and twelve digits before the point.
NUMBER_ENDS_BEFORE = Decimal(10) ** 12

TIMESTAMP = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})"
    r"(?:[T ](?P<time>\d{2}:\d{2}(?::\d{2})?)(?:[.,](?P<fraction>\d+))?)?"
    r"(?: ?(?P<offset>Z|UTC|[+-]\d{2}(?::?\d{2})?))?",
    re.IGNORECASE,
)


class RefusedRowError(ValueError):
    """A row that is refused, with the column and the reason."""


def readings_of(text: str, zone: tzinfo) -> list[datetime]:
    """Return what a timestamp can mean, in UTC: one instant, or the two of a local time that comes twice.

    Types: "ISO 8601, `T` or a space; offset as `Z`, `+02`, `+0200`, `+02:00`, ` UTC`, with or without a space before;
    more than six decimals are cut to microseconds […]; with an offset it is exact, without one it is in the source's
    declared time zone, default UTC; […] a non-existent one is rejected: […] check by the way back".
    """
    match = TIMESTAMP.fullmatch(text)
    if match is None:
        raise ValueError(f"no timestamp: {text}")
    microseconds = (match["fraction"] or "0")[:6].ljust(6, "0")
    local = datetime.fromisoformat(f"{match['day']}T{match['time'] or '00:00'}")
    local = local.replace(microsecond=int(microseconds))
    offset = match["offset"]
    if offset is not None:
        if offset.upper() in ("Z", "UTC"):
            return [local.replace(tzinfo=UTC)]
        digits = offset[1:].replace(":", "").ljust(4, "0")
        shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        return [(local - shift if offset[0] == "+" else local + shift).replace(tzinfo=UTC)]
    instants = {local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    found = sorted(instant for instant in instants if instant.astimezone(zone).replace(tzinfo=None) == local)
    if not found:
        raise RefusedRowError(f"no such local time: {text}")
    return found


def parse_instant(text: str, zone: tzinfo) -> datetime:
    """Read a timestamp as UTC: "an ambiguous local time is the earlier one"."""
    return readings_of(text, zone)[0]


class Row:
    """One line of an extract; its methods cast a column or refuse the row."""

    def __init__(self, values: Mapping[str, str | None], zone: tzinfo, now: datetime) -> None:
        """Hold the raw text of each column, the zone of timestamps without an offset, and the landing clock."""
        self.values = values
        self.zone = zone
        self.now = now

    def text(self, column: str, allowed: frozenset[str] | None = None) -> str | None:
        """Return the text, or None where it is null.

        "Values are trimmed; words of closed lists are taken in any case. Empty is null, and so are a source's null
        words (… where a column's own list has the word, the list wins)."
        """
        value = (self.values.get(column) or "").strip()
        if allowed is not None and value.lower() in allowed:
            return value.lower()
        if not value or value in NULL_WORDS:
            return None
        if allowed is not None:
            raise RefusedRowError(f"{column}: outside its list: {value}")
        return value

    def word(self, column: str) -> str | None:
        """Return a word of a list that has no end (channel, state), in lower case like those of closed lists."""
        value = self.text(column)
        return None if value is None else value.lower()

    def whole(self, column: str, low: int | None = None, high: int | None = None) -> int | None:
        """Return an integer within its range: "`300.0`, as tools write integers with gaps, is 300"."""
        value = self.text(column)
        if value is None:
            return None
        if not re.fullmatch(r"[+-]?\d+(\.0+)?", value):
            raise RefusedRowError(f"{column}: no integer: {value}")
        number = int(value.partition(".")[0])
        if (low is not None and number < low) or (high is not None and number > high):
            raise RefusedRowError(f"{column}: outside its range: {value}")
        return number

    def seconds(self, column: str) -> int | None:
        """Return a duration of 0 s to 30 days."""
        return self.whole(column, 0, MAX_SECONDS)

    def number(self, column: str, low: int | None = None) -> Decimal | None:
        """Return an exact decimal ("money never a float")."""
        value = self.text(column)
        if value is None:
            return None
        if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?", value):
            raise RefusedRowError(f"{column}: no number: {value}")
        number = Decimal(value)
        if abs(number) >= NUMBER_ENDS_BEFORE or (low is not None and number < low):
            raise RefusedRowError(f"{column}: outside its range: {value}")
        return number

    def boolean(self, column: str) -> bool | None:
        """Return true/false/1/0/1.0/0.0/yes/no/t/f/y/n as a boolean, in any case."""
        value = self.text(column)
        if value is None:
            return None
        if value.lower() not in BOOLEANS:
            raise RefusedRowError(f"{column}: no boolean: {value}")
        return BOOLEANS[value.lower()]

    def instant(
        self,
        column: str,
        not_before: Iterable[datetime | None] = (),
        *,
        lasting: int = 0,
        since: datetime | None = None,
    ) -> datetime | None:
        """Return a timestamp in UTC.

        "an ambiguous local time is the earlier one, unless that makes an end precede its start or leaves less time
        than the row's recorded durations, then the later". Clocks may disagree by the tolerance here too. `lasting` is
        the seconds that were recorded `since` an instant.
        """
        value = self.text(column)
        if value is None:
            return None
        try:
            readings = readings_of(value, self.zone)
        except RefusedRowError:
            raise
        except (ValueError, OverflowError):
            raise RefusedRowError(f"{column}: no timestamp: {value}") from None
        starts = [start for start in not_before if start is not None]
        for reading in readings[:-1]:
            follows = all(reading >= start - CLOCK_TOLERANCE for start in starts)
            if follows and (since is None or reading + CLOCK_TOLERANCE >= since + timedelta(seconds=lasting)):
                return reading
        return readings[-1]

    def event(
        self,
        column: str,
        not_before: Iterable[datetime | None] = (),
        *,
        lasting: int = 0,
        since: datetime | None = None,
    ) -> datetime | None:
        """Return the instant of an event, which lies in the calendar and at most a day ahead."""
        instant = self.instant(column, not_before, lasting=lasting, since=since)
        if instant is not None and not CALENDAR_STARTS <= instant < CALENDAR_ENDS_BEFORE:
            raise RefusedRowError(f"{column}: outside the calendar: {instant}")
        if instant is not None and instant > self.now + AHEAD:
            raise RefusedRowError(f"{column}: lies ahead: {instant}")
        return instant

    def end(
        self,
        column: str,
        not_before: Iterable[datetime | None] = (),
        *,
        lasting: int = 0,
        since: datetime | None = None,
    ) -> datetime | None:
        """Return the instant of an end, or None where it is still open."""
        if (self.text(column) or "").startswith(OPEN_END):
            return None
        return self.event(column, not_before, lasting=lasting, since=since)

    def day(self, column: str) -> date | None:
        """Return a date of the calendar."""
        value = self.text(column)
        if value is None:
            return None
        try:
            found = date.fromisoformat(value)
        except ValueError:
            raise RefusedRowError(f"{column}: no date: {value}") from None
        if not CALENDAR_STARTS.date() <= found < CALENDAR_ENDS_BEFORE.date():
            raise RefusedRowError(f"{column}: outside the calendar: {value}")
        return found


def needed(value: Value | None, column: str) -> Value:
    """Refuse the row where a required value is missing."""
    if value is None:
        raise RefusedRowError(f"{column}: missing")
    return value


def in_order(**instants: datetime | None) -> None:
    """Refuse the row where an instant precedes one that comes before it by more than clocks may disagree."""
    given = [(name, instant) for name, instant in instants.items() if instant is not None]
    for number, (later_name, later) in enumerate(given):
        for earlier_name, earlier in given[:number]:
            if later < earlier - CLOCK_TOLERANCE:
                raise RefusedRowError(f"{later_name} before {earlier_name}")
