"""What `data_quality` says of the demo, against its CSV files read line by line."""

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from conftest import DEMO, PROJECT, Run

MONDAY = datetime(1900, 1, 1)
WEEK = timedelta(weeks=1)

Lines = dict[tuple[str, str], list[dict[str, str]]]


@pytest.fixture(scope="module")
def lines() -> Lines:
    """The lines of every file of the demo, by source and table."""
    found = {}
    for file in DEMO.glob("*/*.csv"):
        with file.open(encoding="utf-8", newline="") as opened:
            found[file.parent.name, file.stem] = list(csv.DictReader(opened))
    return found


def test_every_line_is_current_replaced_or_withdrawn(demo: Run, lines: Lines) -> None:
    said = {
        (source, table): counts
        for source, table, *counts in demo.query(
            'select source, "table", landed, rejected, duplicates_replaced, withdrawn from marts.data_quality',
            demo.warehouse,
        )
    }
    assert said == {
        extract: [len(rows), 0, len(rows) - len(_records(extract, rows)), _withdrawn(extract, rows)]
        for extract, rows in lines.items()
    }


def test_what_hangs_in_the_air_is_counted(demo: Run, lines: Lines) -> None:
    def listed(source: str, table: str, column: str) -> set[str]:
        return {row[column] for row in _current((source, table), lines[source, table])}

    legs = _current(("acd", "contact_legs"), lines["acd", "contact_legs"])
    homes = {
        "client_id": listed("reference", "clients", "client_id"),
        "queue_id": listed("reference", "queues", "queue_id"),
        "agent_id": listed("wfm", "agents", "agent_id"),
        "reason_code": listed("reference", "contact_reasons", "reason_code"),
    }
    unlisted = sum(any(row[column] and row[column] not in ids for column, ids in homes.items()) for row in legs)
    events = [row[column] for row in legs for column in ("started_at", "enqueued_at", "answered_at", "ended_at")]
    newest = max(datetime.fromisoformat(event) for event in events if event).replace(tzinfo=None)
    found = demo.query(
        """
        select unknown_references, newest_event from marts.data_quality
        where source = 'acd' and "table" = 'contact_legs'
        """,
        demo.warehouse,
    )
    assert found == [(unlisted, newest)]


def _keys() -> dict[tuple[str, str], list[str]]:
    """Return the declared keys, by source and table."""
    keys = {}
    for file in (PROJECT / "models" / "staging").glob("*/_*__sources.yml"):
        declared: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
        for source in declared["sources"]:
            for table in source["tables"]:
                keys[source["name"], table["name"]] = table["config"]["meta"]["key"]
    return keys


KEYS = _keys()


def _records(extract: tuple[str, str], rows: list[dict[str, str]]) -> dict[tuple[str, ...], dict[str, str]]:
    """Return the last version of each record."""
    records: dict[tuple[str, ...], dict[str, str]] = {}
    for row in rows:
        key = tuple(row[column] for column in KEYS[extract])
        if key not in records or row.get("updated_at", "") >= records[key].get("updated_at", ""):
            records[key] = row
    return records


def _current(extract: tuple[str, str], rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [row for row in _records(extract, rows).values() if row.get("is_deleted") not in ("true", "1")]


def _withdrawn(extract: tuple[str, str], rows: list[dict[str, str]]) -> int:
    return len(_records(extract, rows)) - len(_current(extract, rows))


def test_gaps_are_those_that_plain_python_finds(demo: Run, lines: Lines) -> None:
    """Hour by hour, or day by day where an extract knows days only."""
    settings = yaml.safe_load((PROJECT / "dbt_project.yml").read_text("utf-8"))["vars"]
    zone = ZoneInfo(settings["reporting_timezone"])
    [(as_of,)] = demo.query(
        "select newest_event from marts.data_quality where source = 'acd' and \"table\" = 'contact_legs'",
        demo.warehouse,
    )
    assert isinstance(as_of, datetime)
    now = as_of.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
    expected = set()
    for (source, table), rows in lines.items():
        declared = _declared(source, table)
        event = next(iter(declared["config"]["meta"].get("events", [])), None)
        if event is None:
            continue
        is_day = {column["name"]: column["data_type"] for column in declared["columns"]}[event] == "date"
        moments = [datetime.fromisoformat(row[event]) for row in rows if row[event]]
        local = [when.astimezone(zone).replace(tzinfo=None) if when.tzinfo else when for when in moments]
        length = timedelta(days=1) if is_day else timedelta(hours=1)
        found = Counter((when - MONDAY) // length for when in local)
        expected |= {
            (source, table, MONDAY + first * length, MONDAY + (last + 1) * length, rows_expected, is_open)
            for first, last, rows_expected, is_open in _gaps(found, (now - MONDAY) // length, WEEK // length)
        }
    assert expected == set(
        demo.query(
            'select source, "table", gap_start, gap_end, expected_rows, is_open from marts.data_quality_gaps',
            demo.warehouse,
        )
    )


def _declared(source: str, table: str) -> dict[str, Any]:
    file = PROJECT / "models" / "staging" / source / f"_{source}__sources.yml"
    [declared] = yaml.safe_load(file.read_text("utf-8"))["sources"]
    return next(one for one in declared["tables"] if one["name"] == table)


def _gaps(found: Counter[int], now: int, week: int) -> Iterator[tuple[int, int, int, bool]]:
    past = sorted(unit for unit in found if unit < now)
    if not past:
        return
    usual = {}
    for slot in range(week):
        units = [unit for unit in range(past[0], past[-1] + 1) if unit % week == slot]
        with_rows = [unit for unit in units if found[unit]]
        if len(units) >= 4 and len(with_rows) >= 0.75 * len(units):
            usual[slot] = sum(found[unit] for unit in units) / len(units)
    run: list[int] = []
    for unit in range(past[0], now + 1):
        if unit < now and not found[unit]:
            run.append(unit)
            continue
        missing = [empty for empty in run if empty % week in usual]
        rows = sum(usual[empty % week] for empty in missing)
        if rows >= 20 and len(missing) >= (1 if week == 7 else 2):
            yield missing[0], missing[-1], round(rows), unit == now and not found[unit]
        run = []
