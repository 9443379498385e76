"""`ccw kpi`: prints a published KPI, its definition, or the fact rows behind one of its numbers."""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipelines.errors import UsageError
from pipelines.kpi import why
from pipelines.publish import current_database
from pipelines.warehouse.sql import literal

LEVEL_COLUMNS = {
    "client": "client_id",
    "site": "site_id",
    "team": "team_id",
    "agent": "agent_id",
    "queue": "queue_id",
    "channel": "channel",
    "reason": "reason_code",
}

# What is printed of a fact row: enough to find it again.
SHOWN_COLUMNS = {
    "contact_id",
    "leg_number",
    "survey_id",
    "order_id",
    "cost_id",
    "case_id",
    "evaluation_id",
    "session_id",
    "interval_start",
    "date_day",
    "channel",
    "client_id",
    "team_id",
    "agent_id",
    "queue_id",
    "reason_code",
    "state",
}


@dataclass(frozen=True)
class KpiQuestion:
    """What is asked of a KPI: at which level, per which period grain, from and until which day (both included)."""

    kpi: str
    level: str = "organization"
    grain: str = "month"
    since: date | None = None
    until: date | None = None
    member: str | None = None


def open_published(published: Path) -> duckdb.DuckDBPyConnection:
    """Open the published database for reading.

    It is attached under a name of its own, since earlier versions called the file `marts`, as its schema is.

    Raises:
        UsageError: nothing is published there.
        RunnerError: its manifest is damaged.

    """
    database = current_database(published)
    if database is None:
        raise UsageError(f"Nothing is published in {published} yet; `ccw run` publishes.")
    connection = duckdb.connect()
    connection.execute(f"attach {literal(str(database))} as published (read_only)")
    connection.execute("use published")
    return connection


def definition(connection: duckdb.DuckDBPyConnection, kpi: str) -> dict[str, Any]:
    """The KPI's row of kpi_catalog.

    Raises:
        UsageError: no such KPI is published.

    """
    result = connection.execute("select * from marts.kpi_catalog where kpi = ?", [kpi])
    row = result.fetchone()
    if row is None:
        raise UsageError(why.no_such_kpi(connection, kpi))
    return dict(zip((column[0] for column in result.description or []), row, strict=True))


def print_list(connection: duckdb.DuckDBPyConnection, console: Console) -> None:
    """Print the published KPIs by domain: what each is called, its unit and its levels."""
    table = Table(title="KPIs", title_justify="left")
    for name in ("domain", "kpi", "name", "unit", "levels"):
        table.add_column(name, overflow="fold")
    for row in connection.execute(
        "select domain, kpi, name, unit, levels from marts.kpi_catalog order by domain, family, horizon_hours, kpi"
    ).fetchall():
        table.add_row(*map(escape, row))
    console.print(table)


def print_definition(connection: duckdb.DuckDBPyConnection, kpi: str, console: Console) -> None:
    """Print everything that kpi_catalog says of the KPI."""
    table = Table(show_header=False, title=kpi, title_justify="left")
    for name, value in definition(connection, kpi).items():
        table.add_row(name, "" if value is None else str(value))
    console.print(table)


def print_values(connection: duckdb.DuckDBPyConnection, question: KpiQuestion, console: Console) -> None:
    """Print the KPI's values with interval and target.

    Raises:
        UsageError: the KPI is unknown or not reported at the level, or there is no value for the question.

    """
    catalog = definition(connection, question.kpi)
    if question.level not in catalog["levels"].split(", "):
        raise UsageError(why.no_such_level(catalog, question.level))
    columns = {name for name, *_ in connection.execute("describe marts.kpi_values").fetchall()}
    level_name = "level_name" if "level_name" in columns else "level_id"  # published by an earlier version
    rows = connection.execute(
        f"""
        select period_start, level_id, {level_name}, value, ci_low, ci_high, target, meets_target,
            numerator, denominator, is_final, is_low_sample, is_suppressed
        from marts.kpi_values
        where kpi = $kpi and level = $level and period_grain = $grain
            and period_start between coalesce($since, period_start) and coalesce($until, period_start)
            and level_id = coalesce($member, level_id)
        order by period_start, level_id
        """,
        {
            "kpi": question.kpi,
            "level": question.level,
            "grain": question.grain,
            "since": question.since,
            "until": question.until,
            "member": question.member,
        },
    ).fetchall()
    if not rows:
        raise UsageError(why.no_value(connection, catalog, question))
    table = Table(
        title=f"{catalog['name']} ({catalog['unit']}) by {question.level} and {question.grain}",
        title_justify="left",
    )
    for name in (
        question.grain,
        question.level,
        "name",
        "value",
        "95 % interval",
        "target",
        "met",
        "numerator",
        "denominator",
        "notes",
    ):
        table.add_column(name, justify="left" if name in {question.grain, question.level, "name", "notes"} else "right")
    for start, member, member_name, value, low, high, target, met, numerator, denominator, *flags in rows:
        table.add_row(
            str(start),
            escape(member),
            escape(member_name),
            _number(value),
            f"{low:.4f} to {high:.4f}" if low is not None else "",
            _number(target),
            {None: "", True: "yes", False: "no"}[met],
            _count(numerator),
            _count(denominator),
            _notes(*flags),
        )
    console.print(table)
    if any(is_suppressed for *_, is_suppressed in rows):
        console.print(f"suppressed: below {catalog['suppress_below']} answers, which would give people away")
    if any(is_low_sample for *_, is_low_sample, _ in rows):
        console.print(f"low sample: below {catalog['minimum_sample']}, too few to judge by")


def print_rows(connection: duckdb.DuckDBPyConnection, question: KpiQuestion, console: Console) -> None:
    """Print the fact rows behind one number, each with its share of numerator and denominator, and what they sum to.

    Raises:
        UsageError: the question is not of one member and one period, or there is no value, or it may not be shown.

    """
    catalog = definition(connection, question.kpi)
    member = "all" if question.level == "organization" else question.member
    if member is None or question.since is None:
        raise UsageError(
            "--rows needs one number: name the period's first day with --since, and with --by the --member too."
        )
    value = connection.execute(
        """
        select numerator, denominator, is_suppressed from marts.kpi_values
        where kpi = ? and level = ? and level_id = ? and period_grain = ? and period_start = ?
        """,
        [question.kpi, question.level, member, question.grain, question.since],
    ).fetchone()
    if value is None:
        asked = replace(question, member=member, until=question.since)
        raise UsageError(why.no_value(connection, catalog, asked))
    if value[2]:
        raise UsageError(f"{question.kpi} is suppressed there: so few answers would give people away.")
    result = connection.execute(_rows_query(connection, catalog, question), {"member": member, "start": question.since})
    rows = result.fetchall()
    names = [column[0] for column in result.description or []]
    table = Table(
        title=f"Rows behind {question.kpi}, {question.level} {member}, {question.grain} {question.since}",
        title_justify="left",
    )
    for name in names:
        table.add_column(name)
    for row in rows:
        table.add_row(
            *("" if item is None else _number(item) if isinstance(item, float) else str(item) for item in row)
        )
    console.print(table)
    sums = {side: sum(row[names.index(side)] for row in rows) for side in ("numerator", "denominator")}
    if catalog["denominator_sql"] is None and catalog["aggregation"] != "share_of_total":
        console.print(f"Sum: {_number(sums['numerator'])}; published: {_number(value[0])}")
    else:
        console.print(
            f"Sum: {_number(sums['numerator'])} / {_number(sums['denominator'])}; "
            f"published: {_number(value[0])} / {_number(value[1])}"
        )


def _rows_query(connection: duckdb.DuckDBPyConnection, catalog: dict[str, Any], question: KpiQuestion) -> str:
    """Query the rows of the KPI's facts that lie in the period and belong to the member, with what each adds up to.

    The denominator of a share of a total is what all members add up to; a balance is that of the period's last day.
    """
    named = f"coalesce(nullif({LEVEL_COLUMNS.get(question.level)}, 'unknown'), '{catalog['unknown_member']}')"
    is_member = "$member = 'all'" if question.level == "organization" else f"{named} = $member"
    in_period = f"date_trunc('{question.grain}', date_day) = $start"
    numerator = {catalog["numerator_fact"]: catalog["numerator_sql"]}
    denominator = {catalog["denominator_fact"]: catalog["denominator_sql"] or "0"}
    if catalog["aggregation"] == "share_of_total":
        denominator = numerator
        numerator = {fact: f"case when {is_member} then {sql} else 0 end" for fact, sql in denominator.items()}
        is_member = "true"
    selects = []
    for fact in numerator | denominator:
        columns = [
            name for name, *_ in connection.execute(f"describe marts.{fact}").fetchall() if name in SHOWN_COLUMNS
        ]
        where = f"{in_period} and ({is_member})"
        if catalog["aggregation"] == "last_day":
            where += f" and date_day = (select max(date_day) from marts.{fact} where {in_period})"
        selects.append(
            f"select {', '.join(columns)}, cast({numerator.get(fact, '0')} as double) as numerator, "
            f"cast({denominator.get(fact, '0')} as double) as denominator from marts.{fact} where {where}"
        )
    return f"""
        select * from ({" union all by name ".join(selects)})
        where numerator != 0 or denominator != 0
        order by all
    """


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if float(value).is_integer() and abs(value) > 1 else f"{value:.4f}"


def _count(value: float | None) -> str:
    return f"{value:,.0f}" if value is not None and float(value).is_integer() else _number(value)


def _notes(is_final: bool, is_low_sample: bool, is_suppressed: bool) -> str:
    notes = [
        "suppressed" if is_suppressed else "",
        "low sample" if is_low_sample else "",
        "" if is_final else "not final",
    ]
    return ", ".join(note for note in notes if note)
