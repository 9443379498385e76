"""What the values of an extract must be like, as SQL: a condition for each rule, and the reason it gives."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipelines.landing.declarations import Column, Table
from pipelines.landing.values import SQL_TYPES, typed, why_not
from pipelines.warehouse.sql import identifier, literal

SHOWN_CHARACTERS = 80
SHOWN_VALUES = 10


@dataclass(frozen=True)
class Rule:
    """A rule that a row may break. `is_broken` is a condition (SQL, never null), `reason` a text (SQL)."""

    column: str
    is_broken: str
    reason: str


def typed_columns(table: Table, found: Mapping[str, str], zone: str) -> str:
    """Return SQL for a table's columns: each as given (`given:<name>`, where the file has it) and typed (`<name>`).

    `found` has the type of each column that the file has.
    """
    selected = []
    for column in table.landed_columns:
        name = identifier(column.name)
        if column.name in found:
            selected.append(f"{name} as {_given(column)}")
            selected.append(f"{typed(column, name, found[column.name], zone)} as {name}")
        else:
            selected.append(f"null::{SQL_TYPES[column.data_type]} as {name}")
    return ",\n".join(selected)


def rules(table: Table, found: Mapping[str, str], zone: str) -> list[Rule]:
    """Return a table's rules over what `typed_columns` selects, in the order in which their reasons are given."""
    stated = []
    for column in table.landed_columns:
        if column.name in found:
            for is_broken, reason in _column_rules(column, found[column.name], zone):
                stated.append(Rule(column.name, is_broken, f"{literal(f'{column.name}: ')} || {reason}"))
        elif column.required:
            stated.append(Rule(column.name, "true", literal(f"{column.name}: it is required, but missing")))
    for later, earliers in table.not_before.items():
        stated.extend(_not_before(later, earlier) for earlier in earliers if {later, earlier} <= found.keys())
    return stated


def _column_rules(column: Column, found: str, zone: str) -> Iterator[tuple[str, str]]:
    given, value, shown = _given(column), identifier(column.name), _shown(column)
    if column.data_type != "text":
        yield f"({given} is not null and {value} is null)", why_not(column, shown, given, found, zone)
    if column.required:
        yield f"({given} is null)", "'it is required, but empty'"
    if column.values is not None:
        legal = ", ".join(literal(legal) for legal in column.values)
        yield (
            _is_broken(value, f"{value} not in ({legal})"),
            f"{shown} || {literal(f' is none of {_few(column.values)}')}",
        )
    yield from _range_rules(column, value, shown)
    if column.pattern is not None:
        holds = f"regexp_matches({value}, {literal(column.pattern)})"
        yield _is_broken(value, f"not {holds}"), f"{shown} || {literal(f' does not match {column.pattern}')}"
    if column.format == "time_zone":
        holds = f"{value} in (select name from pg_timezone_names())"
        yield _is_broken(value, f"not ({holds})"), f"{shown} || ' is no IANA time zone such as Europe/Bucharest'"


def _range_rules(column: Column, value: str, shown: str) -> Iterator[tuple[str, str]]:
    if column.min is not None and column.max is not None:
        is_broken = f"({value} < {column.min} or {value} > {column.max})"
        yield _is_broken(value, is_broken), f"{shown} || ' is not between {column.min} and {column.max}'"
    elif column.min is not None:
        yield _is_broken(value, f"{value} < {column.min}"), f"{shown} || ' is less than {column.min}'"
    elif column.max is not None:
        yield _is_broken(value, f"{value} > {column.max}"), f"{shown} || ' is more than {column.max}'"
    if column.greater_than is not None:
        is_broken = f"{value} <= {column.greater_than}"
        yield _is_broken(value, is_broken), f"{shown} || ' is not greater than {column.greater_than}'"


def _not_before(later: str, earlier: str) -> Rule:
    after, before = identifier(later), identifier(earlier)
    return Rule(
        later,
        f"coalesce({after} < {before}, false)",
        f"{literal(f'{later} ')} || {after}::VARCHAR || {literal(f' is before {earlier} ')} || {before}::VARCHAR",
    )


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
