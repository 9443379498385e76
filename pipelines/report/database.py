"""Reads what the report shows from a published database. Nothing is computed here: values are those of kpi_values."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from pipelines.warehouse.sql import literal

# The members of each level with their names, and the column by which tables name them.
LEVELS = {
    "organization": None,
    "client": ("client_id", "client_name", "dim_clients"),
    "site": ("site_id", "site_name", "dim_sites"),
    "team": ("team_id", "team_name", "dim_teams"),
    "agent": ("agent_id", "agent_id", "dim_agents"),  # agents' names are for those who may read dim_agents
    "queue": ("queue_id", "queue_name", "dim_queues"),
    "channel": ("channel", "channel_name", "dim_channels"),
    "reason": ("reason_code", "reason_name", "dim_contact_reasons"),
}

# The levels of control charts, with the grain of each (EXC-5).
CHARTED = {
    "organization": "day",
    "client": "day",
    "site": "day",
    "team": "day",
    "agent": "week",
    "queue": "day",
    "channel": "day",
}

# Bits of `flags` in a chunk of values; assets/data.js reads them.
MET, MISSED, FINAL, LOW_SAMPLE, SUPPRESSED = 1, 2, 4, 8, 16

_EXACT = "coalesce(rtrim(rtrim(printf('%.3f', {0}), '0'), '.'), '')"

# A column of a chunk is one text, its values separated by commas; nothing between two is null. Values have six
# significant digits, counts and sums three decimals.
_VALUES = f"""
    with numbered as (
        select *, dense_rank() over (partition by kpi, level order by level_id) - 1 as member
        from marts.kpi_values
        where not (level = 'agent' and period_grain = 'day')
    ),
    written as (
        select kpi, level, period_grain, level_id, member, period_start - date '1970-01-01' as period,
            member::varchar as members,
            {_EXACT.format("numerator")} as numerators, {_EXACT.format("denominator")} as denominators,
            coalesce(printf('%.6g', value), '') as published,
            case when sample_size is distinct from denominator then coalesce(printf('%.6g', sample_size), '')
                else '=' end as samples,
            coalesce(printf('%.6g', ci_low), '') as lows, coalesce(printf('%.6g', ci_high), '') as highs,
            coalesce(printf('%.6g', target), '') as targets,
            case meets_target when true then {MET} when false then {MISSED} else 0 end + case when is_final then {FINAL}
                else 0 end + case when is_low_sample then {LOW_SAMPLE} else 0 end + case when is_suppressed
                then {SUPPRESSED} else 0 end as flags
        from numbered
    )
    select kpi, level, period_grain,
        list(distinct level_id order by level_id), list(distinct member order by member),
        {{columns}}
    from written group by all order by kpi, level, period_grain
"""
_COLUMNS = {
    "period": "period",
    "member": "members",
    "numerator": "numerators",
    "denominator": "denominators",
    "value": "published",
    "sample": "samples",
    "low": "lows",
    "high": "highs",
    "target": "targets",
    "flags": "flags",
}


@contextmanager
def open_database(database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a published database for reading, with the settings that reading alone needs."""
    with duckdb.connect() as connection:
        connection.execute(f"attach {literal(str(database))} as published (read_only)")
        connection.execute("use published")
        yield connection


def rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    """Run a query, and give each row by the names of its columns."""
    result = connection.execute(sql)
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def read_catalog(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Read kpi_catalog, in the order of domains and names; levels and grains are lists."""
    catalog = rows(connection, "select * from marts.kpi_catalog order by domain, family, length(kpi), kpi")
    for kpi in catalog:
        kpi["levels"] = kpi["levels"].split(", ")
        kpi.setdefault("headline_kpi", kpi["kpi"])  # published by an earlier version
        kpi["period_grains"] = kpi["period_grains"].split(", ")
    return catalog


def read_values(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Give the values of each KPI and level: its members, and by grain the columns of its rows.

    Agents have weeks and months only (REP-2).
    """
    columns = (f"string_agg({column}, ',' order by member, period) as {name}" for name, column in _COLUMNS.items())
    chunk: dict[str, Any] = {}
    key = ("", "")
    for kpi, level, grain, ids, members, *written in connection.execute(
        _VALUES.format(columns=", ".join(columns))
    ).fetchall():
        if (kpi, level) != key:
            if chunk:
                yield *key, chunk
            key, chunk = (kpi, level), {"members": [], "grains": {}}
        known: list[str | None] = chunk["members"]
        known += [None] * (max(members) + 1 - len(known))
        for number, member in zip(members, ids, strict=True):
            known[number] = member
        chunk["grains"][grain] = dict(zip(_COLUMNS, written, strict=True))
    if chunk:
        yield *key, chunk


def read_members(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    """Name the members of each level as kpi_values does, else by their dimension, agents by their id (REP-9)."""
    members: dict[str, dict[str, Any]] = {}
    for level, source in LEVELS.items():
        if source:
            column, name, table = source
            where = "where valid_to is null" if level == "agent" else ""
            members[level] = dict(
                connection.execute(f"select {column}, {name} from marts.{table} {where} order by all").fetchall()
            )
    for level, member, name in connection.execute(
        "select distinct level, level_id, level_name from marts.kpi_values where level_name is not null order by all"
    ).fetchall():
        members.setdefault(level, {})[member] = name
    members["agent_team"] = dict(
        connection.execute(
            "select agent_id, team_id from marts.dim_agents where valid_to is null order by all"
        ).fetchall()
    )
    return members


def read_table(connection: duckdb.DuckDBPyConnection, sql: str) -> dict[str, list[Any]]:
    """Run a query, and give its columns."""
    result = connection.execute(sql)
    names = [column[0] for column in result.description or []]
    found = result.fetchall()
    return {name: [_plain(row[number]) for row in found] for number, name in enumerate(names)}


def exceptions_by_kpi(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, list[Any]]]:
    """Give the rows of kpi_exceptions of each KPI."""
    columns = "date_day as day, level, level_id, value, expected, lower, upper, rule"
    order = "day desc, level, level_id"
    names = [
        name for (name,) in connection.execute("select distinct kpi from marts.kpi_exceptions order by 1").fetchall()
    ]
    return {
        name: read_table(
            connection,
            f"select {columns} from marts.kpi_exceptions where kpi = {literal(name)} order by {order}",
        )
        for name in names
    }


def read_limits(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Give the control limits of each KPI and level: members, and the columns of their periods as in chunks of values.

    The column `outside` is 1 above the limits, -1 below them.
    """
    columns = ", ".join(
        f"string_agg({column}, ',' order by level_id, period_start)"
        for column in (
            "(member - 1)::varchar",
            "(period_start - date '1970-01-01')::varchar",
            *(f"coalesce(printf('%.5g', {name}), '')" for name in ("expected", "lower", "upper")),
            "case when rule like '%above%' then '1' when rule is not null then '-1' else '' end",
        )
    )
    for kpi, level, members, *written in connection.execute(
        f"""
        with numbered as (
            select *, dense_rank() over (partition by kpi, level order by level_id) as member
            from marts.kpi_control_limits
        )
        select kpi, level, list(distinct level_id order by level_id), {columns}
        from numbered group by all order by kpi, level
        """
    ).fetchall():
        names = ("member", "period", "expected", "lower", "upper", "outside")
        yield kpi, level, {"members": members} | dict(zip(names, written, strict=True))


def read_variation(connection: duckdb.DuckDBPyConnection, level: str) -> dict[str, list[Any]]:
    """Count the days outside of each member of a level in the last seven days that a KPI's charts judge (REP-4)."""
    return read_table(
        connection,
        f"""
        with judged as (
            select kpi, level, level_id, period_start, rule, max(period_start) over (partition by kpi) as newest
            from marts.kpi_control_limits where period_grain = 'day'
        )
        select kpi, level_id as member, count(rule) as days,
            coalesce(arg_max(rule like '%above%', period_start) filter (rule is not null), false) as is_above
        from judged
        where period_start > newest - 7 and level = {literal(level)}
        group by all order by all
        """,
    )


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        value = float(value)
    return float(f"{value:.6g}") if isinstance(value, float) and not value.is_integer() else value


def as_json(content: Any) -> str:
    """Write JSON that may stand anywhere in a page: no tag can be opened or closed in it."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
