"""Contacts that go on with each other are one contact, in whatever order their ids arrive, change and go."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from incremental_support import Dbt, Row, Warehouse

from pipelines.settings import DEMO_KEY, KEY_VARIABLE

STARTED_AT = datetime(2026, 3, 2, 10)
READERS = ("+int_contacts__from_legs", "int_contacts__known", "int_contacts__legs")
CONTACTS = "select contact_id, legs from intermediate.int_contacts__from_legs order by all"
NUMBERED = "select contact_id, leg_number, own_contact_id from intermediate.int_contacts__legs order by all"


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    """A warehouse in which nothing has landed."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(KEY_VARIABLE, DEMO_KEY)
        environment.setenv("CCW_WAREHOUSE", "")
        yield Warehouse.empty(tmp_path / "batches" / "warehouse.duckdb", Dbt(tmp_path))


def leg(contact_id: str, version: int, related: str | None = None, **columns: Any) -> Row:
    """A contact's only leg; contacts start in the order of the alphabet."""
    return {
        "contact_id": contact_id,
        "leg_number": 1,
        "related_contact_id": related,
        "channel": "voice",
        "direction": "inbound",
        "initiation": "transfer" if related else "customer",
        "started_at": STARTED_AT + timedelta(minutes=ord(contact_id)),
        "updated_at": STARTED_AT + timedelta(days=version),
        "is_deleted": False,
        **columns,
    }


def test_chains_grow_break_and_close_in_any_order(warehouse: Warehouse) -> None:
    history: list[tuple[str, Row, dict[str, int]]] = [
        ("the end of a chain comes first", leg("c", 0, "b"), {"c": 1}),
        ("then its middle", leg("b", 0, "a"), {"b": 2}),
        ("then its beginning", leg("a", 0), {"a": 3}),
        ("it grows", leg("d", 0, "c"), {"a": 4}),
        ("its beginning is withdrawn", leg("a", 1, is_deleted=True), {"b": 3}),
        ("and comes back as what closes a circle", leg("a", 2, "d"), {"a": 1, "b": 1, "c": 1, "d": 1}),
        ("one leads into the circle", leg("e", 0, "d"), {"a": 1, "b": 1, "c": 1, "d": 1, "e": 1}),
        ("which opens again", leg("a", 3), {"a": 5}),
        ("its middle is withdrawn", leg("b", 1, is_deleted=True), {"a": 1, "c": 3}),
        ("what was left goes on with another one", leg("c", 1, "a"), {"a": 4}),
    ]
    for what, row, contacts in history:
        warehouse.land({"acd__contact_legs": [row]})
        warehouse.dbt("run", warehouse.file, "--select", *READERS)
        assert dict(warehouse.query(CONTACTS)) == contacts, what
    assert warehouse.query(NUMBERED) == [("a", 1, "a"), ("a", 2, "c"), ("a", 3, "d"), ("a", 4, "e")]
    rebuilt = "select model from incremental.builds where rebuilt_run = (select max(run) from incremental.runs)"
    assert warehouse.query(rebuilt) == []
