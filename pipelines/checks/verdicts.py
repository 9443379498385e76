"""What became of each load at the door: passed, failed, or accepted by somebody in spite of it (`ops.load_verdicts`).

Loads that passed or were accepted say what is usual for later ones; loads that failed do not.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

import duckdb

from pipelines.errors import UsageError

_TABLE = """
    create table if not exists ops.load_verdicts (
        load_id bigint primary key, verdict varchar not null, run_id varchar not null, judged_at timestamp not null
    )
"""


def create_verdicts(connection: duckdb.DuckDBPyConnection, suite: str) -> None:
    """Create the table. What landed before an earlier version last passed its checks has passed."""
    there = connection.execute(
        "select table_name from information_schema.tables "
        "where table_schema = 'ops' and table_name in ('load_verdicts', 'checks')"
    ).fetchall()
    if ("load_verdicts",) in there:
        return
    connection.execute(_TABLE)
    if ("checks",) in there:
        connection.execute(
            """
            insert into ops.load_verdicts
            with runs as (
                select
                    run_id, max(load_id) as last_load, max(checked_at) as checked_at,
                    bool_or(not passed and severity = 'error') as has_failed
                from ops.checks where suite = ? group by run_id
            ),
            last as (select * from runs where not has_failed order by last_load desc limit 1)
            select files.load_id, 'passed', last.run_id, last.checked_at
            from ops.landed_files as files inner join last on files.load_id <= last.last_load
            """,
            [suite],
        )


def accept(connection: duckdb.DuckDBPyConnection, loads: Iterable[int], *, run_id: str, at: datetime) -> None:
    """Let loads through whatever the checks find, and record it.

    Raises:
        UsageError: there is no such load.

    """
    known = {load_id for (load_id,) in connection.execute("select load_id from ops.landed_files").fetchall()}
    for load_id in loads:
        if load_id not in known:
            raise UsageError(f"--accept-load names load {load_id}, which never landed; `ccw status` lists the loads.")
    write(connection, dict.fromkeys(loads, "accepted"), run_id=run_id, at=at)


def write(connection: duckdb.DuckDBPyConnection, verdicts: dict[int, str], *, run_id: str, at: datetime) -> None:
    """Write verdicts in place of earlier ones; an accepted load stays accepted."""
    moment = at.astimezone(UTC).replace(tzinfo=None)
    for load_id, verdict in verdicts.items():
        connection.execute(
            """
            insert into ops.load_verdicts values ($load, $verdict, $run, $moment)
            on conflict (load_id) do update set verdict = $verdict, run_id = $run, judged_at = $moment
            where verdict <> 'accepted'
            """,
            {"load": load_id, "verdict": verdict, "run": run_id, "moment": moment},
        )


def accepted(connection: duckdb.DuckDBPyConnection) -> set[int]:
    """The loads that somebody let through."""
    rows = connection.execute("select load_id from ops.load_verdicts where verdict = 'accepted'").fetchall()
    return {load_id for (load_id,) in rows}


def first_to_check(connection: duckdb.DuckDBPyConnection, run_id: str) -> int | None:
    """The first load that this run landed, or that has not passed and was not replaced; None if there is none."""
    row = connection.execute(
        """
        select min(files.load_id)
        from (
            select
                load_id,
                run_id,
                dense_rank() over (
                    partition by source, "table", path order by coalesce(retried_load, load_id) desc
                ) = 1 as is_newest
            from ops.landed_files
        ) as files
        left join ops.load_verdicts as verdicts using (load_id)
        where files.run_id = ? or (files.is_newest and coalesce(verdicts.verdict, 'failed') = 'failed')
        """,
        [run_id],
    ).fetchone()
    return None if row is None or row[0] is None else int(row[0])
