"""Which builds there were (`ops.builds`), so that the next one visits only what changed since the last complete one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipelines.landing.ledger import RESETS
from pipelines.warehouse import connect

_TABLE = """
create schema if not exists ops;
create table if not exists ops.builds (
    run bigint,  -- number of the run in incremental.runs; null while it is running, and where it died
    kind varchar not null,  -- build, or door: the models that the checks at the door measure with
    load_id bigint not null,  -- the newest load when it began
    fingerprint varchar not null,  -- of the project and its settings
    basis varchar not null,  -- of what dbt's comparison of states does not see
    is_complete boolean not null
);
-- What dbt was given; by hand it needs the same (macros/extracts/check_extracts.sql).
alter table ops.builds add column if not exists dbt_vars varchar;
"""

_CHANGES = """
    select load_id, source, "table" from ops.landed_files union all select load_id, source, "table" from ops.resets
"""


@dataclass(frozen=True)
class Build:
    """A complete build."""

    run: int
    load_id: int
    fingerprint: str
    basis: str


@dataclass(frozen=True)
class BuildHistory:
    """The builds of a warehouse."""

    warehouse: Path

    @contextmanager
    def recorded(self, kind: str, fingerprint: str, basis: str, dbt_vars: str | None = None) -> Iterator[None]:
        """Record a build, with its vars as JSON; it is complete if it ends without an error."""
        with connect(self.warehouse) as connection:
            connection.execute(_TABLE)
            connection.execute(RESETS)
            connection.execute(
                f"insert into ops.builds select null, ?, coalesce(max(load_id), 0), ?, ?, false, ? from ({_CHANGES})",
                [kind, fingerprint, basis, dbt_vars],
            )
        is_complete = False
        try:
            yield
            is_complete = True
        finally:
            with connect(self.warehouse) as connection:
                is_there = connection.execute(
                    "select 1 from duckdb_tables() where schema_name = 'incremental' and table_name = 'runs'"
                ).fetchone()
                if is_there:
                    connection.execute(
                        "update ops.builds set run = (select max(run) from incremental.runs), is_complete = ? "
                        "where rowid = (select max(rowid) from ops.builds)",
                        [is_complete],
                    )

    def last_complete(self) -> Build | None:
        """The last complete build; None if another one with other settings, or one by other hands, came after it."""
        with connect(self.warehouse) as connection:
            connection.execute(_TABLE)
            is_there = connection.execute(
                "select 1 from duckdb_tables() where schema_name = 'incremental' and table_name = 'runs'"
            ).fetchone()
            if not is_there:
                return None
            row = connection.execute(
                """
                with last as (
                    select max(run) as run from ops.builds where kind = 'build' and is_complete
                )
                select builds.run, builds.load_id, builds.fingerprint, builds.basis
                from ops.builds as builds
                inner join last using (run)
                where builds.kind = 'build' and builds.is_complete
                    and not exists (
                        select 1 from incremental.runs where runs.run > last.run
                            and runs.run not in (select run from ops.builds where run is not null)
                    )
                    and not exists (
                        select 1 from ops.builds as later
                        where later.run > last.run and later.kind = 'build' and later.fingerprint != builds.fingerprint
                    )
                """
            ).fetchone()
        return Build(*row) if row else None

    def landed_after(self, load_id: int) -> list[str]:
        """The extracts of which something landed after a load, or was taken back."""
        with connect(self.warehouse) as connection:
            connection.execute(RESETS)
            rows = connection.execute(
                f"""
                select distinct source || '.' || "table" as extract
                from ({_CHANGES})
                where load_id > ?
                order by extract
                """,
                [load_id],
            ).fetchall()
        return [str(extract) for (extract,) in rows]

    def is_next(self, build: int, later: int) -> bool:
        """Whether a build is the same as another one, or no other run of dbt than the door's came between them."""
        with connect(self.warehouse) as connection:
            row = connection.execute(
                """
                select count(*) from incremental.runs
                where run > ? and run < ?
                    and run not in (select run from ops.builds where kind = 'door' and is_complete)
                """,
                [build, later],
            ).fetchone()
        return row is not None and row[0] == 0
