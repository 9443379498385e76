"""The plain extracts that vendors' exports are made of: what all of them read, and how contacts leave them."""

from dataclasses import dataclass, field
from pathlib import Path
from re import fullmatch
from typing import Protocol

import duckdb


class Rewrite(Protocol):
    """Writes a vendor's export into a folder of plain extracts, and takes what it tells out of these."""

    def __call__(self, connection: duckdb.DuckDBPyConnection, out: Path) -> None:
        """Raise duckdb.Error where the extracts can't be read."""


@dataclass(frozen=True)
class Vendor:
    """A vendor's form of the simulated world.

    `not_told` names KPIs (regular expressions) that the export can't tell as the plain extracts do, and why.
    `levels_not_told` does so for levels. `settings` are the project's vars that the export is read with.
    """

    rewrite: Rewrite
    not_told: dict[str, str]
    levels_not_told: dict[str, str] = field(default_factory=dict)
    settings: dict[str, object] = field(default_factory=dict)

    def tells(self, kpi: str, level: str) -> bool:
        """Tell whether a KPI at a level must be that of the plain extracts."""
        return level not in self.levels_not_told and not any(fullmatch(pattern, kpi) for pattern in self.not_told)


def read_legs(connection: duckdb.DuckDBPyConnection, out: Path) -> None:
    """Make the tables `versions` (all lines of legs, as text) and `legs` (the newest of each, with types).

    `legs` has `ended_before` too: when the leg before it ended. `queue_client` is the client of its queue, and
    `queue_is_listed` is false for a queue that is not in the list, or is there with several clients.
    """
    connection.execute(f"""
        create temp table versions as select * from read_csv('{out}/acd/contact_legs.csv', all_varchar = true);

        create temp table legs as
        with newest as (
            select *
            from (
                select
                    *,
                    row_number() over (partition by contact_id, leg_number order by updated_at desc, line desc) as place
                from (select *, row_number() over () as line from versions)
            )
            where place = 1 and coalesce(is_deleted, 'false') <> 'true'
        ),

        queues as (
            select queue_id, max(client_id) as queue_client
            from read_csv('{out}/reference/queues.csv', all_varchar = true)
            group by queue_id
            having count(distinct client_id) <= 1
        )

        select
            newest.* exclude (place) replace (
                leg_number::int as leg_number, started_at::timestamp as started_at,
                enqueued_at::timestamp as enqueued_at, answered_at::timestamp as answered_at,
                ended_at::timestamp as ended_at, ring_seconds::int as ring_seconds, talk_seconds::int as talk_seconds,
                hold_seconds::int as hold_seconds, acw_seconds::int as acw_seconds
            ),
            lag(ended_at::timestamp) over (partition by contact_id order by leg_number::int) as ended_before,
            queue_client,
            queues.queue_id is not null as queue_is_listed
        from newest
        left join queues on newest.queue_id = queues.queue_id
    """)


def take_out(connection: duckdb.DuckDBPyConnection, out: Path) -> None:
    """Take the contacts of the table `told` (contact_id) out of the plain extract of legs."""
    write_csv(
        connection,
        "select * from versions where contact_id not in (select contact_id from told)",
        out / "acd" / "contact_legs.csv",
    )


def write_csv(connection: duckdb.DuckDBPyConnection, sql: str, file: Path) -> None:
    """Write the rows of a query as CSV with a header; the file may be one that the query reads."""
    partial = file.with_suffix(".partial")
    connection.execute(f"copy ({sql}) to '{partial}' (format csv, header)")
    partial.rename(file)


def write_lines(connection: duckdb.DuckDBPyConnection, sql: str, file: Path) -> None:
    """Write the texts of a query as the lines of a new file, whose folder is made."""
    file.parent.mkdir(parents=True, exist_ok=True)
    connection.execute(f"copy ({sql}) to '{file}' (format csv, header false, quote '', escape '', delimiter '\x01')")
