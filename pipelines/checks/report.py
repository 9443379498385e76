"""What the checks found, for the runner, for `ops.checks` and for the exit code."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import duckdb

from pipelines.errors import CheckFailed
from pipelines.warehouse.sql import insert

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Check:
    """The result of one check of one table; `message` is empty if it passed, `loads` are those that did not."""

    name: str
    table: str
    severity: Severity
    passed: bool
    observed: str
    message: str
    loads: tuple[int, ...] = ()


@dataclass(frozen=True)
class CheckReport:
    """The results of a suite of checks.

    `docs` is the first page of the Data Docs, None if nothing was checked.
    """

    suite: str
    checks: Sequence[Check]
    docs: Path | None

    @property
    def failed(self) -> list[Check]:
        """The checks that stop the run."""
        return [check for check in self.checks if not check.passed and check.severity == "error"]

    @property
    def warnings(self) -> list[Check]:
        """The checks that did not pass, but stop nothing."""
        return [check for check in self.checks if not check.passed and check.severity == "warning"]


def raise_for_failures(report: CheckReport) -> None:
    """Stop the run if a check of severity error failed.

    Raises:
        CheckFailed: a sentence per failure names check and table, what was observed, and what to do.

    """
    if report.failed:
        raise CheckFailed(" ".join(check.message for check in report.failed))


def create_table(connection: duckdb.DuckDBPyConnection) -> None:
    """Create `ops.checks`, or number the checks of an earlier version, of which only the time is known."""
    connection.execute("create schema if not exists ops")
    connection.execute(
        """
        create table if not exists ops.checks (
            run_id varchar, checked_at timestamp, suite varchar, table_name varchar, name varchar,
            severity varchar, passed boolean, observed varchar, message varchar,
            load_id bigint  -- the newest load that there was
        )
        """
    )
    columns = {name for name, *_ in connection.execute("describe ops.checks").fetchall()}
    if "load_id" not in columns:
        connection.execute("alter table ops.checks add column load_id bigint")
        connection.execute(
            """
            update ops.checks set load_id = coalesce(
                (select max(load_id) from ops.landed_files where landed_at <= checks.checked_at), 0
            )
            """
        )


def record(
    connection: duckdb.DuckDBPyConnection,
    suite: str,
    checks: Sequence[Check],
    *,
    run_id: str,
    checked_at: datetime,
    load_id: int | None = None,
) -> None:
    """Write the results to `ops.checks`, in place of those that this suite had in this run.

    `load_id` is the newest load that was checked.
    """
    moment = checked_at.astimezone(UTC).replace(tzinfo=None)
    create_table(connection)
    connection.begin()
    connection.execute("delete from ops.checks where run_id = ? and suite = ?", [run_id, suite])
    rows = [
        [run_id, moment, suite, each.table, each.name, each.severity, each.passed, each.observed, each.message, load_id]
        for each in checks
    ]
    insert(connection, "ops.checks", rows)
    connection.commit()
