"""The checks at the door: what was landed since they last passed, before anything is built from it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from pipelines.checks.report import CheckReport, record
from pipelines.checks.suite import Batch, Row, Rule, index_page, relations, run_suite
from pipelines.errors import UsageError
from pipelines.landing.declarations import Column, Declarations, Table
from pipelines.warehouse import connect
from pipelines.warehouse.sql import identifier, literal

SUITE = "landed"

_LEGS = "acd.contact_legs"
_IDENTIFYING = ("customer_id", "account_number", "customer_address")

# The loads that are checked now, a temporary table.
_CHECKED = "checked_loads"

# Timestamps that say when a record was written or takes effect, not when something happened.
_NO_EVENTS = ("updated_at", "published_at", "effective_from")

_MOST_VALUES = 100  # of a column, in the measures


@dataclass(frozen=True)
class LandedLimits:
    """Where usual ends.

    Attributes:
        trailing_loads: how many earlier loads of the same extract a load is compared with.
        least_trailing_loads: with fewer earlier loads than that, it is compared with none.
        least_volume: rows loaded, as a multiple of the median of the earlier loads.
        most_volume: the same, at most.
        stale_after_days: how far the newest event of an extract may be behind the newest contact, in days.
        ahead_hours: how far the newest contact may be ahead of its landing, in hours.
        least_contacts: a load with fewer inbound contacts says nothing about identification.
        most_unidentified: share of inbound contacts without customer, account and address, 0 to 1.
        lost_unidentified: the same share where the earlier loads were within `most_unidentified`; beyond it
            the extract has lost its identifying columns, and every resolution KPI with them.

    """

    trailing_loads: int = 8
    least_trailing_loads: int = 3
    least_volume: float = 0.2
    most_volume: float = 5.0
    stale_after_days: float = 7.0
    ahead_hours: float = 24.0
    least_contacts: int = 50
    most_unidentified: float = 0.5
    lost_unidentified: float = 0.95


@dataclass(frozen=True)
class _Extract:
    """A declared extract, the columns that its raw table really has, and whether it brought rows."""

    declared: Table
    built: frozenset[str]
    has_news: bool

    @property
    def name(self) -> str:
        return f"{self.declared.source}.{self.declared.name}"

    @property
    def relation(self) -> str:
        return f"raw.{identifier(self.declared.raw_name)}"

    @property
    def columns(self) -> list[Column]:
        """The declared columns that are there to be read."""
        return [column for column in self.declared.columns if column.name in self.built]


def check_landed(
    warehouse: Path,
    docs: Path,
    declarations: Declarations,
    *,
    run_id: str,
    limits: LandedLimits | None = None,
    checked_at: datetime | None = None,
) -> CheckReport:
    """Check what was landed in run `run_id`, and by earlier runs since these checks last passed.

    Columns that are missing, undeclared values, and identification that was lost are errors; volume,
    freshness and a large share of unidentified contacts are warnings. A load that failed is checked again by
    every run until a later version of its file or of its records replaces it, so that running again is no way
    around a check. If there is nothing new, nothing is checked. Results go to `ops.checks` and to the Data
    Docs in `docs`.

    Raises:
        UsageError: there is no warehouse, or nothing was ever landed in it.
        WarehouseBusy: another process has it open.
        RunnerError: a check could not be computed.

    """
    limits = limits or LandedLimits()
    checked_at = checked_at or datetime.now(UTC)
    if not warehouse.is_file():
        raise UsageError(f"There is no warehouse {warehouse} yet; fill one with `ccw land`.")
    with connect(warehouse) as connection:
        if "ops.landed_files" not in relations(connection):
            raise UsageError(f"Nothing was ever landed in {warehouse}; land extracts with `ccw land`.")
        failed_before = _choose_loads(connection, run_id)
        if not connection.execute(f"select 1 from {_CHECKED}").fetchone():
            return CheckReport(SUITE, [], None)
        extracts = _extracts(connection, declarations)
        batches = list(_batches(extracts, limits, leave_out_replaced=failed_before))
        checks = run_suite(connection, docs, SUITE, batches, run_id=run_id, checked_at=checked_at)
        record(connection, SUITE, checks, run_id=run_id, checked_at=checked_at)
    return CheckReport(SUITE, checks, index_page(docs) if checks else None)


def _choose_loads(connection: duckdb.DuckDBPyConnection, run_id: str) -> bool:
    """Choose the loads to check, the last one of each file; tell whether some of them have failed before."""
    last_passed, last_failed = None, None
    if "ops.checks" in relations(connection):
        last_passed, last_failed = connection.execute(
            """
            with runs as (
                select max(checked_at) as checked_at, bool_or(not passed and severity = 'error') as has_failed
                from ops.checks where suite = ? group by run_id
            )
            select
                max(checked_at) filter (where not has_failed),
                max(checked_at) filter (where has_failed)
            from runs
            """,
            [SUITE],
        ).fetchall()[0]
    connection.execute(
        f"""
        create or replace temp table {_CHECKED} as
        select load_id, source, "table", loaded
        from ops.landed_files
        where run_id = $run_id or $last_passed is null or landed_at > $last_passed
        qualify row_number() over (partition by source, "table", path order by load_id desc) = 1
        """,
        {"run_id": run_id, "last_passed": last_passed},
    )
    return last_failed is not None and (last_passed is None or last_failed > last_passed)


def _extracts(connection: duckdb.DuckDBPyConnection, declarations: Declarations) -> list[_Extract]:
    built: dict[str, set[str]] = {}
    for table, column in connection.execute(
        "select table_name, column_name from duckdb_columns() "
        "where database_name = current_database() and schema_name = 'raw'"
    ).fetchall():
        built.setdefault(table, set()).add(column)
    news = connection.execute(f'select distinct source, "table" from {_CHECKED} where loaded > 0').fetchall()
    return [
        _Extract(table, frozenset(built.get(table.raw_name, ())), (table.source, table.name) in news)
        for table in declarations.tables
    ]


def _batches(extracts: Sequence[_Extract], limits: LandedLimits, *, leave_out_replaced: bool) -> Iterator[Batch]:
    with_news = [extract for extract in extracts if extract.has_news]
    legs = next((extract for extract in extracts if extract.name == _LEGS), None)
    yield _volumes(limits)
    if with_news:
        yield _columns(with_news)
    listed = [
        (extract, column)
        for extract in with_news
        for column in extract.columns
        if column.values and not column.personal  # values that are not declared are shown
    ]
    if listed:
        yield _values(listed, leave_out_replaced=leave_out_replaced)
    if legs and "started_at" in legs.built:
        yield _freshness(extracts, limits)
    if legs and legs.has_news and {"contact_id", "direction"} <= legs.built:
        yield _identification(legs, limits, leave_out_replaced=leave_out_replaced)


def _not_replaced(extract: _Extract) -> str:
    """Give the condition that no later load has brought another version of the row."""
    same_key = " and ".join(f"later.{identifier(key)} = landed.{identifier(key)}" for key in extract.declared.key)
    return f"""
        not exists (
            select 1
            from {extract.relation} as later
            where {same_key} and later._load_id > landed._load_id
                and later._load_id > (select min(load_id) from {_CHECKED})
        )
    """


def _volumes(limits: LandedLimits) -> Batch:
    def describe(row: Row) -> str:
        usual = f", {row['ratio']:.2f} times the usual {row['usual']:g}" if row["ratio"] is not None else ""
        return f"{row['path']} brought {row['loaded']} rows{usual}"

    return Batch(
        name="volumes",
        query=f"""
            with loads as (
                select
                    source || '.' || "table" as table_name,
                    cast(load_id as varchar) as item,
                    load_id,
                    path,
                    loaded,
                    median(loaded) over earlier as usual,
                    count(*) over earlier as earlier_loads
                from ops.landed_files
                window earlier as (
                    partition by source, "table"
                    order by landed_at, load_id
                    rows between {limits.trailing_loads} preceding and 1 preceding
                )
            )
            select
                *,
                case
                    when earlier_loads >= {limits.least_trailing_loads} then loaded / nullif(usual, 0)
                end as ratio
            from loads
            where load_id in (select load_id from {_CHECKED})
        """,
        rules=[
            Rule(
                name="volume",
                severity="warning",
                description=(
                    f"A load has {limits.least_volume:g} to {limits.most_volume:g} times the rows of "
                    f"the median of the {limits.trailing_loads} loads of this extract before it"
                ),
                expectation="ExpectColumnValuesToBeBetween",
                arguments={
                    "column": "ratio",
                    "min_value": limits.least_volume,
                    "max_value": limits.most_volume,
                },
                describe=describe,
                advice="see whether the file is complete, and holds this extract only",
            )
        ],
    )


def _columns(extracts: Sequence[_Extract]) -> Batch:
    declared = ", ".join(
        f"({literal(extract.name)}, {literal(column.name)}, {literal(extract.declared.raw_name)})"
        for extract in extracts
        for column in extract.declared.landed_columns
    )
    return Batch(
        name="columns",
        query=f"""
            select declared.table_name, declared.item, built.data_type
            from (values {declared}) as declared(table_name, item, raw_name)
            left join duckdb_columns() as built
                on built.database_name = current_database()
                and built.schema_name = 'raw'
                and built.table_name = declared.raw_name
                and built.column_name = declared.item
        """,
        rules=[
            Rule(
                name="columns",
                severity="error",
                description="Every declared column is in the raw table",
                expectation="ExpectColumnValuesToNotBeNull",
                arguments={"column": "data_type"},
                describe=lambda row: row["item"] if row["data_type"] else f"{row['item']} is missing",
                advice="the raw table is older than its declaration in the sources YAML: land it anew",
            )
        ],
    )


def _values(listed: Sequence[tuple[_Extract, Column]], *, leave_out_replaced: bool) -> Batch:
    counts = " union all ".join(
        f"""
        select
            {literal(extract.name)} as table_name,
            {literal(column.name)} as column_name,
            cast({identifier(column.name)} as varchar) as landed_value,
            count(*) as row_count
        from {extract.relation} as landed
        where
            _load_id in (select load_id from {_CHECKED})
            and {identifier(column.name)} is not null
            and {_not_replaced(extract) if leave_out_replaced else "true"}
        group by all
        """
        for extract, column in listed
    )
    return Batch(
        name="values",
        query=f"""
            select *, column_name || '=' || landed_value as item
            from ({counts})
            qualify row_number() over (
                partition by table_name, column_name order by row_count desc, landed_value
            ) <= {_MOST_VALUES}
        """,
        rules=[
            Rule(
                name=f"values of {column.name}",
                severity="error",
                description=f"{column.name} of {extract.name} is one of {', '.join(column.values or [])}",
                expectation="ExpectColumnValuesToBeInSet",
                arguments={"column": "landed_value", "value_set": column.values},
                where={"table_name": extract.name, "column_name": column.name},
                describe=lambda row: f"{row['landed_value']!r} in {row['row_count']} rows",
                advice="declare the value in the sources YAML if it is right, else have the file corrected",
            )
            for extract, column in listed
        ],
    )


def _freshness(extracts: Sequence[_Extract], limits: LandedLimits) -> Batch:
    newest = " union all ".join(
        f"select {literal(extract.name)} as table_name, {literal(column)} as item, "
        f"max({identifier(column)}) as newest from {extract.relation}"
        for extract in extracts
        if (column := _event_column(extract))
    )
    is_legs = f"table_name = {literal(_LEGS)}"
    return Batch(
        name="freshness",
        query=f"""
            with newest as ({newest}),
            contacts as (
                select
                    (select newest from newest where {is_legs}) as newest,
                    max(landed_at) filter (where source || '.' || "table" = {literal(_LEGS)}) as landed_at
                from ops.landed_files
            )
            select
                newest.*,
                (epoch(contacts.newest) - epoch(newest.newest)) / 86400 as days_behind,
                case
                    when {is_legs} then (epoch(newest.newest) - epoch(contacts.landed_at)) / 3600
                end as hours_ahead
            from newest
            cross join contacts
            where newest.newest is not null and contacts.newest is not null
        """,
        rules=[
            Rule(
                name="freshness",
                severity="warning",
                description=(
                    f"The newest event of an extract is at most {limits.stale_after_days:g} days older "
                    "than the newest contact"
                ),
                expectation="ExpectColumnValuesToBeBetween",
                arguments={"column": "days_behind", "max_value": limits.stale_after_days},
                describe=lambda row: (
                    f"newest {row['item']} is {row['newest']:%Y-%m-%d %H:%M}, "
                    f"{row['days_behind']:.1f} days before the newest contact"
                ),
                advice="see whether its export still runs",
            ),
            Rule(
                name="contacts in the future",
                severity="warning",
                description=(
                    f"No contact starts more than {limits.ahead_hours:g} hours after it was landed: "
                    "the newest one is the now of all KPIs"
                ),
                expectation="ExpectColumnValuesToBeBetween",
                arguments={"column": "hours_ahead", "max_value": limits.ahead_hours},
                where={"table_name": _LEGS},
                describe=lambda row: f"the newest contact started at {row['newest']:%Y-%m-%d %H:%M}",
                advice="all older ones count as mature: have clock or time zone corrected, or give --as-of",
            ),
        ],
    )


def _event_column(extract: _Extract) -> str | None:
    """Name the column that says when something happened; an extract without one is never stale."""
    return next(
        (
            column.name
            for column in extract.columns
            if column.required and column.data_type == "timestamp" and column.name not in _NO_EVENTS
        ),
        None,
    )


def _identification(legs: _Extract, limits: LandedLimits, *, leave_out_replaced: bool) -> Batch:
    def describe(row: Row) -> str:
        return f"{row['share']:.0%} of {row['contacts']} inbound contacts in {row['path']} are unidentified"

    found = ", ".join(identifier(name) for name in _IDENTIFYING if name in legs.built) or "null"
    return Batch(
        name="identification",
        query=f"""
            with loads as (
                select files.load_id, files.path, files.landed_at, checked.load_id is not null as is_new
                from ops.landed_files as files
                left join {_CHECKED} as checked on files.load_id = checked.load_id
                where files.source || '.' || files."table" = {literal(_LEGS)} and files.loaded > 0
            ),
            compared as (
                select *
                from loads
                qualify
                    is_new
                    or row_number() over (partition by is_new order by landed_at desc, load_id desc)
                    <= {limits.trailing_loads}
            ),
            contacts as (
                select
                    _load_id as load_id,
                    contact_id,
                    max(case when coalesce({found}) is null then 0 else 1 end) as is_identified
                from {legs.relation} as landed
                where
                    direction = 'inbound'
                    and _load_id in (select load_id from compared)
                    and {_not_replaced(legs) if leave_out_replaced else "true"}
                group by all
            ),
            shares as (
                select load_id, count(*) as contacts, 1 - avg(is_identified) as share
                from contacts
                group by all
                having count(*) >= {limits.least_contacts}
            ),
            with_usual as (
                select *, count(*) over earlier as earlier_loads, median(share) over earlier as usual
                from shares
                inner join compared using (load_id)
                window earlier as (
                    order by landed_at, load_id
                    rows between {limits.trailing_loads} preceding and 1 preceding
                )
            )
            select
                {literal(_LEGS)} as table_name,
                cast(load_id as varchar) as item,
                path,
                contacts,
                share,
                case
                    when
                        earlier_loads >= {limits.least_trailing_loads}
                        and usual <= {limits.most_unidentified}
                        then share
                end as share_where_usually_identified
            from with_usual
            where is_new
        """,
        rules=[
            Rule(
                name="unidentified contacts",
                severity="warning",
                description=(
                    f"At most {limits.most_unidentified:.0%} of a load's inbound contacts have neither "
                    "customer id, account number nor address"
                ),
                expectation="ExpectColumnValuesToBeBetween",
                arguments={"column": "share", "max_value": limits.most_unidentified},
                describe=describe,
                advice="resolution KPIs see only the others: see whether the export can hold customer_id",
            ),
            Rule(
                name="lost identification",
                severity="error",
                description=(
                    f"At most {limits.lost_unidentified:.0%} are unidentified where contacts used to be identified"
                ),
                expectation="ExpectColumnValuesToBeBetween",
                arguments={
                    "column": "share_where_usually_identified",
                    "max_value": limits.lost_unidentified,
                },
                describe=describe,
                advice="the export has lost what identifies customers: have it corrected and land it again",
            ),
        ],
    )
