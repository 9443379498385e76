"""The checks at the door: what was landed since they last passed, before anything is built from it.

What is measured are the models of models/marts/data_quality/intermediate/door; here is what may come out.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import yaml

from pipelines.checks import verdicts
from pipelines.checks.report import Check, CheckReport, create_table, record
from pipelines.checks.suite import Batch, Rule, index_page, relations, run_suite
from pipelines.checks.usual import Limits, judge
from pipelines.errors import UsageError
from pipelines.logs import log
from pipelines.masking import masked
from pipelines.warehouse import connect
from pipelines.warehouse.sql import insert

SUITE = "landed"
LIMITS = Path(__file__).parent / "limits.yml"

_LEGS = "acd.contact_legs"
_JUDGED = "judged_loads"
_COLUMNS = (
    "table_name varchar, item varchar, load_id bigint, measure varchar, column_name varchar, failing double, "
    "warning double, failing_in_words varchar, warning_in_words varchar"
)


@dataclass(frozen=True)
class LandedLimits:
    """Where usual ends, as limits.yml says it.

    Attributes:
        usual: how surprising, and how large, a departure of a load must be.
        stale_after_days: how far the newest event of an extract may be behind the newest contact, in days.
        ahead_hours: how far the newest contact may be ahead of its landing, in hours.
        most_unidentified: share of inbound contacts without customer, account and address, 0 to 1.
        most_share_of_ids: share of ids that may look like a phone number or an e-mail address, 0 to 1.

    """

    usual: Limits = field(default_factory=lambda: Limits(**_limits()["usual"]))
    stale_after_days: float = field(default_factory=lambda: _limits()["freshness"]["stale_after_days"])
    ahead_hours: float = field(default_factory=lambda: _limits()["freshness"]["ahead_hours"])
    most_unidentified: float = field(default_factory=lambda: _limits()["identification"]["most_unidentified"])
    most_share_of_ids: float = field(default_factory=lambda: _limits()["lookalikes"]["most_share_of_ids"])


def _limits() -> dict[str, Any]:
    limits: dict[str, Any] = yaml.safe_load(LIMITS.read_text(encoding="utf-8"))
    return limits


def check_landed(
    warehouse: Path,
    docs: Path,
    measure: Callable[[int], None],
    *,
    run_id: str,
    limits: LandedLimits | None = None,
    checked_at: datetime | None = None,
    accept: Iterable[int] = (),
) -> CheckReport:
    """Check what was landed in run `run_id`, and by earlier runs and has not passed yet.

    `measure` builds the models of the measures over the loads after the one that it is given. Undeclared values, a
    load that departs far from what is usual, and values that look personal where none may be are errors; the rest are
    warnings. A load that failed is checked again by every run until a later version of its file replaces it, or
    until it is accepted, so that running again is no way around a check. If there is nothing new, nothing is checked.
    Results go to `ops.checks`, verdicts to `ops.load_verdicts`, and pages to the Data Docs in `docs`.

    Raises:
        UsageError: there is no warehouse, nothing was ever landed in it, or a load to accept is unknown.
        WarehouseBusy: another process has it open.
        RunnerError: a check could not be computed.

    """
    checked_at = checked_at or datetime.now(UTC)
    limits = limits or LandedLimits()
    if not warehouse.is_file():
        raise UsageError(f"There is no warehouse {warehouse} yet; fill one with `ccw land`.")
    with connect(warehouse) as connection:
        is_there = "ops.landed_files" in relations(connection)
        if not (is_there and connection.execute("select 1 from ops.landed_files limit 1").fetchone()):
            raise UsageError(f"Nothing was ever landed in {warehouse}; land extracts with `ccw land`.")
        create_table(connection)
        verdicts.create_verdicts(connection, SUITE)
        first = verdicts.first_to_check(connection, run_id)
        verdicts.accept(connection, accept, run_id=run_id, at=checked_at)
    if first is None:
        return CheckReport(SUITE, [], None)
    measure(first - 1)
    with connect(warehouse) as connection:
        _judge(connection, limits)
        checks = run_suite(connection, docs, SUITE, list(_batches(limits, first)), run_id=run_id, checked_at=checked_at)
        (newest,) = connection.execute("select max(load_id) from ops.landed_files").fetchall()[0]
        record(connection, SUITE, checks, run_id=run_id, checked_at=checked_at, load_id=newest)
        _record_verdicts(connection, first, checks, run_id=run_id, at=checked_at)
    return CheckReport(SUITE, checks, index_page(docs) if checks else None)


def _judge(connection: duckdb.DuckDBPyConnection, limits: LandedLimits) -> None:
    """Judge every measure, and leave it to Great Expectations what may come out; an accepted load does not fail."""
    rows = judge(connection, limits.usual)
    let_through = verdicts.accepted(connection)
    connection.execute(f"create or replace temp table {_JUDGED} ({_COLUMNS})")
    for row in rows:
        if row["load_id"] in let_through and row["failing"] is not None:
            row["failing"] = 1.0
    insert(connection, _JUDGED, [list(row.values()) for row in rows])
    young = sorted(
        {row["table_name"] for row in rows} - {row["table_name"] for row in rows if row["failing"] is not None}
    )
    if young:
        log.info(
            "check: too little history to judge %s: what is usual is measured only (least_days in %s)",
            ", ".join(young),
            LIMITS.name,
        )


def _record_verdicts(
    connection: duckdb.DuckDBPyConnection, first: int, checks: Sequence[Check], *, run_id: str, at: datetime
) -> None:
    loads = connection.execute(
        """select load_id, source || '.' || "table" from ops.landed_files where load_id >= ?""", [first]
    ).fetchall()
    failed = [check for check in checks if not check.passed and check.severity == "error"]
    bad = {load_id for check in failed for load_id in check.loads}
    bad_tables = {check.table for check in failed if not check.loads}
    found = {load_id: "failed" if load_id in bad or table in bad_tables else "passed" for load_id, table in loads}
    verdicts.write(connection, found, run_id=run_id, at=at)


def _batches(limits: LandedLimits, first: int) -> Iterator[Batch]:
    yield _usual(limits.usual)
    yield _lookalikes(limits)
    yield _values()
    yield _freshness(limits)
    yield _identification(limits, first)


def _usual(limits: Limits) -> Batch:
    def rule(name: str, severity: Any, column: str, key: str, advice: str) -> Rule:
        return Rule(
            name=name + " {measure}",
            severity=severity,
            description=(
                f"What a load brings is as usual for it: of an honest load all that is looked at departs as far in "
                f"{limits.false_alarms[key]:.2%} of cases, and by a factor of {limits.least_factor[key]:g} or a "
                f"share of {limits.least_change[key]:.0%}"
            ),
            expectation="ExpectColumnValuesToBeBetween",
            arguments={"column": column, "min_value": limits.false_alarms[key]},
            describe=lambda row: f"load {row['load_id']}, {row[column + '_in_words']}",
            advice=advice,
        )

    return Batch(
        name="usual",
        relation=_JUDGED,
        rules=[
            rule(
                "usual",
                "error",
                "failing",
                "fail",
                "have the file corrected and land it again; if it is right, let it through with --accept-load and "
                "the load's number",
            ),
            rule("somewhat usual", "warning", "warning", "warn", "see whether that is what happened"),
        ],
    )


def _lookalikes(limits: LandedLimits) -> Batch:
    def rule(name: str, kind: str, most: float, description: str) -> Rule:
        return Rule(
            name=name + " in {column_name}",
            severity="error",
            description=description,
            expectation="ExpectColumnValuesToBeBetween",
            arguments={"column": "lookalike_share", "max_value": most},
            where={"kind": kind},
            describe=lambda row: (
                f"load {row['load_id']}, {row['path']}: {row['lookalikes']:,} of {row['row_count']:,} values look like "
                f"{row['looks_like'] or 'nobody'}{', such as ' + row['example'] if row['example'] else ''}"
            ),
            advice=(
                "have the file corrected; if the column holds personal data tag it personal in the sources YAML, if "
                "not tag it not_personal with the reason, or let this load through with --accept-load and its number"
            ),
        )

    return Batch(
        name="lookalikes",
        relation="(select * from intermediate.int_checks__load_lookalikes where load_id not in "
        "(select load_id from ops.load_verdicts where verdict = 'accepted'))",
        rules=[
            rule(
                "personal values",
                "value",
                0.0,
                "No value of a column that is not tagged personal looks like a phone number, e-mail address or card "
                "number",
            ),
            rule(
                "personal ids",
                "id",
                limits.most_share_of_ids,
                f"At most {limits.most_share_of_ids:.0%} of the ids that a system hands out look so",
            ),
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


def _identification(limits: LandedLimits, first: int) -> Batch:
    return Batch(
        name="identification",
        relation=f"""(
            select
                counts.table_name, cast(counts.load_id as varchar) as item, counts.load_id,
                any_value(files.path) as path,
                cast(sum(counts.row_count) as bigint) as contacts,
                sum(if(counts.landed_value = 'no', counts.row_count, 0)) / sum(counts.row_count) as unidentified_share
            from intermediate.int_checks__load_counts as counts
            inner join ops.landed_files as files on counts.load_id = files.load_id
            where counts.measure = 'identified' and counts.landed_value is not null and counts.load_id >= {first}
            group by counts.table_name, counts.load_id
        )""",
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
                describe=lambda row: (
                    f"{row['unidentified_share']:.0%} of {row['contacts']:,} inbound legs in {row['path']} are "
                    "unidentified"
                ),
                advice="resolution KPIs see only the others: see whether the export can hold customer_id",
            )
        ],
    )
