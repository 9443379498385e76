"""A warehouse that random batches land in, one after another, and the random changes that they bring."""

import csv
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import duckdb
from conftest import PROJECT, copy_warehouse
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from pipelines.build.run_dbt import _release_warehouse
from pipelines.landing import create_raw_tables
from pipelines.landing.declarations import load_declarations
from pipelines.warehouse import connect, marts_file

Row = dict[str, Any]
Batch = dict[str, list[Row]]

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
# Systems that number contacts of their own, beside the one that has no name; their rows come with random changes.
INSTANCES = {"acd": ["north", "south"]}
_TABLES = ("config.materialized:incremental_by_key", "config.materialized:table")
_INCREMENTAL = (
    "config.materialized:incremental_by_key",
    "+config.materialized:incremental_by_key,config.materialized:table",
)

# The instant of a row says in which batch it comes; rows of other tables come with the first one.
_HAPPENED_AT = {
    "acd__agent_states": "started_at",
    "acd__contact_legs": "started_at",
    "acd__ivr_sessions": "entered_at",
    "crm__account_logins": "logged_in_at",
    "crm__cases": "opened_at",
    "crm__customers": "updated_at",
    "crm__order_reversals": "reversed_at",
    "crm__orders": "ordered_at",
    "qa__evaluations": "evaluated_at",
    "reference__queues": "effective_from",
    "survey__contact_surveys": "sent_at",
    "wfm__agents": "effective_from",
    "wfm__forecasts": "interval_start",
    "wfm__schedules": "starts_at",
}


class Dbt:
    """dbt in this process, its project parsed once."""

    def __init__(self, folder: Path) -> None:
        """Parse the project; `folder` takes dbt's files."""
        self._folder = folder
        self._manifest: Manifest | None = None
        self._manifest = self("parse", folder / "warehouse.duckdb")

    def __call__(self, command: str, warehouse: Path, *options: str, dbt_vars: dict[str, Any] | None = None) -> Any:
        """Run a dbt command on a warehouse; it must succeed."""
        os.environ["CCW_WAREHOUSE"] = str(warehouse)
        try:
            outcome = dbtRunner(manifest=self._manifest).invoke(
                [
                    *("--quiet", "--no-use-colors", "--no-send-anonymous-usage-stats", "--log-level-file", "none"),
                    *("--log-path", str(self._folder / "logs"), command, *options),
                    *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
                    *("--target-path", str(self._folder / "target")),
                    *("--vars", json.dumps({"extracts": "landed", "instances": INSTANCES, **(dbt_vars or {})})),
                ]
            )
        finally:
            _release_warehouse()
        assert outcome.success, outcome.exception or [
            f"{result.node.name}: {result.message}" for result in outcome.result if result.status in ("error", "fail")
        ]
        return outcome.result


@dataclass(frozen=True)
class Warehouse:
    """A warehouse of raw rows and what dbt made of them."""

    file: Path
    dbt: Dbt

    @classmethod
    def empty(cls, file: Path, dbt: Dbt) -> "Warehouse":
        """Return a new warehouse in which nothing has landed."""
        file.parent.mkdir(parents=True)
        with duckdb.connect(file) as connection:
            create_raw_tables(connection, load_declarations(PROJECT, {}))
        return cls(file, dbt)

    def land(self, batch: Batch) -> None:
        """Land rows as they are, one load per table."""
        with duckdb.connect(self.file) as connection:
            for table, rows in batch.items():
                source, name = table.split("__", 1)
                load = "(select coalesce(max(load_id), 0) + 1 from ops.landed_files)"
                marks = ", ".join("?" * len(rows[0]))
                connection.begin()
                connection.executemany(
                    f'insert into raw."{table}" ({", ".join(rows[0])}, _load_id, _line) values ({marks}, {load}, ?)',
                    [[*row.values(), line] for line, row in enumerate(rows, 1)],
                )
                connection.execute(
                    f"""
                    insert into ops.landed_files (
                        load_id, run_id, path, source, "table", sha256, bytes, lines, loaded, rejected, landed_at
                    )
                    values ({load}, '', '', ?, ?, '', 0, 0, 0, 0, current_timestamp)
                    """,
                    [source, name],
                )
                connection.commit()

    def build(self, dbt_vars: dict[str, Any]) -> None:
        """Build everything, settings seeds and views included."""
        self.dbt("build", self.file, "--resource-type", "seed", "--resource-type", "model", dbt_vars=dbt_vars)

    def build_tables(self, dbt_vars: dict[str, Any], *options: str) -> None:
        """Build the tables; views stay as they are."""
        self.dbt("run", self.file, "--select", *_TABLES, *options, dbt_vars=dbt_vars)

    def build_made_of(self, batch: Batch, dbt_vars: dict[str, Any]) -> None:
        """Build the tables that are made of a batch, as `ccw` does when nothing else has landed."""
        extracts = [table.replace("__", ".", 1) for table in batch]
        made_of = [f"source:{extract}+,{tables}" for extract in extracts for tables in _TABLES]
        self.dbt("run", self.file, "--select", *made_of, dbt_vars=dbt_vars)

    def build_incremental(self, dbt_vars: dict[str, Any]) -> Any:
        """Build the incremental models, and the tables that they read; dbt's results."""
        return self.dbt("run", self.file, "--select", *_INCREMENTAL, dbt_vars=dbt_vars).results

    def build_some(self, random: Random, dbt_vars: dict[str, Any]) -> list[str]:
        """Build a few of the models and return their names: what a run leaves that died."""
        some = random.sample(self.models(), 3)
        self.dbt("run", self.file, "--select", *some, dbt_vars=dbt_vars)
        return some

    def build_one_unrecorded(self, random: Random, dbt_vars: dict[str, Any]) -> str:
        """Build a model and return its name: what a run leaves that died after the model's rows were written."""
        model = random.choice(self.models())
        with connect(self.file) as connection:
            for table in ("builds", "reads"):
                connection.execute(
                    f"create or replace table incremental.{table}_before as from incremental.{table} where model = ?",
                    [model],
                )
        self.dbt("run", self.file, "--select", model, dbt_vars=dbt_vars)
        with connect(self.file) as connection:
            # The record of a model is taken away before the model is rebuilt.
            was_rebuilt = connection.execute(
                "select rebuilt_run = run from incremental.builds where model = ?", [model]
            ).fetchall() == [(True,)]
            for table in ("builds", "reads"):
                connection.execute(f"delete from incremental.{table} where model = ?", [model])
                if not was_rebuilt:
                    connection.execute(f"insert into incremental.{table} from incremental.{table}_before")
        return model

    def models(self) -> list[str]:
        """Names of the incremental models."""
        return [model for (model,) in self.query("select model from incremental.builds order by model")]

    def copy_rebuilt(self, folder: Path, dbt_vars: dict[str, Any]) -> "Warehouse":
        """Return a copy that is refreshed in full."""
        folder.mkdir()
        copy = Warehouse(copy_warehouse(self.file, folder), self.dbt)
        copy.build_tables(dbt_vars, "--full-refresh")
        return copy

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Query the warehouse."""
        with connect(self.file, read_only=True) as connection:
            return connection.execute(sql).fetchall()


def differences(one: Warehouse, other: Warehouse) -> dict[str, list[tuple[Any, ...]]]:
    """Some rows of each published table that differ between two warehouses.

    Doubles may by a billionth of them, and by 1e-12: errors that cancel out leave the last digits of what was added up.
    """
    found = {}
    with duckdb.connect() as connection:
        connection.execute(f"attach '{marts_file(one.file)}' as one (read_only)")
        connection.execute(f"attach '{marts_file(other.file)}' as other (read_only)")
        columns: dict[str, list[tuple[str, str]]] = {}
        for table, column, data_type in connection.execute(
            """
            select table_name, column_name, data_type
            from duckdb_columns()
            where database_name = 'one' and schema_name = 'marts'
            """
        ).fetchall():
            columns.setdefault(table, []).append((f'"{column}"', data_type))
        for table, its_columns in columns.items():
            exact = [column for column, data_type in its_columns if data_type != "DOUBLE"]
            doubles = [column for column, data_type in its_columns if data_type == "DOUBLE"]
            rows = [f"select {', '.join(exact)} from {name}.marts.{table}" for name in ("one", "other")]
            differing = connection.execute(
                f"(({rows[0]}) except all ({rows[1]})) union all (({rows[1]}) except all ({rows[0]})) limit 4"
            ).fetchall()
            if doubles and not differing:
                # The key of a table has no doubles.
                same = " and ".join(f"a.{column} is not distinct from b.{column}" for column in exact)
                differs = " or ".join(
                    f"(a.{column} is null) != (b.{column} is null) "
                    f"or abs(a.{column} - b.{column}) > greatest(1e-12, 1e-9 * abs(a.{column}), 1e-9 * abs(b.{column}))"
                    for column in doubles
                )
                differing = connection.execute(
                    f"select * from one.marts.{table} as a inner join other.marts.{table} as b on {same} "
                    f"where {differs} limit 4"
                ).fetchall()
            if differing:
                found[table] = differing
    return found


def rows_of(file: Path) -> Batch:
    """All raw rows of a warehouse, without their loads and lines."""
    with duckdb.connect(file, read_only=True) as connection:
        tables = connection.execute("select table_name from duckdb_tables() where schema_name = 'raw'").fetchall()
        rows: Batch = {}
        for (table,) in tables:
            cursor = connection.execute(f'select * exclude (_load_id, _line) from raw."{table}"')
            names = [column[0] for column in cursor.description or []]
            rows[table] = [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]
    return rows


def cut(rows: Batch, random: Random, batches: int) -> list[Batch]:
    """Cut rows into batches by when they happened: the older half comes first; some come late or early."""
    instants = sorted(row["started_at"] for row in rows["acd__contact_legs"])
    middle, last = instants[len(instants) // 2], instants[-1]
    parts: list[Batch] = [{} for _ in range(batches)]
    for table, table_rows in rows.items():
        for row in table_rows:
            instant = row.get(_HAPPENED_AT.get(table, ""))
            part = 0
            if instant is not None and instant > middle:
                part = min(int((instant - middle) / (last - middle) * (batches - 1)) + 1, batches - 1)
            if instant is not None and random.random() < 0.08:
                part = random.randrange(batches)
            parts[part].setdefault(table, []).append(row)
    return parts


def random_change(random: Random, seen: Batch) -> tuple[str, Batch]:
    """One random change of rows that have landed: what it is called, and the rows that bring it."""
    change = random.choice(_CHANGES)
    return change.__name__.lstrip("_"), change(random, seen)


def _later(random: Random, row: Row) -> Row:
    """A copy of a row that is a later version of it, or one that came last of the same age."""
    if "updated_at" not in row:
        return dict(row)
    return {**row, "updated_at": row["updated_at"] + random.choice([0, 0, 1, 40]) * DAY}


def _pick(random: Random, seen: Batch, table: str) -> Row:
    return _later(random, random.choice(seen[table]))


def _within_rules(leg: Row) -> Row:
    """The leg as it would be let in: instants in order, and nobody talks in what is completed and was not answered."""
    latest = leg["started_at"]
    for column in ("enqueued_at", "answered_at", "ended_at"):
        if leg[column] is not None:
            leg[column] = latest = max(leg[column], latest)
    if leg["answered_at"] is None and leg["end_reason"] == "completed":
        leg["talk_seconds"] = None
    return leg


def _corrected_leg(random: Random, seen: Batch) -> Batch:
    leg, other = _pick(random, seen, "acd__contact_legs"), _pick(random, seen, "acd__contact_legs")
    column = random.choice(
        [
            *("queue_id", "agent_id", "end_reason", "channel", "direction", "reason_code", "resolution_code"),
            *("client_id", "talk_seconds", "started_at", "enqueued_at", "answered_at", "ended_at"),
        ]
    )
    if column == "started_at":
        leg[column] += random.choice([-40, -3, -1, 1, 2]) * DAY
    elif column.endswith("_at"):
        leg[column] = random.choice([None, leg["started_at"] + random.choice([0, 1 / 24, 3]) * DAY])
    else:
        leg[column] = other[column]
    return {"acd__contact_legs": [_within_rules(leg)]}


def _unrecorded(random: Random, seen: Batch) -> Batch:
    """A leg of which something was not recorded: when it ended, or how long it took; or which has not ended."""
    leg = _pick(random, seen, "acd__contact_legs")
    leg |= random.choice(
        [
            *({"ended_at": None, "end_reason": reason} for reason in ("completed", "abandoned", "closed", None)),
            dict.fromkeys(random.sample(["talk_seconds", "hold_seconds", "hold_count", "acw_seconds"], 2)),
        ]
    )
    return {"acd__contact_legs": [_within_rules(leg)]}


def _disagreeing_clocks(random: Random, seen: Batch) -> Batch:
    """A leg that was answered, or ended, up to two seconds before it was enqueued."""
    leg = _pick(random, seen, "acd__contact_legs")
    leg["enqueued_at"] = leg["started_at"]
    leg |= random.choice([{"answered_at": leg["started_at"]}, {"answered_at": None, "ended_at": leg["started_at"]}])
    leg = _within_rules(leg)
    leg["enqueued_at"] += random.choice([1, 2]) * SECOND
    return {"acd__contact_legs": [leg]}


def _moved_contact(random: Random, seen: Batch) -> Batch:
    """A leg of a customer, a stranger or nobody, whose address is written in one way or another."""
    leg, customer = _pick(random, seen, "acd__contact_legs"), _pick(random, seen, "crm__customers")
    leg |= {"customer_id": None, "account_number": None}
    column = random.choice(["customer_id", "account_number", "phone", "email", "stranger", "nobody"])
    if column in ("customer_id", "account_number"):
        leg[column] = customer[column]
        return {"acd__contact_legs": [leg]}
    address = {
        "stranger": "+40 711 222333",
        "nobody": random.choice(["anonymous", "+266696687", "000-000-0000", "0711***333", "7009", "a@b.invalid"]),
    }.get(column, customer.get(column))
    form = random.choice(["{}", "{}", "<sip:{}@carrier.example>" if column != "email" else "<{}>", "{};x=1", " {} "])
    leg["customer_address"] = address and form.format(address)
    return {"acd__contact_legs": [leg]}


def _new_contact(random: Random, seen: Batch) -> Batch:
    """A contact like another one: soon after it, long before all others, or later than all."""
    leg = _pick(random, seen, "acd__contact_legs") | {"contact_id": f"new{random.randrange(10**9)}"}
    moved_by = random.choice([0, 1, -1, -2, -400, 5]) * DAY
    for column in ("started_at", "enqueued_at", "answered_at", "ended_at"):
        leg[column] = leg[column] and leg[column] + moved_by
    return {"acd__contact_legs": [leg]}


def _further_leg(random: Random, seen: Batch) -> Batch:
    leg = _pick(random, seen, "acd__contact_legs")
    agent_id = random.choice(seen["wfm__agents"])["agent_id"]
    further = {"leg_number": leg["leg_number"] + 1, "agent_id": agent_id, "answered_at": leg["started_at"]}
    return {"acd__contact_legs": [_within_rules(leg | further)]}


def _related_contact(random: Random, seen: Batch) -> Batch:
    """A contact that goes on with another one: before it or after it, in a circle, or one that never lands."""
    leg, other = _pick(random, seen, "acd__contact_legs"), _pick(random, seen, "acd__contact_legs")
    leg |= {
        "initiation": random.choice(["transfer", "transfer", "callback", "customer"]),
        "related_contact_id": random.choice([*[other["contact_id"]] * 8, leg["contact_id"], "never lands", None]),
    }
    if random.random() < 0.3 and leg["contact_id"] != other["contact_id"]:
        other |= {"initiation": "transfer", "related_contact_id": leg["contact_id"]}
        return {"acd__contact_legs": [leg, other]}
    return {"acd__contact_legs": [leg]}


def _new_transfer(random: Random, seen: Batch) -> Batch:
    """A transfer or callback with an id of its own, soon after the contact that it goes on with, or the next day."""
    leg = _pick(random, seen, "acd__contact_legs")
    moved_by = random.choice([1 / 1440, 1 / 24, 1]) * DAY
    for column in ("started_at", "enqueued_at", "answered_at", "ended_at"):
        leg[column] = leg[column] and leg[column] + moved_by
    further = {
        "initiation": random.choice(["transfer", "callback"]),
        "related_contact_id": leg["contact_id"],
        "contact_id": f"new{random.randrange(10**9)}",
    }
    return {"acd__contact_legs": [leg | further]}


def _rung_agents(random: Random, seen: Batch) -> Batch:
    """Agents who were rung and did not answer, at once or one after the other, beside a leg or in its place."""
    leg = _pick(random, seen, "acd__contact_legs")
    rings = []
    for number in range(random.randint(1, 3)):
        rung_at = leg["started_at"] + random.choice([0, 0, 15 * number]) * SECOND
        rings.append(
            leg
            | {
                "leg_number": leg["leg_number"] + number + random.choice([0, 1]),
                "agent_id": random.choice(seen["wfm__agents"])["agent_id"],
                "started_at": rung_at,
                "enqueued_at": random.choice([leg["enqueued_at"] and rung_at, None]),
                "answered_at": None,
                "ended_at": random.choice([rung_at + 15 * SECOND, rung_at + 15 * SECOND, None]),
                "end_reason": "ring_no_answer",
                "talk_seconds": None,
            }
        )
    return {"acd__contact_legs": rings}


def _conflicting_version(random: Random, seen: Batch) -> Batch:
    """Another content for a key and an updated_at that have landed."""
    changes: dict[str, Row] = {
        "acd__contact_legs": {"reason_code": "conflicting", "customer_id": None},
        "acd__agent_states": {"state": "coaching"},
        "crm__customers": {"phone": "+40 711 444555"},
        "crm__orders": {"gross_amount": 7},
        "survey__contact_surveys": {"csat_score": 2},
    }
    table = random.choice([table for table in changes if seen.get(table)])
    return {table: [random.choice(seen[table]) | changes[table]]}


def _instance(random: Random, seen: Batch) -> Batch:
    """A contact of a second system of the kind, which numbers as the first one does or not; and an answer about it."""
    leg = _pick(random, seen, "acd__contact_legs")
    leg |= {"_instance": random.choice(INSTANCES["acd"])}
    if random.random() < 0.5:
        leg["contact_id"] = f"own{random.randrange(20)}"
    named = random.choice([leg["contact_id"], f"{leg['_instance']}:{leg['contact_id']}"])
    survey = _pick(random, seen, "survey__contact_surveys")
    survey |= {"survey_id": f"new{random.randrange(10**9)}", "contact_id": named}
    return {"acd__contact_legs": [leg], "survey__contact_surveys": [survey]}


def _withdrawn_row(random: Random, seen: Batch) -> Batch:
    others = [table for table in _HAPPENED_AT if table not in ("acd__contact_legs", "crm__account_logins")]
    tables = ["acd__contact_legs"] * 6 + [*others, "qa__evaluation_items"]
    table = random.choice([table for table in tables if seen.get(table)])
    return {table: [_pick(random, seen, table) | {"is_deleted": True}]}


def _merged_customer(random: Random, seen: Batch) -> Batch:
    """A customer who turns out to have the account or the addresses of another one, or to have none."""
    customer, other = _pick(random, seen, "crm__customers"), _pick(random, seen, "crm__customers")
    for column in random.sample(["account_number", "phone", "email"], random.randint(1, 3)):
        customer[column] = random.choice([other[column], None])
    return {"crm__customers": [customer]}


def _corrected_session(random: Random, seen: Batch) -> Batch:
    session = _pick(random, seen, "acd__ivr_sessions")
    session |= random.choice(
        [
            {"exit_type": random.choice(["hung_up", "failed", "self_served", "to_agent", None])},
            {"customer_id": random.choice(seen["crm__customers"])["customer_id"]},
            {"contact_id": random.choice(seen["acd__contact_legs"])["contact_id"]},
            {"exited_at": None},
        ]
    )
    return {"acd__ivr_sessions": [session]}


def _corrected_order(random: Random, seen: Batch) -> Batch:
    contact_id = random.choice(seen["acd__contact_legs"])["contact_id"]
    order = _pick(random, seen, "crm__orders")
    order |= random.choice(
        [
            *({"contact_id": contact_id}, {"contact_id": None}, {"agent_id": None}, {"gross_amount": 5}),
            {"ordered_at": order["ordered_at"] + random.choice([1, 40]) * DAY},
        ]
    )
    return {"crm__orders": [order]}


def _reversed_order(random: Random, seen: Batch) -> Batch:
    """An order that is reversed, the day after or once its time is over."""
    order = random.choice(seen["crm__orders"])
    reversal = {
        "reversal_id": f"new{random.randrange(10**9)}",
        "order_id": order["order_id"],
        "reversal_type": "cancellation",
        "reversed_at": order["ordered_at"] + random.choice([1, 29, 31]) * DAY,
        "amount": order["gross_amount"],
        "updated_at": order["updated_at"],
    }
    return {"crm__order_reversals": [reversal]}


def _republished_schedule(random: Random, seen: Batch) -> Batch:
    """A scheduled activity that moves, lasts longer, or becomes that of another agent, as published then or anew."""
    schedule = _pick(random, seen, "wfm__schedules")
    schedule["published_at"] += random.choice([-1, 0, 0, 1]) * DAY
    moved_by = random.choice([0, 0, 1 / 24, 1, -30]) * DAY
    schedule |= {"starts_at": schedule["starts_at"] + moved_by, "ends_at": schedule["ends_at"] + moved_by + DAY / 24}
    if random.random() < 0.2:
        schedule["agent_id"] = random.choice(seen["wfm__agents"])["agent_id"]
    return {"wfm__schedules": [schedule]}


def _republished_forecast(random: Random, seen: Batch) -> Batch:
    """A forecast of other contacts or of an interval that lasts longer, as published then or anew, in time or not."""
    forecast = dict(random.choice(seen["wfm__forecasts"]))
    forecast["published_at"] += random.choice([-1, 0, 0, 30]) * DAY
    forecast |= random.choice([{"contacts": 7}, {"interval_minutes": 4000}, {"interval_minutes": 15}])
    return {"wfm__forecasts": [forecast]}


def _corrected_survey(random: Random, seen: Batch) -> Batch:
    """A survey that was answered otherwise, of another contact or agent; or a further one of the same contact."""
    survey = _pick(random, seen, "survey__contact_surveys")
    survey |= random.choice(
        [
            {"contact_id": random.choice(seen["acd__contact_legs"])["contact_id"]},
            {"responded_at": None},
            {"responded_at": survey["sent_at"] + random.choice([0, 1, 27, 28, 40]) * DAY},
            {"csat_score": 1, "nps_score": 0, "agent_id": None},
            {"agent_id": random.choice(seen["wfm__agents"])["agent_id"]},
        ]
    )
    if random.random() < 0.4:
        survey["survey_id"] = f"new{random.randrange(10**9)}"
    return {"survey__contact_surveys": [survey]}


def _corrected_case(random: Random, seen: Batch) -> Batch:
    case = _pick(random, seen, "crm__cases")
    case |= random.choice(
        [
            {"customer_id": random.choice(seen["crm__customers"])["customer_id"]},
            {"reason_code": random.choice(seen["crm__cases"])["reason_code"]},
            {"opened_at": case["opened_at"] - random.choice([1, 400]) * DAY},
            {"closed_at": random.choice([None, case["opened_at"] + random.choice([0, 3, 60]) * DAY])},
            {"reopened_count": random.choice([None, 0, 2])},
        ]
    )
    return {"crm__cases": [case]}


def _corrected_evaluation(random: Random, seen: Batch) -> Batch:
    """An evaluation that was of another contact or agent, on another day or a calibration, or one of its items."""
    if random.random() < 0.5:
        item = _pick(random, seen, "qa__evaluation_items")
        item |= random.choice([{"score": None}, {"is_auto_fail": True}, {"error_class": "customer_critical"}])
        return {"qa__evaluation_items": [item]}
    evaluation = _pick(random, seen, "qa__evaluations")
    evaluation |= random.choice(
        [
            {"contact_id": random.choice(seen["acd__contact_legs"])["contact_id"]},
            {"agent_id": random.choice(seen["wfm__agents"])["agent_id"]},
            {"evaluated_at": evaluation["evaluated_at"] + random.choice([-30, 1]) * DAY},
            {"is_calibration": True},
        ]
    )
    return {"qa__evaluations": [evaluation]}


def _corrected_agent(random: Random, seen: Batch) -> Batch:
    """An agent who was in another team, now or at an instant in the past, or was never there."""
    agent = _pick(random, seen, "wfm__agents") | {"team_id": random.choice(seen["wfm__agents"])["team_id"]}
    agent["effective_from"] += random.choice([0, 0, -500, 3, 20]) * DAY
    agent["is_deleted"] = random.random() < 0.2
    return {"wfm__agents": [agent]}


def _corrected_state(random: Random, seen: Batch) -> Batch:
    """A state that was another one or lasted longer, over others; one of no length; or one that nobody knew of."""
    state = _pick(random, seen, "acd__agent_states")
    lasts = random.choice([0, 0, 60, 600, 3600, 86400]) * SECOND
    state |= random.choice([{"state": "break"}, {"ended_at": None}, {"ended_at": state["started_at"] + lasts}])
    if random.random() < 0.5:
        moved_by = random.choice([-40, -1, -1 / 24, 1 / 1440, 1 / 24, 1, 2]) * DAY
        state["started_at"] += moved_by
        state["ended_at"] = state["ended_at"] and state["ended_at"] + moved_by
    return {"acd__agent_states": [state]}


def _other_threshold(random: Random, seen: Batch) -> Batch:
    return {"reference__queues": [_pick(random, seen, "reference__queues") | {"short_abandon_seconds": 60}]}


def _changed_queue(random: Random, seen: Batch) -> Batch:
    """A queue that has had other settings, or belonged to another client and site, from some instant on."""
    queue, other = _pick(random, seen, "reference__queues"), _pick(random, seen, "reference__queues")
    queue["effective_from"] = random.choice(seen["acd__contact_legs"])["started_at"]
    queue |= random.choice(
        [
            {
                "service_level_seconds": random.choice([None, 5, 60]),
                "short_abandon_seconds": random.choice([None, 0, 30]),
            },
            {"client_id": other["client_id"], "site_id": other["site_id"]},
        ]
    )
    return {"reference__queues": [queue]}


_CHANGES: list[Callable[[Random, Batch], Batch]] = [
    *[_corrected_leg, _moved_contact, _new_contact, _merged_customer] * 3,
    *[_further_leg, _withdrawn_row, _corrected_session] * 2,
    *[_related_contact, _new_transfer, _rung_agents, _unrecorded] * 2,
    *[_disagreeing_clocks, _conflicting_version, _changed_queue, _instance],
    *[_corrected_order, _reversed_order, _corrected_survey, _corrected_case, _corrected_evaluation] * 2,
    *[_republished_schedule, _republished_forecast, _corrected_state] * 2,
    *[_corrected_agent, _other_threshold],
]


def add(batch: Batch, to: Batch) -> None:
    """Add the rows of a batch to those of another one."""
    for table, rows in batch.items():
        to.setdefault(table, []).extend(rows)


def write_extracts(batch: Batch, folder: Path) -> None:
    """Write rows as extracts, each table's in the order in which they landed."""
    for table, rows in batch.items():
        source, name = table.split("__", 1)
        columns = [column for column in {column: None for row in rows for column in row} if column != "_instance"]
        for instance in {row.get("_instance") for row in rows}:
            file = folder / (source if instance is None else f"{source}@{instance}") / f"{name}.csv"
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("w", newline="", encoding="utf-8") as lines:
                writer = csv.DictWriter(lines, columns, extrasaction="ignore")
                writer.writeheader()
                writer.writerows(row for row in rows if row.get("_instance") == instance)


def newest_event(batch: Batch) -> datetime:
    """The latest start of a leg."""
    starts: Iterable[datetime] = (leg["started_at"] for leg in batch["acd__contact_legs"])
    return max(starts)
