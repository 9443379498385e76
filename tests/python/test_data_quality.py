"""What `data_quality` says of the demo, against its CSV files read line by line."""

import csv
from datetime import datetime
from typing import Any

import pytest
import yaml
from conftest import DEMO, PROJECT, Run

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
