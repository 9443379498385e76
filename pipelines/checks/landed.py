"""The checks at the door: what was landed since they last passed, before anything is built from it.

What is measured are the models of models/marts/data_quality/intermediate/door; here is what may come out.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from pipelines.checks.report import CheckReport, create_table, record
from pipelines.checks.suite import Batch, Row, Rule, index_page, relations, run_suite
from pipelines.errors import UsageError
from pipelines.masking import masked
from pipelines.warehouse import connect

SUITE = "landed"

_LEGS = "acd.contact_legs"


@dataclass(frozen=True)
class LandedLimits:
    """Where usual ends.

    Attributes:
        least_volume: rows loaded, as a multiple of what is usual.
        most_volume: the same, at most.
        stale_after_days: how far the newest event of an extract may be behind the newest contact, in days.
        ahead_hours: how far the newest contact may be ahead of its landing, in hours.
        most_unidentified: share of inbound contacts without customer, account and address, 0 to 1.
        lost_unidentified: the same share where the loads before were within `most_unidentified`; beyond it the
            extract has lost its identifying columns, and every resolution KPI with them.

    """

    least_volume: float = 0.2
    most_volume: float = 5.0
    stale_after_days: float = 7.0
    ahead_hours: float = 24.0
    most_unidentified: float = 0.5
    lost_unidentified: float = 0.95


def check_landed(
    warehouse: Path,
    docs: Path,
    measure: Callable[[int], None],
    *,
    run_id: str,
    limits: LandedLimits | None = None,
    checked_at: datetime | None = None,
) -> CheckReport:
    """Check what was landed in run `run_id`, and by earlier runs since these checks last passed.

    `measure` builds the models of the measures over the loads after the one that it is given. Undeclared values, and
    identification that was lost, are errors; volume, freshness and a large share of unidentified contacts are
    warnings. A load that failed is checked again by every run until a later version of its file or of its records
    replaces it, so that running again is no way around a check. If there is nothing new, nothing is checked.
    Results go to `ops.checks` and to the Data Docs in `docs`.

    Raises:
        UsageError: there is no warehouse, or nothing was ever landed in it.
        WarehouseBusy: another process has it open.
        RunnerError: a check could not be computed.

    """
    checked_at = checked_at or datetime.now(UTC)
    if not warehouse.is_file():
        raise UsageError(f"There is no warehouse {warehouse} yet; fill one with `ccw land`.")
    with connect(warehouse) as connection:
        is_there = "ops.landed_files" in relations(connection)
        if not (is_there and connection.execute("select 1 from ops.landed_files limit 1").fetchone()):
            raise UsageError(f"Nothing was ever landed in {warehouse}; land extracts with `ccw land`.")
        first, newest = _first_load(connection, run_id), _newest_load(connection)
    if first is None:
        return CheckReport(SUITE, [], None)
    measure(first - 1)
    with connect(warehouse) as connection:
        batches = list(_batches(limits or LandedLimits()))
        checks = run_suite(connection, docs, SUITE, batches, run_id=run_id, checked_at=checked_at)
        record(connection, SUITE, checks, run_id=run_id, checked_at=checked_at, load_id=newest)
    return CheckReport(SUITE, checks, index_page(docs) if checks else None)


def _first_load(connection: duckdb.DuckDBPyConnection, run_id: str) -> int | None:
    """Give the first load that has not passed, or that this run landed; none if there is none.

    Loads are told by their numbers, since a clock may be set back.
    """
    create_table(connection)
    (last_passed,) = connection.execute(
        """
        with runs as (
            select max(load_id) as last_load, bool_or(not passed and severity = 'error') as has_failed
            from ops.checks where suite = ? group by run_id
        )
        select max(last_load) filter (where not has_failed) from runs
        """,
        [SUITE],
    ).fetchall()[0]
    rows = connection.execute(
        """
        select min(load_id)
        from ops.landed_files
        where run_id = $run_id or $last_passed is null or load_id > $last_passed
        """,
        {"run_id": run_id, "last_passed": last_passed},
    ).fetchall()
    first: int | None = rows[0][0]
    return first


def _newest_load(connection: duckdb.DuckDBPyConnection) -> int | None:
    newest: int | None = connection.execute("select max(load_id) from ops.landed_files").fetchall()[0][0]
    return newest


def _batches(limits: LandedLimits) -> Iterator[Batch]:
    yield _volumes(limits)
    yield _values()
    yield _freshness(limits)
    yield _identification(limits)


def _volumes(limits: LandedLimits) -> Batch:
    def describe(row: Row) -> str:
        usual = f", {row['ratio']:.2f} times the usual {row['usual_rows']:g}" if row["ratio"] is not None else ""
        return f"{row['path']} brought {row['loaded']} rows{usual}"

    return Batch(
        name="volumes",
        relation="intermediate.int_checks__load_volumes",
        rules=[
            Rule(
                name="volume",
                severity="warning",
                description=(
                    f"A load has {limits.least_volume:g} to {limits.most_volume:g} times the rows of "
                    "the median of the 8 loads of this extract before it"
                ),
                expectation="ExpectColumnValuesToBeBetween",
                arguments={"column": "ratio", "min_value": limits.least_volume, "max_value": limits.most_volume},
                describe=describe,
                advice="see whether the file is complete, and holds this extract only",
            )
        ],
    )


def _values() -> Batch:
    return Batch(
        name="values",
        relation="intermediate.int_checks__load_values",
        rules=[
            Rule(
                name="values of {column_name}",
                severity="error",
                description="A column whose values are listed in the sources YAML has no other ones",
                expectation="ExpectColumnValuesToBeInSet",
                arguments={"column": "is_listed", "value_set": [1]},
                describe=lambda row: (
                    f"{masked(row['landed_value'])} in {row['row_count']} rows of "
                    f"raw.{row['table_name'].replace('.', '__')}.{row['column_name']}"
                ),
                advice="declare the value in the sources YAML if it is right, else have the file corrected",
            )
        ],
    )


def _freshness(limits: LandedLimits) -> Batch:
    return Batch(
        name="freshness",
        relation="intermediate.int_checks__freshness",
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
                    f"newest {row['item']} is {row['newest_event']:%Y-%m-%d %H:%M}, "
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
                describe=lambda row: f"the newest contact started at {row['newest_event']:%Y-%m-%d %H:%M}",
                advice="all older ones count as mature: have clock or time zone corrected, or give --as-of",
            ),
        ],
    )


def _identification(limits: LandedLimits) -> Batch:
    def describe(row: Row) -> str:
        return (
            f"{row['unidentified_share']:.0%} of {row['contacts']} inbound contacts in {row['path']} are unidentified"
        )

    return Batch(
        name="identification",
        relation="intermediate.int_checks__load_identification",
        rules=[
            Rule(
                name="unidentified contacts",
                severity="warning",
                description=(
                    f"At most {limits.most_unidentified:.0%} of a load's inbound contacts have neither "
                    "customer id, account number nor address"
                ),
                expectation="ExpectColumnValuesToBeBetween",
                arguments={"column": "unidentified_share", "max_value": limits.most_unidentified},
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
                arguments={"column": "unidentified_share", "max_value": limits.lost_unidentified},
                at_most={"usual_share": limits.most_unidentified},
                describe=describe,
                advice="the export has lost what identifies customers: have it corrected and land it again",
            ),
        ],
    )
