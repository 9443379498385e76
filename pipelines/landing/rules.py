"""What the values of an extract must be like, as SQL: a condition for each rule, and the reason it gives."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter

from pipelines.landing.declarations import Column, DataType, Table
from pipelines.landing.door import Door
from pipelines.landing.values import SQL_TYPES, readings, taken, trimmed, typed, why_not
from pipelines.masking import HIDDEN
from pipelines.warehouse.sql import identifier, literal

SHOWN_CHARACTERS = 80
SHOWN_VALUES = 10
_HIDDEN = literal(HIDDEN)


@dataclass(frozen=True)
class Rule:
    """A rule that a row may break.

    `is_broken` is a condition (SQL, never null), `reason` a text (SQL), and `kind` the same without any value (SQL).
    """

    column: str
    is_broken: str
    reason: str
    kind: str


def typed_rows(table: Table, found: Mapping[str, str], door: Door, values: str, *, is_tidy: bool) -> str:
    """Return SQL for a file's rows: each column as given (`given:<name>`, where the file has it) and typed (`<name>`).

    `values` is SQL for the values as the file has them, and `found` has the type of each column that the file has.
    With `is_tidy` no text has space around it or is a null word.
    """
    columns = [column for column in table.landed_columns if column.name in found]
    names = {column.name: identifier(column.name) for column in columns}
    trims = [f"{trimmed(name, found[column])} as {name}" for column, name in names.items()]
    takes = [
        f"{taken(column, names[column.name], found[column.name], door, is_tidy=is_tidy)} as {_given(column)}"
        for column in columns
    ]
    types = []
    later = {}
    for column in table.landed_columns:
        name = identifier(column.name)
        if column.name not in found:
            types.append(f"null::{SQL_TYPES[column.data_type]} as {name}")
            continue
        both = None
        if column.name in table.not_before:
            both = readings(column, _given(column), found[column.name], door.zone)
        if both is None:
            types.append(f"{typed(column, _given(column), found[column.name], door.zone)} as {name}")
        else:
            later[column.name] = identifier(f"readings:{column.name}")
            types.append(f"{both} as {later[column.name]}")
    rows = values
    for step in (
        (takes, [*map(_given, columns), *types]) if is_tidy else (trims, takes, [*map(_given, columns), *types])
    ):
        rows = f"select {', '.join(['_line', '_raw', '_fault', *step])} from ({rows})"
    if later:
        firsts = (f"{both}.first as {identifier(name)}" for name, both in later.items())
        rows = f"select *, {', '.join(firsts)} from ({rows})"
    for name in TopologicalSorter(table.not_before).static_order():
        if name in later:
            rows = f"select * replace ({_reading(table, name, later[name], door)} as {identifier(name)}) from ({rows})"
    return rows


def _reading(table: Table, name: str, both: str, door: Door) -> str:
    """Return SQL for the reading of an ambiguous local time: the earlier one, unless it leaves too little time."""
    end = identifier(name)
    too_early = [
        f"epoch({end}) - epoch({identifier(start)}) < "
        + " + ".join(
            [f"-{door.tolerance_seconds}", *(f"coalesce({identifier(seconds)}, 0)::DOUBLE" for seconds in durations)]
        )
        for start in table.not_before[name]
        for durations in ([], table.durations.get(name, {}).get(start))
        if durations is not None
    ]
    return f"""
        landing_years(case
            when {both}.last is null then {end}
            when {" or ".join(f"coalesce({condition}, false)" for condition in too_early)} then {both}.last
            else {end}
        end)
    """


def rules(table: Table, found: Mapping[str, str], door: Door) -> list[Rule]:
    """Return a table's rules over what `typed_rows` selects, in the order in which their reasons are given."""
    stated = []
    for column in table.landed_columns:
        if column.name in found:
            of_column = literal(f"{column.name}: ")
            for (is_broken, reason), (_, kind) in zip(
                _rules_of_column(table, column, found[column.name], door, _shown(column)),
                _rules_of_column(table, column, found[column.name], door, _HIDDEN),
                strict=True,
            ):
                stated.append(Rule(column.name, is_broken, f"{of_column} || {reason}", f"{of_column} || {kind}"))
        elif column.required:
            is_missing = literal(f"{column.name}: it is required, but missing")
            stated.append(Rule(column.name, "true", is_missing, is_missing))
    types = {column.name: column.data_type for column in table.columns}
    for later, earliers in table.not_before.items():
        for earlier in earliers:
            if {later, earlier} <= found.keys():
                stated.append(_not_before(later, earlier, types[later], door.tolerance_seconds))
    stated.extend(_required_when(name, condition, found) for name, condition in table.required_when.items())
    return stated


def _rules_of_column(table: Table, column: Column, found: str, door: Door, shown: str) -> Iterator[tuple[str, str]]:
    """Give the condition and the reason of each rule of a column; `shown` is SQL for how the reason shows a value."""
    yield from _column_rules(column, found, door, shown)
    if column.name in table.events and not column.any_time:
        yield _event_rule(column, door, shown)


def _column_rules(column: Column, found: str, door: Door, shown: str) -> Iterator[tuple[str, str]]:
    given, value = _given(column), identifier(column.name)
    if column.data_type != "text":
        yield f"({given} is not null and {value} is null)", why_not(column, shown, given, found, door.zone)
    if column.required:
        yield f"({given} is null)", "'it is required, but empty'"
    if column.values is not None:
        yield (
            f"({given} is not null and {value} is null)",
            f"{shown} || {literal(f' is none of {_few(column.values)}')}",
        )
    yield from _range_rules(column, value, shown, door)
    if column.pattern is not None:
        holds = f"regexp_matches({value}, {literal(column.pattern)})"
        yield _is_broken(value, f"not {holds}"), f"{shown} || {literal(f' does not match {column.pattern}')}"
    if column.max_characters is not None:
        too_long = literal(f" has more than {column.max_characters:,} characters")
        yield _is_broken(value, f"length({value}) > {column.max_characters}"), f"{shown} || {too_long}"
    if column.format == "time_zone":
        holds = f"{value} in (select name from pg_timezone_names())"
        yield _is_broken(value, f"not ({holds})"), f"{shown} || ' is no IANA time zone such as Europe/Bucharest'"


def _range_rules(column: Column, value: str, shown: str, door: Door) -> Iterator[tuple[str, str]]:
    greatest = column.max
    is_duration = column.data_type in ("integer", "number") and column.name.endswith("_seconds")
    if greatest is None and is_duration:
        greatest = door.max_seconds
    if column.min is not None and greatest is not None:
        is_broken = f"({value} < {column.min} or {value} > {greatest})"
        yield _is_broken(value, is_broken), f"{shown} || ' is not between {column.min} and {greatest}'"
    elif column.min is not None:
        yield _is_broken(value, f"{value} < {column.min}"), f"{shown} || ' is less than {column.min}'"
    elif greatest is not None:
        yield _is_broken(value, f"{value} > {greatest}"), f"{shown} || ' is more than {greatest}'"
    if column.greater_than is not None:
        is_broken = f"{value} <= {column.greater_than}"
        yield _is_broken(value, is_broken), f"{shown} || ' is not greater than {column.greater_than}'"


def _event_rule(column: Column, door: Door, shown: str) -> tuple[str, str]:
    """Hold an event against the calendar, whose days count it, and the clock, which it can't be ahead of."""
    value, kind = identifier(column.name), SQL_TYPES[column.data_type]
    first, end, newest = (
        f"{literal(instant.isoformat(' '))}::TIMESTAMP::{kind}"
        for instant in (door.first_event, door.events_before, door.newest_event)
    )
    outside = (
        f" is not within the calendar, whose days count from {door.first_event:%Y-%m-%d} to before "
        f"{door.events_before:%Y-%m-%d} (vars calendar_starts_on and calendar_ends_before)"
    )
    ahead = (
        f" is ahead: an event may lie at most a day after the landing or --as-of, so not after "
        f"{door.newest_event:%Y-%m-%d %H:%M:%S} UTC"
    )
    return (
        _is_broken(value, f"({value} < {first} or {value} > {newest} or {value} >= {end})"),
        f"{shown} || case when {value} < {first} or {value} >= {end} then {literal(outside)} else {literal(ahead)} end",
    )


def _not_before(later: str, earlier: str, data_type: DataType, tolerance_seconds: float) -> Rule:
    after, before = identifier(later), identifier(earlier)
    is_instant = data_type == "timestamp"
    tolerance = f" and {after} < {before} - to_seconds({tolerance_seconds})" if is_instant else ""
    says = " is before " if is_instant or data_type == "date" else " is less than "
    return Rule(
        later,
        f"coalesce({after} < {before}{tolerance}, false)",
        f"{literal(f'{later} ')} || {after}::VARCHAR || {literal(f'{says}{earlier} ')} || {before}::VARCHAR",
        literal(f"{later}{says}{earlier}"),
    )


def _required_when(name: str, condition: str, found: Mapping[str, str]) -> Rule:
    is_missing = f"{identifier(f'given:{name}')} is null" if name in found else "true"
    reason = literal(f"{name}: it is required where {condition}, but {'empty' if name in found else 'missing'}")
    return Rule(name, f"({is_missing} and coalesce({condition}, false))", reason, reason)


def _is_broken(value: str, condition: str) -> str:
    return f"({value} is not null and {condition})"


def _given(column: Column) -> str:
    return identifier(f"given:{column.name}")


def _shown(column: Column) -> str:
    if column.personal:
        return "'the value (personal, not shown)'"
    given = f"{_given(column)}::VARCHAR"
    return (
        f"'''' || left({given}, {SHOWN_CHARACTERS}) || "
        f"case when length({given}) > {SHOWN_CHARACTERS} then '…' else '' end || ''''"
    )


def _few(values: list[str]) -> str:
    shown = ", ".join(values[:SHOWN_VALUES])
    return shown if len(values) <= SHOWN_VALUES else f"{shown}, … ({len(values)} in all)"
