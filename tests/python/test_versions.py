"""Which of all rows that landed are records: the SQL of staging, as dbt compiles it, over a few rows."""

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from conftest import PROJECT, of_all_rows, run_dbt

from pipelines.landing import create_raw_tables
from pipelines.landing.declarations import load_declarations

Row = dict[str, Any]

SYSTEMS = {"acd": ["north", "south"], "crm": ["north"]}
MODELS = ("stg_acd__agent_states", "stg_acd__contact_legs", "stg_acd__ivr_sessions", "stg_crm__order_reversals")
CONFLICTS = "int_data_quality__conflicts"

STATE = {"agent_id": "ann", "started_at": "2026-03-02 10:00:00", "updated_at": "2026-03-02 11:00:00"}
LEG = {"contact_id": "1", "leg_number": 1, "updated_at": "2026-03-02 11:00:00"}


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The SQL of the models where there are several systems, by name, for all rows."""
    folder = tmp_path_factory.mktemp("compiled")
    outcome = run_dbt(
        "compile",
        folder / "warehouse.duckdb",
        {"extracts": "landed", "instances": SYSTEMS},
        *("--no-introspect", "--select", *MODELS, CONFLICTS, "--exclude", "resource_type:test"),
    )
    files = {file.stem: file for file in (folder / "target" / "compiled").rglob("*.sql")}
    assert {*MODELS, CONFLICTS} <= set(files), outcome.stdout[-2000:]
    return {name: of_all_rows(file.read_text(encoding="utf-8")) for name, file in files.items()}


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse in memory in which nothing has landed."""
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as warehouse")
        connection.execute("use warehouse")
        create_raw_tables(connection, load_declarations(PROJECT))
        yield connection


def land(connection: duckdb.DuckDBPyConnection, table: str, *loads: list[Row], base: Row) -> None:
    """Land rows in the loads that they come in, each of them with what all have."""
    for load_id, rows in enumerate(loads, 1):
        for line, row in enumerate(rows, 2):
            values = {**base, **row, "_load_id": load_id, "_line": line}
            marks = ", ".join("?" * len(values))
            connection.execute(f"insert into raw.{table} ({', '.join(values)}) values ({marks})", [*values.values()])


def states(connection: duckdb.DuckDBPyConnection, compiled: dict[str, str]) -> list[tuple[Any, ...]]:
    """Return the agent states: which one, and when it ends."""
    sql = compiled["stg_acd__agent_states"]
    return connection.execute(f"select state, strftime(ended_at, '%H:%M:%S') from ({sql}) order by all").fetchall()


def conflicts(connection: duckdb.DuckDBPyConnection, compiled: dict[str, str]) -> dict[str, tuple[int, str | None]]:
    """Return the number of conflicts and an example, by extract, where there are some."""
    rows = connection.execute(
        "select source || '.' || table_name, conflicts, conflict_example "
        f"from ({compiled[CONFLICTS]}) where conflicts > 0"
    ).fetchall()
    return {extract: (number, example) for extract, number, example in rows}


@pytest.mark.parametrize("ended_at", ["10:00:00", "09:59:59"])
def test_a_state_of_no_length_is_no_version(
    warehouse: duckdb.DuckDBPyConnection, compiled: dict[str, str], ended_at: str
) -> None:
    """It replaces nothing, even if it was written later, and is no state by itself; one that lasts a second is."""
    land(
        warehouse,
        "acd__agent_states",
        [{"state": "available", "ended_at": "2026-03-02 10:00:01"}],
        [{"state": "after_contact", "ended_at": f"2026-03-02 {ended_at}", "updated_at": "2026-03-02 12:00:00"}],
        [{"agent_id": "bob", "state": "break", "ended_at": f"2026-03-02 {ended_at}"}],
        base=STATE,
    )
    assert states(warehouse, compiled) == [("available", "10:00:01")]
    assert conflicts(warehouse, compiled) == {}


def test_a_state_of_no_length_may_withdraw_one(warehouse: duckdb.DuckDBPyConnection, compiled: dict[str, str]) -> None:
    land(
        warehouse,
        "acd__agent_states",
        [{"state": "available", "ended_at": "2026-03-02 10:30:00"}],
        [
            {
                **{"state": "available", "ended_at": "2026-03-02 10:00:00", "updated_at": "2026-03-02 12:00:00"},
                "is_deleted": True,
            }
        ],
        base=STATE,
    )
    assert states(warehouse, compiled) == []


@pytest.mark.parametrize(
    ("first", "second", "counts"),
    [
        ("10:30:00", "10:30:01", ("second", "10:30:01")),
        ("10:30:01", "10:30:00", ("first", "10:30:01")),
        ("10:30:00", "10:30:00", ("second", "10:30:00")),
        (None, "10:30:00", ("first", None)),
        ("10:30:00", None, ("second", None)),
    ],
)
def test_of_states_in_conflict_the_one_that_ends_last_counts(
    warehouse: duckdb.DuckDBPyConnection,
    compiled: dict[str, str],
    first: str | None,
    second: str | None,
    counts: tuple[str, str | None],
) -> None:
    """An open one ends last; of two that end alike the later load counts. One that was written later counts anyhow."""
    day = "2026-03-02 "
    land(
        warehouse,
        "acd__agent_states",
        [{"state": "first", "ended_at": first and day + first}],
        [{"state": "second", "ended_at": second and day + second}],
        base=STATE,
    )
    assert states(warehouse, compiled) == [counts]
    assert conflicts(warehouse, compiled) == {"acd.agent_states": (1, "ann, 2026-03-02 10:00:00")}
    land(
        warehouse,
        "acd__agent_states",
        *([], []),
        [{"state": "third", "ended_at": day + "10:00:02", "updated_at": "2026-03-02 11:00:01"}],
        base=STATE,
    )
    assert states(warehouse, compiled) == [("third", "10:00:02")]


def test_the_later_load_then_the_later_line_counts_of_other_records(
    warehouse: duckdb.DuckDBPyConnection, compiled: dict[str, str]
) -> None:
    """Equal content is no conflict, nor are versions that were written at other times."""
    land(
        warehouse,
        "acd__contact_legs",
        [
            *({"queue_id": "a"}, {"queue_id": "b"}),
            *({"leg_number": 2, "queue_id": "z"}, {"leg_number": 3, "queue_id": "x"}),
            {"leg_number": 4, "queue_id": "n"},
        ],
        [
            {"leg_number": 2, "queue_id": "y"},
            {"leg_number": 3, "queue_id": "x"},
            {"leg_number": 4, "queue_id": "m", "updated_at": "2026-03-02 10:59:59"},
        ],
        base=LEG,
    )
    legs = warehouse.execute(f"select leg_number, queue_id from ({compiled['stg_acd__contact_legs']}) order by all")
    assert legs.fetchall() == [(1, "b"), (2, "y"), (3, "x"), (4, "n")]
    assert conflicts(warehouse, compiled) == {"acd.contact_legs": (2, "1, 1")}


def test_a_version_that_withdraws_is_other_content(
    warehouse: duckdb.DuckDBPyConnection, compiled: dict[str, str]
) -> None:
    land(warehouse, "acd__contact_legs", [{"is_deleted": True}, {"is_deleted": False}, {}], base=LEG)
    assert warehouse.execute(f"select count(*) from ({compiled['stg_acd__contact_legs']})").fetchall() == [(1,)]
    assert conflicts(warehouse, compiled) == {"acd.contact_legs": (1, "1, 1")}


def test_without_a_time_of_writing_a_load_is_in_conflict_with_itself_only(
    warehouse: duckdb.DuckDBPyConnection, compiled: dict[str, str]
) -> None:
    land(
        warehouse,
        "crm__account_logins",
        [{"login_id": "1", "platform": "web"}, {"login_id": "2", "platform": "web"}],
        [
            {"login_id": "1", "platform": "app"},
            {"login_id": "2", "platform": "app"},
            {"login_id": "2", "platform": "tv"},
        ],
        base={},
    )
    assert conflicts(warehouse, compiled) == {"crm.account_logins": (1, "2")}


def test_a_personal_key_is_no_example(warehouse: duckdb.DuckDBPyConnection, compiled: dict[str, str]) -> None:
    land(
        warehouse,
        "crm__customers",
        [{"segment": "a"}, {"segment": "b"}],
        base={"customer_id": "c1", "updated_at": "2026-03-02 11:00:00"},
    )
    assert conflicts(warehouse, compiled) == {"crm.customers": (1, None)}


def test_ids_that_a_system_hands_out_have_its_instance(
    warehouse: duckdb.DuckDBPyConnection, compiled: dict[str, str]
) -> None:
    """Two systems that number alike have two records; people keep their ids. A system without a folder is one too."""
    land(
        warehouse,
        "acd__contact_legs",
        [{"_instance": "north", "agent_id": "ann", "related_contact_id": "7"}, {"_instance": "north", "leg_number": 2}],
        [{"_instance": "south", "agent_id": "ann"}],
        [{"agent_id": "bob"}],
        base=LEG,
    )
    sql = compiled["stg_acd__contact_legs"]
    legs = warehouse.execute(f"select contact_id, leg_number, related_contact_id, agent_id from ({sql}) order by all")
    assert legs.fetchall() == [
        ("1", 1, None, "bob"),
        ("north:1", 1, "north:7", "ann"),
        ("north:1", 2, None, None),
        ("south:1", 1, None, "ann"),
    ]
    assert conflicts(warehouse, compiled) == {}


def test_what_belongs_to_a_record_of_a_system_names_it_as_that_does(
    warehouse: duckdb.DuckDBPyConnection, compiled: dict[str, str]
) -> None:
    land(warehouse, "acd__ivr_sessions", [{"session_id": "1", "contact_id": "2", "_instance": "north"}], base={})
    sessions = warehouse.execute(f"select session_id, contact_id from ({compiled['stg_acd__ivr_sessions']})").fetchall()
    assert sessions == [("north:1", "north:2")]
    land(warehouse, "crm__order_reversals", [{"reversal_id": "1", "order_id": "2", "_instance": "north"}], base={})
    reversals = warehouse.execute(f"select reversal_id, order_id from ({compiled['stg_crm__order_reversals']})")
    assert reversals.fetchall() == [("north:1", "north:2")]
