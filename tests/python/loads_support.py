"""Daily loads of contact legs, made in SQL: honest days that differ as real ones do, and days that lie.

A day has its weekday's volume, its own good or bad luck, an hourly profile, and its own share of abandoned contacts.
The same seed gives the same days.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipelines.checks import usual
from pipelines.checks.landed import LandedLimits
from pipelines.landing.declarations import Declarations
from pipelines.warehouse.sql import identifier

TYPES = {
    "text": "varchar",
    "integer": "bigint",
    "number": "decimal(18, 6)",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
}
# What the compiled models have in place of the var checked_after_load.
AFTER = "987654321"
FIRST_DAY = "2025-01-06"  # a Monday

_LEDGER = """
    create schema if not exists ops;
    create table if not exists ops.landed_files (
        load_id bigint, run_id varchar, path varchar, source varchar, "table" varchar, sha256 varchar,
        bytes bigint, lines bigint, loaded bigint, rejected bigint, landed_at timestamp, instance varchar,
        header varchar, retried_load bigint
    );
    create table if not exists ops.load_verdicts (
        load_id bigint primary key, verdict varchar, run_id varchar, judged_at timestamp
    );
"""

_LUCK = """
    create or replace temp macro draw(n, salt) as (hash(n, salt) % 1000003 + 0.5) / 1000003.0;
    create or replace temp macro code(prefix, n, salt, below, width) as
        prefix || lpad(cast(floor(below * draw(n, salt)) as bigint)::varchar, width, '0');
    create or replace temp macro bell(n, salt) as
        sqrt(-2 * ln(draw(n, salt))) * cos(2 * pi() * draw(n, salt || 'b'));
"""

_DAYS = """
    create or replace temp table made as
    with
    days as (
        select
            day,
            date '{first_day}' + cast(day as integer) as date_day,
            greatest(cast(round(
                mean * exp(0.09 * bell(day, 'v{seed}')) + sqrt(mean) * bell(day, 'n{seed}')
            ) as bigint), 1) as size,
            0.08 * exp(0.3 * bell(day, 'a{seed}')) as abandoned_share
        from (
            select day, {rows} * [1.3, 1.15, 1.05, 1.0, 1.0, 0.55, 0.35][day % 7 + 1] as mean
            from range({first}, {last}) as days(day)
        )
    ),
    drawn as (
        select
            day, date_day, day * 100000 + i as row, abandoned_share,
            cast(floor(7 * pow(draw(row, 'q{seed}'), 1.3)) as integer) as queue,
            draw(row, 'x{seed}') as luck,
            date_day + interval (cast(floor(3600 * (8 + 6 * (draw(row, 'h{seed}') + draw(row, 'g{seed}')))) as integer))
                second as started_at
        from days, range(size) as contacts(i)
    ),
    happened as (
        select
            *, luck < abandoned_share as is_abandoned,
            ['voice', 'voice', 'voice', 'chat', 'chat', 'email', 'sms'][queue + 1] as channel
        from drawn
    )
    select
        'C' || lpad(row::varchar, 9, '0') as contact_id, 1 as leg_number,
        case when queue < 4 then 'willow' else 'skylark' end as client_id, channel,
        case when draw(row, 'd{seed}') < 0.92 then 'inbound' else 'outbound' end as direction,
        case when draw(row, 'd{seed}') < 0.92 then 'customer' else 'agent' end as initiation,
        'queue-' || queue as queue_id,
        case when not is_abandoned then code('A', row, 'g2{seed}', 24, 4) end as agent_id,
        case when draw(row, 'c{seed}') < 0.5 then code('CU', row, 'p{seed}', 90000, 7) end as customer_id,
        case
            when draw(row, 'e{seed}') > 0.9 then null
            when channel in ('voice', 'sms') then code('+1555', row, 'p{seed}', 9999999, 7)
            else code('c', row, 'p{seed}', 90000, 5) || '@example.com'
        end as customer_address,
        case when draw(row, 'k{seed}') < 0.07 then code('AC', row, 'p{seed}', 90000, 7) end as account_number,
        case
            when not is_abandoned
                then ['BILL', 'TECH', 'DELIV', 'OTHER'][cast(floor(4 * pow(draw(row, 'r{seed}'), 1.4)) as integer) + 1]
        end as reason_code,
        started_at, started_at as enqueued_at,
        case
            when not is_abandoned
                then started_at + interval (cast(exp(2.5 + 0.8 * bell(row, 'w{seed}')) as integer)) second
        end as answered_at,
        started_at + interval 6 minute as ended_at,
        cast(3 + 8 * draw(row, 'ri{seed}') as bigint) as ring_seconds,
        case when not is_abandoned then cast(exp(5.4 + 0.7 * bell(row, 't{seed}')) as bigint) end as talk_seconds,
        case when not is_abandoned then cast(greatest(40 * bell(row, 'ho{seed}'), 0) as bigint) end as hold_seconds,
        case when not is_abandoned then cast(exp(3.7 + 0.6 * bell(row, 'acw{seed}')) as bigint) end as acw_seconds,
        case
            when is_abandoned then 'abandoned' when draw(row, 'tr{seed}') < 0.06 then 'transferred'
            else 'completed'
        end as end_reason,
        case
            when is_abandoned or draw(row, 're{seed}') > 0.6 then null
            when draw(row, 're2{seed}') < 0.75 then 'resolved'
            else 'unresolved'
        end as resolution_code,
        started_at + interval 7 minute as updated_at,
        day + 1 as _load_id,
        row as _line
    from happened
"""


# The measuring models, in the order in which they read each other.
COUNTS = "int_checks__load_counts"
MODELS = (
    COUNTS,
    "int_checks__load_slices",
    "int_checks__day_loads",
    "int_checks__expected_days",
    "int_checks__day_counts",
    "int_checks__day_values",
    "int_checks__day_shares",
    "int_checks__day_strangers",
    "int_checks__day_usual",
    "int_checks__load_usual",
)


@dataclass(frozen=True)
class Measure:
    """A measuring model: its name, how it is kept, and its compiled query."""

    name: str
    materialized: str
    query: str


Measures = Sequence[Measure]


def create_raw(connection: duckdb.DuckDBPyConnection, declarations: Declarations) -> None:
    """Create the raw tables and the ledger as landing does."""
    connection.execute("create schema if not exists raw; create schema if not exists intermediate")
    for table in declarations.tables:
        columns = [f"{identifier(column.name)} {TYPES[column.data_type]}" for column in table.landed_columns]
        columns += ["_load_id bigint", "_line bigint", "_instance varchar"]
        connection.execute(f"create table raw.{table.raw_name} ({', '.join(columns)})")
    connection.execute(_LEDGER)


def make_days(connection: duckdb.DuckDBPyConnection, first: int, last: int, rows: int, seed: int = 1) -> None:
    """Make the legs of the days from `first` to before `last` into the table `made`, a load each."""
    connection.execute(_LUCK)
    connection.execute(_DAYS.format(first=first, last=last, rows=rows, seed=seed, first_day=FIRST_DAY))


def land_made(connection: duckdb.DuckDBPyConnection, mutation: str = "from made", verdict: str | None = None) -> None:
    """Land what was made, changed by a query; each day in the morning after it."""
    connection.execute(f"create or replace temp table landing as {mutation}")
    connection.execute("insert into raw.acd__contact_legs by name select * from landing")
    connection.execute(
        f"""
        insert into ops.landed_files by name
        select
            day + 1 as load_id, 'run' || (day + 1) as run_id, 'legs/' || (day + 1) || '.csv' as path, 'acd' as source,
            'contact_legs' as "table", (select count(*) from landing where _load_id = day + 1) as loaded,
            date '{FIRST_DAY}' + cast(day + 1 as integer) + interval 6 hour as landed_at
        from (select distinct _load_id - 1 as day from landing)
        """
    )
    if verdict:
        connection.execute(
            "insert into ops.load_verdicts "
            "select distinct _load_id, ? as verdict, 'test' as run_id, now()::timestamp as judged_at from landing",
            [verdict],
        )


def measure(connection: duckdb.DuckDBPyConnection, measures: Measures, after: int) -> None:
    """Measure the loads after one, as the models do."""
    for measured in measures:
        query, relation = measured.query.replace(AFTER, str(after)), f"intermediate.{measured.name}"
        if measured.materialized == "incremental":
            connection.execute(f"create table if not exists {relation} as from ({query}) limit 0")
            connection.execute(f"insert into {relation} {query}")
        else:
            connection.execute(f"create or replace {measured.materialized} {relation} as {query}")


def judged(connection: duckdb.DuckDBPyConnection, severity: str = "fail") -> list[dict[str, Any]]:
    """What is failing, or warned of, in the measured loads."""
    limits = LandedLimits().usual
    column = {"fail": "failing", "warn": "warning"}[severity]
    return [
        row
        for row in usual.judge(connection, limits)
        if row[column] is not None and row[column] < limits.false_alarms[severity]
    ]


@contextmanager
def undone(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Take back what happens in the block."""
    connection.begin()
    try:
        yield
    finally:
        connection.rollback()


def history(
    path: Path, declarations: Declarations, measures: Measures, rows: int, days: int = 63
) -> duckdb.DuckDBPyConnection:
    """A warehouse with honest days, measured and passed."""
    connection = duckdb.connect(str(path))
    create_raw(connection, declarations)
    connection.execute(
        """
        insert into raw.reference__queues by name
        select 'queue-' || i as queue_id, 1 as _load_id from range(7) as queues(i);
        insert into raw.wfm__agents by name
        select 'A' || lpad(i::varchar, 4, '0') as agent_id, 1 as _load_id from range(24) as agents(i);
        """
    )
    make_days(connection, 0, days, rows)
    land_made(connection, verdict="passed")
    measure(connection, measures, 0)
    return connection


TIMES = ("started_at", "enqueued_at", "answered_at", "ended_at")


def _moved(by: str) -> str:
    return f"select * replace ({', '.join(f'{time} {by} as {time}' for time in TIMES)}) from made"


# Each lie is what becomes of a day's rows.
MUTATIONS: dict[str, str] = {
    "a day twice under new ids": (
        "from made union all by name select * replace ('X' || contact_id as contact_id) from made"
    ),
    "times two hours late": _moved("+ interval 2 hour"),
    "times two hours early": _moved("- interval 2 hour"),
    "talk and acw swapped": "select * replace (acw_seconds as talk_seconds, talk_seconds as acw_seconds) from made",
    "queue and agent swapped": "select * replace (agent_id as queue_id, queue_id as agent_id) from made",
    "channel and address swapped": "select * replace (coalesce(customer_address, channel) as channel, channel as "
    "customer_address) from made",
    "a column empty": "select * replace (null as reason_code) from made",
    "ten times the rows": (
        "select made.* replace (contact_id || '-' || i as contact_id, started_at + interval (i) second as started_at) "
        "from made, range(10) as copies(i)"
    ),
    "identity gone": (
        "select * replace (null as customer_id, null as customer_address, null as account_number) from made"
    ),
    # Six more.
    "half of the file is missing": (
        "select * from made where started_at < date_trunc('day', started_at) + interval 14 hour"
    ),
    "seconds as milliseconds": "select * replace (talk_seconds * 1000 as talk_seconds) from made",
    "unknown queues": "select * replace ('old-' || queue_id as queue_id) from made",
    "everything completed": "select * replace ('completed' as end_reason) from made",
    "direction turned round": (
        "select * replace (if(direction = 'inbound', 'outbound', 'inbound') as direction) from made"
    ),
    "one client only": "select * from made where client_id = 'willow'",
}


def loads_until_caught(
    connection: duckdb.DuckDBPyConnection, measures: Measures, mutation: str, rows: int, *, days: Sequence[int]
) -> int | None:
    """On which of the lying loads, counted from 1, the first one fails; None if none does."""
    with undone(connection):
        for number, day in enumerate(days, 1):
            make_days(connection, day, day + 1, rows)
            land_made(connection, mutation)
            # What was let through the day before counts as usual from then on.
            connection.execute(
                "insert into ops.load_verdicts select ?, 'passed', 'test', now()::timestamp on conflict do nothing",
                [day],
            )
            measure(connection, measures, day)
            if judged(connection):
                return number
    return None
