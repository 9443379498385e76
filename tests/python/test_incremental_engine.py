"""The incremental engine by itself, on a small shop: a build gives what a full refresh gives."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest
from conftest import PROJECT
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from pipelines.build.run_dbt import _release_warehouse

Rows = list[tuple[Any, ...]]

_TABLES = ("orders", "customers", "fct_orders", "daily_totals")
_RAW = """
    create schema raw;
    create table raw.orders as
    select
        range as order_id, range % 20 as customer_id, 1.5 * range as amount,
        timestamp '2025-12-30' + to_hours(range) as ordered_at, 1 as _load_id
    from range(200);
    create table raw.customers as
    select range as customer_id, 'region ' || range % 3 as region, 1 as _load_id
    from range(20);
    create table raw.rates as select 1.5 as rate;
    create table raw.clock as select timestamp '2026-01-05' as now;
"""


class Shop:
    """The toy project in a folder of its own, with its database."""

    def __init__(self, folder: Path) -> None:
        """Copy the project and fill the raw tables."""
        shutil.copytree(PROJECT / "tests" / "incremental_engine", folder / "tests" / "incremental_engine")
        shutil.copytree(PROJECT / "macros" / "incremental", folder / "macros" / "incremental")
        self.project = folder / "tests" / "incremental_engine" / "toy"
        self.database = folder / "toy.duckdb"
        self._manifest: Manifest | None = None
        self.execute(_RAW)

    def execute(self, sql: str) -> Rows:
        """Run SQL on the database."""
        with duckdb.connect(self.database) as connection:
            return connection.execute(sql).fetchall()

    def tables(self) -> dict[str, Rows]:
        """All rows of all tables."""
        return {table: self.execute(f"from {table} order by all") for table in _TABLES}

    def build(self, *options: str, is_changed: bool = False) -> dict[str, str]:
        """Build and test; what dbt said of each node. `is_changed`: a file of the project was edited."""
        outcome = self.try_build(*options, is_changed=is_changed)
        assert outcome.success, outcome.exception or [result.message for result in outcome.result]
        return {result.node.name: str(result.message) for result in outcome.result}

    def try_build(self, *options: str, is_changed: bool = False) -> Any:
        """Build and test, and return dbt's outcome."""
        os.environ["TOY_DATABASE"] = str(self.database)
        folders = ["--project-dir", str(self.project), "--profiles-dir", str(self.project)]
        quiet = ["--quiet", "--log-level-file", "none", "--log-path", str(self.project / "logs")]
        try:
            if self._manifest is None or is_changed or "--vars" in options:
                parsed = dbtRunner().invoke([*quiet, "parse", *folders, *options])
                self._manifest = parsed.result
            return dbtRunner(manifest=self._manifest).invoke([*quiet, "build", *folders, *options])
        finally:
            _release_warehouse()

    def reasons(self) -> dict[str, str]:
        """Why each model was rebuilt in the last run; those that were not are left out."""
        rows = self.execute(
            "select model, rebuilt_because from incremental.builds"
            " where rebuilt_run = (select max(run) from incremental.runs)"
        )
        return {str(model): str(reason) for model, reason in rows}

    def edit(self, model: str, change: Callable[[str], str]) -> None:
        """Edit the SQL of a model."""
        file = self.project / "models" / f"{model}.sql"
        file.write_text(change(file.read_text()))


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A shop that was built once."""
    shop = Shop(tmp_path)
    shop.build()
    return shop


def _happening(random: Random, load_id: int) -> str:
    def corrected(orders: int, replacement: str) -> str:
        return (
            f"insert into raw.orders by name from (select * replace ({load_id} as _load_id, {replacement})"
            f" from raw.orders using sample reservoir({orders} rows) repeatable ({random.randrange(99)}))"
        )

    changes = [
        corrected(3, f"{random.randrange(20)} as customer_id"),
        corrected(2, "amount + 1 as amount"),
        corrected(2, "ordered_at - interval 40 hours as ordered_at"),
        f"insert into raw.orders values ({random.randrange(1000, 2000)}, 7, 5, '2026-01-03 12:00', {load_id})",
        f"insert into raw.customers values ({random.randrange(25)}, 'region {random.randrange(5)}', {load_id})",
        f"update raw.clock set now = now + interval {random.choice([0, 1, 30])} hours",
    ]
    return "; ".join(random.sample(changes, random.randrange(1, 4)))


@pytest.mark.parametrize("seed", range(2))
def test_builds_in_batches_give_what_a_full_refresh_gives(shop: Shop, seed: int) -> None:
    random = Random(seed)
    for load_id in range(2, 7):
        shop.execute(_happening(random, load_id))
        shop.build()
    in_batches = shop.tables()
    assert shop.reasons() == {}
    shop.build("--full-refresh")
    assert in_batches == shop.tables()


def test_nothing_new_changes_nothing(shop: Shop) -> None:
    before = shop.tables()
    said = shop.build()
    assert {said[table] for table in _TABLES} == {"UNCHANGED"}
    assert shop.tables() == before


def test_only_affected_keys_are_computed(shop: Shop) -> None:
    shop.execute("insert into raw.orders values (7, 3, 1000, '2026-01-02 12:00', 2)")
    shop.build()
    assert shop.execute("select distinct order_id from incremental.changes__fct_orders") == [(7,)]
    assert shop.execute("select distinct cast(date_day as varchar) from incremental.changes__daily_totals") == [
        ("2026-01-02",)
    ]


def test_a_key_under_another_name_computes_its_rows_only(shop: Shop) -> None:
    """The invoice is the order's; all others keep the number that they got when they were computed."""
    computed = "select invoice_id, computed from invoices order by invoice_id"
    before = shop.execute(computed)
    shop.execute("insert into raw.orders values (7, 3, 1000, '2026-01-02 12:00', 2)")
    shop.build()
    assert [row[0] for row in before if row not in shop.execute(computed)] == [7]


def test_a_view_is_looked_through(shop: Shop) -> None:
    """Orders of 2025 are not in the view: they change, and nothing further does."""
    shop.execute("insert into raw.orders values (1, 3, 1000, '2025-12-30 12:00', 2)")
    shop.build()
    assert shop.execute("select order_id from incremental.changes__orders where run = 2") == [(1,), (1,)]
    assert shop.execute("select count(*) from incremental.changes__fct_orders") == [(0,)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("update raw.rates set rate = 2", "rates changed"),
        ("update raw.clock set now = now - interval 1 hour", "clock went back"),
        ("delete from raw.orders where order_id = 3; update raw.orders set _load_id = 0", "raw.orders went back"),
    ],
)
def test_what_the_engine_cannot_follow_rebuilds(shop: Shop, change: str, reason: str) -> None:
    shop.execute(change)
    shop.build()
    assert reason in shop.reasons().values()
    built = shop.tables()
    shop.build("--full-refresh")
    assert built == shop.tables()


def test_a_setting_rebuilds_the_models_that_use_it_and_their_readers(shop: Shop) -> None:
    shop.build("--vars", "{vat: 10}")
    assert shop.reasons() == {"fct_orders": "its code or settings changed", "daily_totals": "fct_orders was rebuilt"}


def test_a_comment_rebuilds_nothing(shop: Shop) -> None:
    shop.edit("fct_orders", lambda sql: sql.replace("-- An order", "-- Every order"))
    shop.build(is_changed=True)
    assert shop.reasons() == {}


def test_code_rebuilds_its_model_and_what_reads_it(shop: Shop) -> None:
    shop.edit("fct_orders", lambda sql: sql.replace("interval 48 hours", "interval 24 hours"))
    shop.build(is_changed=True)
    assert set(shop.reasons()) == {"fct_orders", "daily_totals"}


def test_code_of_a_view_rebuilds_what_reads_it(shop: Shop) -> None:
    shop.edit("recent_orders", lambda sql: sql.replace("2026-01-01", "2026-01-02"))
    shop.build(is_changed=True)
    assert shop.reasons() == {"fct_orders": "recent_orders changed", "daily_totals": "fct_orders was rebuilt"}


def test_an_input_without_a_route_stops_the_build(shop: Shop) -> None:
    shop.edit("fct_orders", lambda sql: sql.replace("'customers': {'through': 'orders', 'on': ['customer_id']},", ""))
    outcome = shop.try_build(is_changed=True)
    messages = " ".join(str(result.message) for result in outcome.result)
    assert (
        "The incremental model fct_orders reads customers, whose recorded changes have no column order_id (they have "
        "customer_id): say in meta.incremental.inputs of fct_orders how a change of customers leads to order_id, or "
        "add the column to meta.incremental.records of customers"
    ) in messages


def test_a_declared_input_that_is_not_read_stops_the_build(shop: Shop) -> None:
    shop.edit(
        "daily_totals",
        lambda sql: sql.replace("{'key': ['date_day']}", "{'key': ['date_day'], 'inputs': {'rates': 'rebuild'}}"),
    )
    outcome = shop.try_build(is_changed=True)
    assert "does not read it" in " ".join(str(result.message) for result in outcome.result)


def test_a_run_that_died_before_it_wrote_is_made_good(shop: Shop, tmp_path: Path) -> None:
    """The changes are recorded, the rows are not replaced, and nothing further was built."""
    shutil.copy(shop.database, tmp_path / "before.duckdb")
    arrives = "insert into raw.orders values (7, 3, 1000, '2026-01-02 12:00', 2)"
    shop.execute(arrives)
    shop.build()
    expected = shop.tables()
    recorded = shop.execute("from incremental.changes__fct_orders")
    shutil.copy(tmp_path / "before.duckdb", shop.database)
    shop.execute(arrives)
    with duckdb.connect(shop.database) as connection:
        connection.execute("insert into incremental.runs values (2, 'died')")
        connection.executemany("insert into incremental.changes__fct_orders values (?, ?, ?)", recorded)
    shop.build()
    assert shop.tables() == expected


def test_a_rebuild_that_died_is_rebuilt(shop: Shop) -> None:
    expected = shop.tables()
    shop.execute("delete from incremental.builds where model = 'fct_orders'; delete from fct_orders where order_id > 9")
    shop.build()
    assert shop.reasons()["fct_orders"] == "no complete build of it is recorded"
    assert shop.tables() == expected


def test_a_test_looks_at_changed_rows(shop: Shop) -> None:
    """A duplicate that the engine did not make is not seen until the model is rebuilt or its key changes."""
    shop.execute("insert into fct_orders from fct_orders where order_id = 60 limit 1")
    shop.build()
    shop.execute("insert into raw.orders values (60, 3, 1000, '2026-01-02 12:00', 2)")
    shop.execute("insert into incremental.changes__fct_orders values (99, 60, '2026-01-02')")
    outcome = shop.try_build("--select", "unique_order_fct_orders_")
    assert not outcome.success


def test_recorded_changes_are_deleted_once_all_have_seen_them(shop: Shop) -> None:
    for load_id in (2, 3, 4):
        shop.execute(f"insert into raw.orders values ({load_id}, 3, 1000, '2026-01-02 12:00', {load_id})")
        shop.build()
    assert shop.execute("select distinct run from incremental.changes__orders") == [(4,)]
