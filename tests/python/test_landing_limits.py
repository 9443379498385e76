"""What the door lets in goes all the way: rows at each limit of each column are built, and rows beyond are refused."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from conftest import PROJECT, Run, run_once

from pipelines.landing import land
from pipelines.landing.declarations import Column, Declarations, Table, load_declarations
from pipelines.landing.door import Door

AS_OF = datetime.now(UTC).replace(tzinfo=None, microsecond=0) - timedelta(hours=1)
LONG = "x" * 10_000

# What a plain row holds, where neither the type nor a list of values says it.
PLAIN = {
    "timezone": "Europe/Bucharest",
    "currency": "EUR",
    "date": "990201",
    "vru_entry": "10:00:00",
    "service_level_target": "0.8",
    "end_reason": "completed",
    "event": "ENTERQUEUE",
    "disposition": "ANSWERED",
    "hangup_cause": "NORMAL_CLEARING",
    "standard_offset": "+02:00",
    "participants": '[{"sessions": [{"segments": [{"segmentStart": "2026-03-02T09:00:00Z"}]}]}]',
}
# Values of columns with a pattern, at their limits and beyond.
PATTERNS = {
    "date": (["910101", "991231", "960229"], ["900101", "990229", "991301", "19990101"]),
    "time": (["0:00:00", "23:59:59"], ["24:00:00", "9:60:00", "noon"]),
    "event": (["a", "X" * 40], ["=1+1", "x|y"]),
    "disposition": (["NO ANSWER", "busy"], ["ANSWERED1", "=A"]),
    "hangup_cause": (["USER_BUSY", "H323_2", "NONE"], ["user busy", "=A", "ANSWERED"]),
    "participants": (['[{"segmentStart": null}]'], ["[]", '[{"segments": []}]']),
    "standard_offset": (["-3:30", "5:45", "+14:00"], ["2", "+2:0", "UTC+2:00"]),
}
OPEN = "9999-12-31T23:59:59Z"
NOTHING = ("", "NaN", OPEN)
MOST_INTEGER = 2**63 - 1
MOST_NUMBER = "999999999999.999999"


@dataclass(frozen=True)
class Case:
    """A row of a table, which differs from a plain one in some columns."""

    name: str
    changes: dict[str, str]
    refused: str | None = None
    """How its reason begins, if it is refused."""


@pytest.fixture(scope="module")
def declared() -> Declarations:
    """The project's declarations."""
    return load_declarations(PROJECT)


def written(instant: datetime) -> str:
    """An instant (UTC) as an extract has it."""
    return f"{instant.isoformat(timespec='microseconds')}Z"


def plain(column: Column) -> str:
    """The value of a column in a plain row."""
    if column.name in PLAIN:
        return PLAIN[column.name]
    if column.pattern is not None:
        return ""
    if column.data_type == "timestamp":
        return "" if column.is_end else written(AS_OF)
    least = column.min if column.min is not None else 1
    return {
        "text": column.values[0] if column.values else f"some {column.name}",
        "integer": str(least),
        "number": str(max(least, 1)),
        "boolean": "",
        "date": AS_OF.date().isoformat(),
    }[column.data_type]


def cases_of(table: Table, door: Door) -> Iterator[Case]:
    """Rows at and beyond every limit of a table."""
    for column in (column for column in table.landed_columns if column.name not in table.filled_columns):
        for number, (value, refused) in enumerate(_values(column, table, door)):
            is_compared = refused is None and value not in NOTHING
            changes = dict.fromkeys(_linked(column, table) if is_compared else [column.name], value)
            yield Case(f"{table.name} {column.name} {number}", changes, refused and f"{column.name}: ")
    yield from _orders(table, door)
    if table.name == "contact_legs":
        talked = {"end_reason": "completed", "agent_id": "a", "talk_seconds": "1"}
        yield Case("legs without an answer", {**talked, "answered_at": ""}, "answered_at: it is required where")
        yield Case("legs with an answer", {**talked, "answered_at": written(AS_OF)})


def _linked(column: Column, table: Table) -> set[str]:
    """A column and those that stand in an order with it, which take the same value."""
    ordered = {column.name}
    for _ in table.columns:
        for later, earliers in table.not_before.items():
            for earlier in earliers:
                if ordered & {later, earlier}:
                    ordered |= {later, earlier}
    return ordered


def _values(column: Column, table: Table, door: Door) -> Iterator[tuple[str, str | None]]:
    """Values at the limits of a column, and those beyond with a word for why they are refused."""
    if column.required:
        yield "", "empty"
        yield "NULL", "empty"
    elif column.name not in table.key:
        yield "", None
        yield "NaN", None
    if column.max_characters is not None:
        yield "x" * column.max_characters, None
        yield "x" * (column.max_characters + 1), "more than"
    if column.pattern is not None:
        good, bad = PATTERNS.get(column.name, PATTERNS["time"])
        yield from ((value, None) for value in good)
        yield from ((value, "pattern") for value in bad)
    elif column.data_type == "text":
        if column.values is not None:
            yield from ((f" {value.upper()} ", None) for value in column.values)
            yield "no such word", "list"
        elif column.format == "time_zone":
            yield "Pacific/Kiritimati", None
            yield "Mars/Olympus", "zone"
        elif column.name != "currency" and column.max_characters is None:
            yield LONG, None
            yield " 'quoted' \u00a0", None
    elif column.data_type in ("integer", "number"):
        yield from _numbers(column, door)
    elif column.data_type == "boolean":
        yield from ((value, None) for value in ("TRUE", "0.0", "y", "f"))
        yield "2", "boolean"
    else:
        yield from _times(column, table, door)


def _numbers(column: Column, door: Door) -> Iterator[tuple[str, str | None]]:
    is_integer = column.data_type == "integer"
    step = 1 if is_integer else 0.000001
    most = column.max
    if most is None and column.name.endswith("_seconds"):
        most = door.max_seconds
    if most is not None:
        yield f"{most}.0", None
        yield f"{most + step:f}" if not is_integer else str(most + step), "more"
        yield str(MOST_INTEGER) if is_integer else MOST_NUMBER, "more"
    else:
        yield str(MOST_INTEGER) if is_integer else MOST_NUMBER, None
    if column.min is not None:
        yield str(column.min), None
        yield str(column.min - step), "less"
    elif column.greater_than is not None:
        yield "0.000001", None
        yield "0", "not greater"
    else:
        yield f"-{MOST_INTEGER + 1}" if is_integer else f"-{MOST_NUMBER}", None
    yield str(MOST_INTEGER + 1) if is_integer else "1e12", "type"
    yield "inf", "type"
    yield "0:05:00", "type"


def _times(column: Column, table: Table, door: Door) -> Iterator[tuple[str, str | None]]:
    is_date = column.data_type == "date"
    yield "infinity", "form"
    yield "03/03/2026 10:00", "form"
    if column.name in table.events and not column.any_time:
        first, newest = door.first_event, door.newest_event
        if is_date:
            yield first.date().isoformat(), None
            yield newest.date().isoformat(), None
            yield (first - timedelta(days=1)).date().isoformat(), "calendar"
            yield (newest + timedelta(days=1)).date().isoformat(), "ahead"
        else:
            yield written(first), None
            yield written(newest), None
            yield written(first - timedelta(microseconds=1)), "calendar"
            yield written(newest + timedelta(microseconds=1)), "ahead"
            yield "1970-01-01T00:00:00Z", "calendar"
            yield "2999-12-31T00:00:00Z", "calendar"
        if column.is_end:
            yield OPEN, None
    else:
        yield ("0001-01-01" if is_date else "0001-01-01T00:00:00Z"), None
        yield ("9999-12-30" if is_date else "9999-12-31T23:59:59.999999Z"), None
        yield ("0000-12-31" if is_date else "0001-01-01T00:00:00+01:00"), "years"
        yield ("10000-01-01" if is_date else "9999-12-31T23:59:59-01:00"), "years"


def _orders(table: Table, door: Door) -> Iterator[Case]:
    """Rows whose times, or numbers, stand in the wrong order by as much as is allowed, and by a bit more."""
    types = {column.name: column.data_type for column in table.columns}
    for later, earliers in table.not_before.items():
        for earlier in earliers:
            if types[later] != "timestamp":
                yield Case(f"{later} is {earlier}", {later: "1", earlier: "1"})
                yield Case(f"{later} under {earlier}", {later: "1", earlier: "1.000001"}, f"{later} ")
                continue
            allowed = AS_OF - timedelta(seconds=door.tolerance_seconds)
            all_later = dict.fromkeys((name for name in table.events if name in types), written(AS_OF))
            others = {name: "" for name in all_later if name not in (later, earlier) and name not in _required(table)}
            both = {**all_later, **others, earlier: written(AS_OF)}
            beyond = written(allowed - timedelta(microseconds=1))
            if not any(name in table.not_before.get(later, []) for name in _required(table) if name != earlier):
                yield Case(f"{later} just before {earlier}", {**both, later: written(allowed)})
            yield Case(f"{later} long before {earlier}", {**both, later: beyond}, f"{later} ")


def _required(table: Table) -> set[str]:
    return {column.name for column in table.columns if column.required}


def row_of(table: Table, case: Case, number: int) -> dict[str, str]:
    """A case's row, with a key of its own."""
    row = {column.name: plain(column) for column in table.columns} | {"is_deleted": ""}
    own = next(
        (
            column.name
            for column in reversed(table.columns)
            if column.name in table.key
            and column.data_type == "text"
            and column.pattern is None
            and column.name not in case.changes
        ),
        None,
    )
    return {**row, **({own: f"{table.name} {number}"} if own else {}), **case.changes}


def write(folder: Path, table: Table, cases: list[Case]) -> None:
    """Write the rows of a table as a file of extracts, under the names that its source has for the columns."""
    names = {column: name for name, column in table.rename.items()}
    file = folder / table.source / f"{table.name}.csv"
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        header = [*(column.name for column in table.columns), "is_deleted"]
        writer.writerow([names.get(name, name) for name in header])
        for number, case in enumerate(cases):
            row = row_of(table, case, number)
            writer.writerow([row[name] for name in header])


def door_of(declared: Declarations, table: Table) -> Door:
    """The door of a table's source for a landing an hour after `AS_OF`."""
    return Door.of(declared, table.source, AS_OF)


def test_each_row_beyond_a_limit_is_refused_with_its_reason(declared: Declarations, tmp_path: Path) -> None:
    beyond = {}
    for table in declared.tables:
        beyond[table.raw_name] = [case for case in cases_of(table, door_of(declared, table)) if case.refused]
        write(tmp_path / "extracts", table, beyond[table.raw_name])
    with duckdb.connect() as connection:
        report = land(connection, tmp_path / "extracts", declared, run_id="run", now=AS_OF)
        rejects = {
            (path, line): reason
            for path, line, reason in connection.execute("select path, line, reason from ops.rejected_rows").fetchall()
        }
    assert report.loaded == 0, [file for file in report.files if file.loaded]
    for table in declared.tables:
        for number, case in enumerate(beyond[table.raw_name]):
            reason = rejects[f"{table.source}/{table.name}.csv", number + 2]
            assert case.refused in reason, (case, reason)


@pytest.fixture(scope="module")
def built(declared: Declarations, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A whole run over all rows that stand at a limit."""
    extracts = tmp_path_factory.mktemp("limits") / "extracts"
    for table in declared.tables:
        write(extracts, table, [case for case in cases_of(table, door_of(declared, table)) if not case.refused])
    return run_once(tmp_path_factory, "limits", "--extracts", str(extracts), "--as-of", written(AS_OF))


def test_each_row_at_a_limit_goes_all_the_way(built: Run, declared: Declarations) -> None:
    refused = built.query("select path, line, reason from ops.rejected_rows", built.warehouse)
    assert refused == []
    landed = built.query('select source, "table", loaded from ops.landed_files', built.warehouse)
    assert {(source, table): loaded for source, table, loaded in landed} == {
        (table.source, table.name): sum(not case.refused for case in cases_of(table, door_of(declared, table)))
        for table in declared.tables
    }


def test_no_impossible_number_is_published(built: Run) -> None:
    impossible = {
        "fct_queue_visits": "wait_seconds < 0",
        "fct_contacts": "wait_seconds < 0 or ended_at < started_at or talk_seconds < 0",
        "fct_handled_legs": "talk_seconds + hold_seconds + acw_seconds not between 0 and 3 * 2592000",
        "fct_evaluations": "evaluation_score not between 0 and 1",
        "kpi_values": "not isfinite(value) or not isfinite(numerator) or not isfinite(denominator) or sample_size < 0",
    }
    for table, condition in impossible.items():
        assert built.query(f"select count(*) from marts.{table} where {condition}") == [(0,)], table
        assert built.query(f"select count(*) > 0 from marts.{table}") == [(True,)], table
