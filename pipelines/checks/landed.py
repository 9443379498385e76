"""The checks at the door: what the loads of this run brought, before anything is built from it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from pipelines.checks.report import CheckReport, record
from pipelines.checks.suite import Batch, Row, Rule, identifier, index_page, literal, relations, run_suite
from pipelines.declarations import Column, Declarations, Table
from pipelines.errors import UsageError
from pipelines.warehouse import connect

SUITE = "landed"

_LEGS = "acd.contact_legs"
_IDENTIFYING = ("customer_id", "account_number", "customer_address")

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
    """A declared extract, the columns that its raw table really has, and whether this run brought rows."""

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
    """Check what was landed in run `run_id`.

    Columns that are missing, undeclared values, and identification that was lost are errors; volume,
    freshness and a large share of unidentified contacts are warnings. If the run landed nothing, nothing is
    checked. Results go to `ops.checks` and to the Data Docs in `docs`.

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
        if not connection.execute("select 1 from ops.landed_files where run_id = ?", [run_id]).fetchone():
            return CheckReport(SUITE, [], None)
        extracts = _extracts(connection, declarations, run_id)
        batches = list(_batches(extracts, run_id, limits))
        checks = run_suite(connection, docs, SUITE, batches, run_id=run_id, checked_at=checked_at)
        record(connection, SUITE, checks, run_id=run_id, checked_at=checked_at)
    return CheckReport(SUITE, checks, index_page(docs) if checks else None)


def _extracts(connection: duckdb.DuckDBPyConnection, declarations: Declarations, run_id: str) -> list[_Extract]:
    built: dict[str, set[str]] = {}
    for table, column in connection.execute(
        "select table_name, column_name from duckdb_columns() "
        "where database_name = current_database() and schema_name = 'raw'"
    ).fetchall():
        built.setdefault(table, set()).add(column)
    news = connection.execute(
        'select distinct source, "table" from ops.landed_files where run_id = ? and loaded > 0', [run_id]
    ).fetchall()
    return [
        _Extract(table, frozenset(built.get(table.raw_name, ())), (table.source, table.name) in news)
        for table in declarations.tables
    ]


def _batches(extracts: Sequence[_Extract], run_id: str, limits: LandedLimits) -> Iterator[Batch]:
    with_news = [extract for extract in extracts if extract.has_news]
    legs = next((extract for extract in extracts if extract.name == _LEGS), None)
    yield _volumes(run_id, limits)
    if with_news:
        yield _columns(with_news)
    listed = [
        (extract, column)
        for extract in with_news
        for column in extract.columns
        if column.values and not column.personal  # values that are not declared are shown
    ]
    if listed:
        yield _values(listed, run_id)
    if legs and "started_at" in legs.built:
        yield _freshness(extracts, limits)
    if legs and legs.has_news and {"contact_id", "direction"} <= legs.built:
        yield _identification(legs, run_id, limits)


def _volumes(run_id: str, limits: LandedLimits) -> Batch:
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
                    run_id,
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
            where run_id = {literal(run_id)}
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


def _values(listed: Sequence[tuple[_Extract, Column]], run_id: str) -> Batch:
    loads = f"select load_id from ops.landed_files where run_id = {literal(run_id)}"
    counts = " union all ".join(
        f"""
        select
            {literal(extract.name)} as table_name,
            {literal(column.name)} as column_name,
            cast({identifier(column.name)} as varchar) as landed_value,
            count(*) as row_count
        from {extract.relation}
        where _load_id in ({loads}) and {identifier(column.name)} is not null
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


def _identification(legs: _Extract, run_id: str, limits: LandedLimits) -> Batch:
    def describe(row: Row) -> str:
        return f"{row['share']:.0%} of {row['contacts']} inbound contacts in {row['path']} are unidentified"

    found = ", ".join(identifier(name) for name in _IDENTIFYING if name in legs.built) or "null"
    return Batch(
        name="identification",
        query=f"""
            with loads as (
                select
                    load_id,
                    path,
                    landed_at,
                    run_id = {literal(run_id)} as is_new,
                    row_number() over (partition by is_new order by landed_at desc, load_id desc) as recency
                from ops.landed_files
                where source || '.' || "table" = {literal(_LEGS)} and loaded > 0
            ),
            compared as (
                select * from loads where is_new or recency <= {limits.trailing_loads}
            ),
            contacts as (
                select
                    _load_id as load_id,
                    contact_id,
                    max(case when coalesce({found}) is null then 0 else 1 end) as is_identified
                from {legs.relation}
                where direction = 'inbound' and _load_id in (select load_id from compared)
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
