"""Run records: what ran when, how long each step took and how it ended (`ops.runs`, `ops.run_steps`)."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from pipelines.checks.report import create_table as create_checks
from pipelines.landing.ledger import create_ledger
from pipelines.publish import Verified
from pipelines.warehouse import connect

_TABLES = """
create schema if not exists ops;
create table if not exists ops.runs (
    run_id varchar primary key,
    started_at timestamp not null,
    ended_at timestamp,
    status varchar not null,  -- running, published, unchanged, done, failed, stopped, died
    message varchar,
    number bigint,  -- in the order of the runs, whatever the clock says
    load_id bigint  -- of a run that published: the newest load or reset that there was
);
create table if not exists ops.run_steps (
    run_id varchar not null,
    step varchar not null,
    started_at timestamp not null,
    seconds double not null,
    status varchar not null,  -- done, failed
    message varchar
);
create table if not exists ops.verifications (
    run_id varchar not null,  -- of the run that looked
    published_run varchar not null,
    verified_at timestamp not null,
    is_thorough boolean not null,  -- whether it read all files, and not their size and time only
    files bigint not null,
    damages varchar[] not null  -- files that were not as they were written, and what was wrong with them
);
"""


# Records of earlier versions have neither: then the clock has to tell.
_OF_EARLIER_VERSIONS = """
alter table ops.runs add column if not exists number bigint;
alter table ops.runs add column if not exists load_id bigint;
update ops.runs set number = numbered.number
from (select run_id, row_number() over (order by started_at, rowid) as number from ops.runs) as numbered
where runs.run_id = numbered.run_id and runs.number is null;
update ops.runs
set load_id = coalesce((select max(load_id) from ({changes}) where changed_at <= runs.ended_at), 0)
where status = 'published' and load_id is null;
"""

_CHANGES = """
    select load_id, landed_at as changed_at from ops.landed_files
    union all
    select load_id, reset_at from ops.resets
"""

# A disk may change what nobody writes to, and then size and time stay.
_THOROUGH_EVERY = timedelta(days=7)

_LAST_PUBLISHED_LOAD = "coalesce((select max(load_id) from ops.runs where status = 'published'), 0)"

# Of each file the latest load, with what of it landed later.
_WAITING = f"""
    select load_id, lines, rejected
    from ops.landed_files
    where load_id > {_LAST_PUBLISHED_LOAD}
    qualify dense_rank() over (
        partition by path, source, "table" order by coalesce(retried_load, load_id) desc
    ) = 1
"""


@dataclass(frozen=True)
class RunRecord:
    """Writes one run's records, each in a transaction of its own, so that a run that dies leaves what it had done."""

    warehouse: Path
    run_id: str

    @classmethod
    def start(cls, warehouse: Path) -> "RunRecord":
        """Record a new run. A run still recorded as running has died, since only one runs at a time."""
        now = _now()
        run_id = f"{now:%Y%m%dT%H%M%S}Z-{secrets.token_hex(2)}"
        with connect(warehouse) as connection:
            connection.execute(_TABLES)
            create_ledger(connection)
            create_checks(connection)
            connection.execute(_OF_EARLIER_VERSIONS.format(changes=_CHANGES))
            connection.execute("update ops.runs set status = 'died' where status = 'running'")
            connection.execute(
                """
                insert into ops.runs (run_id, started_at, status, number)
                select ?, ?, 'running', coalesce(max(number), 0) + 1 from ops.runs
                """,
                [run_id, now],
            )
        return cls(warehouse, run_id)

    def step(self, step: str, started_at: datetime, seconds: float, *, failed: bool, message: str) -> None:
        """Record a step that ended."""
        with connect(self.warehouse) as connection:
            connection.execute(
                "insert into ops.run_steps values (?, ?, ?, ?, ?, ?)",
                [self.run_id, step, started_at, seconds, "failed" if failed else "done", message],
            )

    def end(self, status: str, message: str) -> None:
        """Record how the run ended."""
        with connect(self.warehouse) as connection:
            connection.execute(
                f"""
                update ops.runs
                set
                    ended_at = $now, status = $status, message = $message,
                    load_id = case
                        when $status = 'published' then coalesce((select max(load_id) from ({_CHANGES})), 0)
                    end
                where run_id = $run_id
                """,
                {"now": _now(), "status": status, "message": message, "run_id": self.run_id},
            )

    def is_thorough_look_due(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Whether it is a while since all published files were read; also where the clock was set back by as much."""
        row = connection.execute(
            "select verified_at from ops.verifications where is_thorough order by rowid desc limit 1"
        ).fetchone()
        return row is None or abs(_now() - row[0]) >= _THOROUGH_EVERY

    def verified(
        self, connection: duckdb.DuckDBPyConnection, published_run: str, found: Verified, *, is_thorough: bool
    ) -> None:
        """Record a look at a published run."""
        damages = [str(damage) for damage in found.damages]
        connection.execute(
            "insert into ops.verifications values (?, ?, ?, ?, ?, ?)",
            [self.run_id, published_run, _now(), is_thorough, found.files, damages],
        )

    def unpublished_lines(self, connection: duckdb.DuckDBPyConnection) -> tuple[int, int]:
        """Lines and rejected lines that landed since a run was last published; of each file its latest load.

        Rejected rows that landed later count with the load that they came with.
        """
        row = connection.execute(
            f"select coalesce(sum(lines), 0), coalesce(sum(rejected), 0) from ({_WAITING})"
        ).fetchone()
        return (int(row[0]), int(row[1])) if row else (0, 0)

    def commonest_reason(self, connection: duckdb.DuckDBPyConnection) -> str:
        """Why most of those lines were rejected, in which file, without what stands in it; empty if nobody knows."""
        row = connection.execute(
            f"""
            select path, rule, count(*)
            from ops.rejected_rows
            where load_id in (select load_id from ({_WAITING})) and rule is not null
            group by all
            order by count(*) desc, path, rule
            limit 1
            """
        ).fetchone()
        return f" {row[2]:,} of them in {row[0]}: {row[1]}." if row else ""

    def has_unpublished_reset(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Whether an extract was taken back since a run was last published."""
        row = connection.execute(f"select 1 from ops.resets where load_id > {_LAST_PUBLISHED_LOAD}").fetchone()
        return row is not None

    def last_published(self, connection: duckdb.DuckDBPyConnection) -> str | None:
        """The run of this warehouse that published last; None if none did."""
        row = connection.execute(
            "select run_id from ops.runs where status = 'published' order by number desc limit 1"
        ).fetchone()
        return str(row[0]) if row else None

    def landed_sources(self, connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
        """Sources of which something has landed, each with its instances, where folders name some."""
        return dict(
            connection.execute(
                """
                select source, coalesce(list_sort(list(distinct instance) filter (where instance is not null)), [])
                from ops.landed_files
                group by source
                order by source
                """
            ).fetchall()
        )


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
