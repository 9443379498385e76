"""The checks before publishing: whether what was built can be true, and whether anything has gone missing.

What is measured are the models of models/marts/kpis/intermediate/checks; here is what may come out.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from pipelines.checks.report import CheckReport, Severity, record
from pipelines.checks.suite import Batch, Row, Rule, index_page, relations, run_suite
from pipelines.errors import UsageError
from pipelines.warehouse import connect
from pipelines.warehouse.sql import literal

SUITE = "marts"

_KPI_VALUES = "marts.kpi_values"
_KPIS = "intermediate.int_checks__kpis"


def check_marts(
    warehouse: Path,
    docs: Path,
    published_database: Path | None,
    *,
    run_id: str,
    allow_missing_kpis: bool = False,
    checked_at: datetime | None = None,
) -> CheckReport:
    """Check the marts that are about to be published.

    KPIs outside their possible range, contacts that were landed and are not in the mart, KPIs that the
    database published last has and the marts have not (a warning with `allow_missing_kpis`), and empty key
    tables are errors; days in kpi_exceptions are warnings. Results go to `ops.checks` and to the Data Docs in `docs`.

    Raises:
        UsageError: there is no warehouse.
        WarehouseBusy: another process has it open.
        RunnerError: a check could not be computed.

    """
    checked_at = checked_at or datetime.now(UTC)
    if not warehouse.is_file():
        raise UsageError(f"There is no warehouse at {warehouse}; build one with `ccw build` first.")
    published_kpis = _published_kpis(published_database)
    missing: Severity = "warning" if allow_missing_kpis else "error"
    with connect(warehouse) as connection:
        batches = list(_batches(published_kpis, missing)) if _KPI_VALUES in relations(connection) else []
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


def _batches(published_kpis: Sequence[str], missing: Severity) -> Iterator[Batch]:
    yield _key_tables()
    yield Batch(name="kpis", relation=_KPIS, rules=[*_range_rules(), _anomaly()])
    if published_kpis:
        yield _published(published_kpis, missing)
    yield _contacts_by_day()


def _key_tables() -> Batch:
    return Batch(
        name="key tables",
        relation="intermediate.int_checks__key_tables",
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


def _published(kpis: Sequence[str], missing: Severity) -> Batch:
    published = ", ".join(f"({literal(kpi)})" for kpi in kpis)
    return Batch(
        name="published kpis",
        relation=f"""(
            select {literal(_KPI_VALUES)} as table_name, item, coalesce(row_count, 0) as row_count
            from (values {published}) as published(item) left join {_KPIS} as kpis using (item)
        )""",
        rules=[
            Rule(
                name="KPI gone missing",
                severity=missing,
                description="Every KPI that was published last still has values",
                expectation="ExpectColumnValuesToBeBetween",
                arguments={"column": "row_count", "min_value": 1},
                describe=lambda row: f"{row['item']} has {row['row_count']} rows",
                advice=(
                    "see whether its source still lands; if it was switched off on purpose, allow missing "
                    "KPIs for one run"
                ),
            )
        ],
    )


def _range_rules() -> list[Rule]:
    def describe(row: Row) -> str:
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
            arguments={"column": "rows_without_number", "max_value": 0},
            describe=lambda row: f"{row['item']} has {row['rows_without_number']} rows that are no number",
            advice="its denominator is 0 somewhere",
        ),
        Rule(
            name="share of a whole",
            severity="error",
            description="The numerator of a share is not above its denominator",
            expectation="ExpectColumnValuesToBeBetween",
            arguments={"column": "rows_above_denominator", "max_value": 0},
            describe=lambda row: (
                f"the numerator of {row['item']} is above its denominator in {row['rows_above_denominator']} rows"
            ),
            advice=advice,
        ),
        Rule(
            name="KPI is in the catalogue",
            severity="error",
            description="Every KPI with values is described in kpi_catalog",
            expectation="ExpectColumnValuesToBeInSet",
            arguments={"column": "is_catalogued", "value_set": [1]},
            describe=lambda row: f"{row['item']} is {'' if row['is_catalogued'] else 'not '}catalogued",
            advice="build both tables in one run",
        ),
    ]


def _anomaly() -> Rule:
    def describe(row: Row) -> str:
        if row["exception_rule"] is None:
            return f"{row['item']} was as expected"
        return (
            f"{row['item']} was {row['exceptional_value']:g} on {row['newest_final_day']:%Y-%m-%d}, "
            f"usual is {row['expected_value']:g}"
        )

    return Rule(
        name="anomaly",
        severity="warning",
        description="The newest final day of a KPI of the organization is not in kpi_exceptions",
        expectation="ExpectColumnValuesToBeNull",
        arguments={"column": "exception_rule"},
        describe=describe,
        advice="see whether something happened that day, or whether its rows are incomplete",
    )


def _contacts_by_day() -> Batch:
    return Batch(
        name="contacts by day",
        relation="intermediate.int_checks__contact_days",
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
