"""Run records: what ran when, how long each step took and how it ended (`ops.runs`, `ops.run_steps`)."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from pipelines.warehouse import connect

_TABLES = """
create schema if not exists ops;
create table if not exists ops.runs (
    run_id varchar primary key,
    started_at timestamp not null,
    ended_at timestamp,
    status varchar not null,  -- running, published, unchanged, done, failed, stopped, died
    message varchar
);
create table if not exists ops.run_steps (
    run_id varchar not null,
    step varchar not null,
    started_at timestamp not null,
    seconds double not null,
    status varchar not null,  -- done, failed
    message varchar
);
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
            connection.execute("update ops.runs set status = 'died' where status = 'running'")
            connection.execute("insert into ops.runs values (?, ?, null, 'running', null)", [run_id, now])
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
                "update ops.runs set ended_at = ?, status = ?, message = ? where run_id = ?",
                [_now(), status, message, self.run_id],
            )

    def unpublished_lines(self, connection: duckdb.DuckDBPyConnection) -> tuple[int, int]:
        """Lines and rejected lines that landed since a run was last published; of each file its latest load.

        Rejected rows that landed later count with the load that they came with.
        """
        row = connection.execute(
            """
            with waiting as (
                select
                    lines,
                    rejected,
                    dense_rank() over (
                        partition by path, source, "table" order by coalesce(retried_load, load_id) desc
                    ) as rank_from_latest
                from ops.landed_files
                where run_id not in (select run_id from ops.runs where status = 'published')
                    and landed_at > coalesce(
                        (select max(ended_at) from ops.runs where status = 'published'), '-infinity'
                    )
            )
            select coalesce(sum(lines), 0), coalesce(sum(rejected), 0) from waiting where rank_from_latest = 1
            """
        ).fetchone()
        return (int(row[0]), int(row[1])) if row else (0, 0)

    def has_unpublished_reset(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Whether an extract was taken back since a run was last published."""
        row = connection.execute(
            """
            select 1 from ops.resets
            where reset_at > coalesce((select max(ended_at) from ops.runs where status = 'published'), '-infinity')
            """
        ).fetchone()
        return row is not None

    def last_published(self, connection: duckdb.DuckDBPyConnection) -> str | None:
        """The run of this warehouse that published last; None if none did."""
        row = connection.execute(
            "select run_id from ops.runs where status = 'published' order by ended_at desc limit 1"
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
