"""The checks before publishing: whether what was built can be true, and whether anything has gone missing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipelines.checks.report import CheckReport, Severity, record
from pipelines.checks.suite import Batch, Row, Rule, index_page, relations, run_suite
from pipelines.errors import UsageError
from pipelines.warehouse import connect
from pipelines.warehouse.sql import literal

SUITE = "marts"

_KPI_VALUES = "marts.kpi_values"
_KPI_CATALOG = "marts.kpi_catalog"
_CONTACTS = "marts.fct_contacts"

# Where all landed legs are, and which contacts of the mart come from there; the first that exists is read.
_LANDED_LEGS = {
    "intermediate.int_contact_legs__all_sources": "true",
    "staging.stg_acd__contact_legs": "source = 'acd'",
}

# Tables that hold something as soon as there is a contact.
_KEY_TABLES = (_CONTACTS, _KPI_CATALOG, "marts.dim_dates", "marts.dim_channels")

_ROUNDED_TO = 9  # decimal places: a float may miss a bound by less
_LEAST_DIFFERENCE = 0.5 * 10**-_ROUNDED_TO


@dataclass(frozen=True)
class MartsLimits:
    """Where usual ends.

    Attributes:
        anomaly_days: how many days before the newest final one a KPI's usual values are taken from.
        least_anomaly_days: with values on fewer of them, nothing is said.
        anomaly_deviations: how far from the mean of those days is unusual, in standard deviations.

    """

    anomaly_days: int = 28
    least_anomaly_days: int = 14
    anomaly_deviations: float = 4.0


def check_marts(
    warehouse: Path,
    docs: Path,
    published_database: Path | None,
    *,
    run_id: str,
    allow_missing_kpis: bool = False,
    limits: MartsLimits | None = None,
    checked_at: datetime | None = None,
) -> CheckReport:
    """Check the marts that are about to be published.

    KPIs outside their possible range, contacts that were landed and are not in the mart, KPIs that the
    database published last has and the marts have not (a warning with `allow_missing_kpis`), and empty key
    tables are errors; unusual values are warnings. Results go to `ops.checks` and to the Data Docs in `docs`.

    Raises:
        UsageError: there is no warehouse.
        WarehouseBusy: another process has it open.
        RunnerError: a check could not be computed.

    """
    limits = limits or MartsLimits()
    checked_at = checked_at or datetime.now(UTC)
    if not warehouse.is_file():
        raise UsageError(f"There is no warehouse at {warehouse}; build one with `ccw build` first.")
    published_kpis = _published_kpis(published_database)
    missing: Severity = "warning" if allow_missing_kpis else "error"
    with connect(warehouse) as connection:
        batches = list(_batches(relations(connection), published_kpis, missing, limits))
        checks = run_suite(connection, docs, SUITE, batches, run_id=run_id, checked_at=checked_at)
        record(connection, SUITE, checks, run_id=run_id, checked_at=checked_at)
    return CheckReport(SUITE, checks, index_page(docs) if checks else None)


def _published_kpis(database: Path | None) -> list[str]:
    if database is None:
        return []
    with connect(database, read_only=True) as connection:
        # Qualified in full: a file of an earlier version is called marts, as its schema is.
        name = connection.execute("select current_database()").fetchall()[0][0]
        rows = connection.execute(f'select distinct kpi from "{name}".{_KPI_VALUES} order by kpi').fetchall()
    return [kpi for (kpi,) in rows]


def _batches(built: set[str], published_kpis: Sequence[str], missing: Severity, limits: MartsLimits) -> Iterator[Batch]:
    legs = next((name for name in _LANDED_LEGS if name in built), None)
    if legs:
        yield _key_tables(legs, built)
    if {_KPI_VALUES, _KPI_CATALOG} <= built:
        yield _kpis(published_kpis, missing)
        yield _anomalies(limits)
    if legs and _CONTACTS in built:
        yield _contacts_by_day(legs)


def _key_tables(legs: str, built: set[str]) -> Batch:
    counts = " union all ".join(
        f"select {literal(table)} as table_name, "
        + (f"count(*) as row_count from {table}" if table in built else "0 as row_count")
        for table in _KEY_TABLES
    )
    if {_KPI_VALUES, _CONTACTS} <= built:  # a KPI needs an inbound contact
        counts += (
            f" union all select {literal(_KPI_VALUES)}, (select count(*) from {_KPI_VALUES}) "
            f"where exists (select 1 from {_CONTACTS} where direction = 'inbound')"
        )
    return Batch(
        name="key tables",
        query=f"""
            select table_name, 'rows' as item, row_count
            from ({counts})
            where exists (select 1 from {legs})
        """,
        rules=[
            Rule(
                name="key tables",
                severity="error",
                description="Where contacts were landed, no key table is empty",
                expectation="ExpectColumnValuesToBeBetween",
                arguments={"column": "row_count", "min_value": 1},
                describe=lambda row: f"{row['row_count']} rows",
                advice="build again; if it stays empty, a model drops every row",
            )
        ],
    )


def _kpis(published_kpis: Sequence[str], missing: Severity) -> Batch:
    published = ", ".join(f"({literal(kpi)})" for kpi in published_kpis) or "(null)"
    return Batch(
        name="kpis",
        query=f"""
            with observed as (
                select
                    kpi,
                    count(*) as row_count,
                    round(min(cast(value as double)), {_ROUNDED_TO}) as lowest,
                    round(max(cast(value as double)), {_ROUNDED_TO}) as highest,
                    count_if(not isfinite(cast(value as double))) as infinite_rows,
                    count_if(numerator - denominator >= {_LEAST_DIFFERENCE}) as rows_above_denominator
                from {_KPI_VALUES}
                group by kpi
            ),
            built as (
                select
                    observed.* replace (
                        case
                            when catalogue.minimum_value = 0 and catalogue.maximum_value = 1
                                then observed.rows_above_denominator
                            else 0
                        end as rows_above_denominator
                    )
                from observed
                left join {_KPI_CATALOG} as catalogue on observed.kpi = catalogue.kpi
            ),
            published as (
                select kpi from (values {published}) as published(kpi) where kpi is not null
            )
            select
                {literal(_KPI_VALUES)} as table_name,
                coalesce(built.kpi, published.kpi) as item,
                built.* exclude (kpi),
                catalogue.kpi as catalogued_kpi,
                cast(catalogue.minimum_value as double) as minimum_value,
                cast(catalogue.maximum_value as double) as maximum_value,
                case
                    when published.kpi is not null then coalesce(built.row_count, 0)
                end as rows_if_published,
                case when built.kpi is not null then coalesce(catalogue.kpi, 'none') end as catalogue_entry
            from built
            full join published on built.kpi = published.kpi
            left join {_KPI_CATALOG} as catalogue on built.kpi = catalogue.kpi
        """,
        rules=[
            *_range_rules(),
            Rule(
                name="KPI gone missing",
                severity=missing,
                description="Every KPI that was published last still has values",
                expectation="ExpectColumnValuesToBeBetween",
                arguments={"column": "rows_if_published", "min_value": 1},
                describe=lambda row: f"{row['item']} has {row['row_count'] or 0} rows",
                advice=(
                    "see whether its source still lands; if it was switched off on purpose, allow missing "
                    "KPIs for one run"
                ),
            ),
        ],
    )


def _range_rules() -> list[Rule]:
    def describe(row: Row) -> str:
        if row["row_count"] is None:
            return f"{row['item']} has no rows"
        if row["lowest"] is None:
            return f"{row['item']} has no values"
        return f"{row['item']} is between {row['lowest']:.10g} and {row['highest']:.10g}"

    advice = "its numerator or denominator is counted wrongly: see its fact rows with `ccw kpi KPI --rows`"
    return [
        Rule(
            name="KPI not below its least possible value",
            severity="error",
            description="No value of a KPI is below the catalogue's minimum_value",
            expectation="ExpectColumnPairValuesAToBeGreaterThanB",
            arguments={
                "column_A": "lowest",
                "column_B": "minimum_value",
                "or_equal": True,
                "ignore_row_if": "either_value_is_missing",
            },
            describe=describe,
            advice=advice,
        ),
        Rule(
            name="KPI not above its greatest possible value",
            severity="error",
            description="No value of a KPI is above the catalogue's maximum_value",
            expectation="ExpectColumnPairValuesAToBeGreaterThanB",
            arguments={
                "column_A": "maximum_value",
                "column_B": "highest",
                "or_equal": True,
                "ignore_row_if": "either_value_is_missing",
            },
            describe=describe,
            advice=advice,
        ),
        Rule(
            name="KPI is a number",
            severity="error",
            description="No value of a KPI is infinite or not a number",
            expectation="ExpectColumnValuesToBeBetween",
            arguments={"column": "infinite_rows", "max_value": 0},
            describe=lambda row: f"{row['item']} has {row['infinite_rows'] or 0} rows that are no number",
            advice="its denominator is 0 somewhere",
        ),
        Rule(
            name="share of a whole",
            severity="error",
            description="The numerator of a share is not above its denominator",
            expectation="ExpectColumnValuesToBeBetween",
            arguments={"column": "rows_above_denominator", "max_value": 0},
            describe=lambda row: (
                f"the numerator of {row['item']} is above its denominator in {row['rows_above_denominator'] or 0} rows"
            ),
            advice=advice,
        ),
        Rule(
            name="KPI is in the catalogue",
            severity="error",
            description="Every KPI with values is described in kpi_catalog",
            expectation="ExpectColumnValuesToNotBeInSet",
            arguments={"column": "catalogue_entry", "value_set": ["none"]},
            describe=lambda row: f"{row['item']} is {'' if row['catalogued_kpi'] else 'not '}catalogued",
            advice="build both tables in one run",
        ),
    ]


def _anomalies(limits: MartsLimits) -> Batch:
    return Batch(
        name="anomalies",
        query=f"""
            with days as (
                select kpi, period_start, cast(value as double) as value,
                    max(period_start) over (partition by kpi) as newest_day
                from {_KPI_VALUES}
                where period_grain = 'day' and level = 'organization'
                    and is_final and value is not null and not coalesce(is_low_sample, false)
            ),
            usual as (
                select kpi, newest_day,
                    max(value) filter (where period_start = newest_day) as value,
                    avg(value) filter (where period_start < newest_day) as mean_value,
                    stddev_samp(value) filter (where period_start < newest_day) as deviation,
                    count(*) filter (where period_start < newest_day) as day_count
                from days
                where period_start >= newest_day - {limits.anomaly_days}
                group by kpi, newest_day
            )
            select {literal(_KPI_VALUES)} as table_name, kpi as item, *,
                case
                    when day_count >= {limits.least_anomaly_days}
                        then round((value - mean_value) / nullif(deviation, 0), {_ROUNDED_TO})
                end as deviations
            from usual
        """,
        rules=[
            Rule(
                name="anomaly",
                severity="warning",
                description=(
                    "On its newest final day, a KPI of the organization is within "
                    f"{limits.anomaly_deviations:g} standard deviations of the mean of the "
                    f"{limits.anomaly_days} days before"
                ),
                expectation="ExpectColumnValuesToBeBetween",
                arguments={
                    "column": "deviations",
                    "min_value": -limits.anomaly_deviations,
                    "max_value": limits.anomaly_deviations,
                },
                describe=lambda row: (
                    f"{row['item']} was {row['value']:g} on {row['newest_day']:%Y-%m-%d}, "
                    f"usual is {row['mean_value'] or 0:g}"
                ),
                advice="see whether something happened that day, or whether its rows are incomplete",
            )
        ],
    )


def _contacts_by_day(legs: str) -> Batch:
    return Batch(
        name="contacts by day",
        query=f"""
            with landed as (
                select contact_day, count(*) as contacts
                from (
                    select contact_id, cast(min(started_at) as date) as contact_day
                    from {legs}
                    group by contact_id
                )
                group by contact_day
            ),
            built as (
                select cast(started_at as date) as contact_day, count(*) as contacts
                from {_CONTACTS}
                where {_LANDED_LEGS[legs]}
                group by all
            )
            select
                {literal(_CONTACTS)} as table_name,
                cast(coalesce(landed.contact_day, built.contact_day) as varchar) as item,
                coalesce(landed.contacts, 0) as landed_contacts,
                coalesce(built.contacts, 0) as built_contacts
            from landed full join built on landed.contact_day = built.contact_day
        """,
        rules=[
            Rule(
                name="contacts of each day",
                severity="error",
                description="As many contacts start on a day (UTC) in the mart as in the landed legs",
                expectation="ExpectColumnPairValuesToBeEqual",
                arguments={"column_A": "landed_contacts", "column_B": "built_contacts"},
                describe=lambda row: (
                    f"on {row['item']} {row['landed_contacts']} were landed and {row['built_contacts']} built"
                ),
                advice="build with --full-refresh; if they still differ, a model loses or doubles contacts",
            )
        ],
    )
