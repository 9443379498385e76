"""Where landing keeps its books: the raw tables, the ledger of files, and what was rejected or refused."""

from dataclasses import dataclass
from datetime import UTC, datetime
from glob import escape
from pathlib import Path

import duckdb

from pipelines.errors import UsageError
from pipelines.landing.declarations import Declarations, Table
from pipelines.landing.landed_parquet import LandedParquet
from pipelines.landing.load import HALF_WRITTEN
from pipelines.landing.raw import compression_of, other_types, qualified, raw_columns, refuse_other_types
from pipelines.warehouse.sql import identifier, literal

# A reset takes a number as a load does, so that whoever counts loads sees it.
RESETS = """
    create table if not exists ops.resets (
        load_id BIGINT not null, run_id VARCHAR not null, source VARCHAR not null, "table" VARCHAR not null,
        reset_at TIMESTAMP not null
    )
"""

_LEDGER = (
    "create schema if not exists raw",
    "create schema if not exists ops",
    """
    create table if not exists ops.landed_files (
        load_id BIGINT not null, run_id VARCHAR not null, path VARCHAR not null, source VARCHAR not null,
        "table" VARCHAR not null, sha256 VARCHAR not null, bytes BIGINT not null, lines BIGINT not null,
        loaded BIGINT not null, rejected BIGINT not null, landed_at TIMESTAMP not null, instance VARCHAR,
        header VARCHAR, retried_load BIGINT
    )
    """,
    # Ledgers of earlier versions have none of these.
    "alter table ops.landed_files add column if not exists instance VARCHAR",
    "alter table ops.landed_files add column if not exists header VARCHAR",
    "alter table ops.landed_files add column if not exists retried_load BIGINT",
    RESETS,
    """
    create table if not exists ops.rejected_rows (
        load_id BIGINT not null, path VARCHAR not null, line BIGINT not null, raw_line VARCHAR, "column" VARCHAR,
        reason VARCHAR not null,
        rule VARCHAR  -- the first reason, without the value that broke it
    )
    """,
    "alter table ops.rejected_rows add column if not exists rule VARCHAR",
    """
    create table if not exists ops.refused_files (
        run_id VARCHAR not null, path VARCHAR not null, reason VARCHAR not null, refused_at TIMESTAMP not null
    )
    """,
)

# The rejects that a rule may let in: a row that could not be taken apart, or is half of one, can never land.
RETRIED = f'"column" is not null and not contains(reason, {literal(HALF_WRITTEN)})'

# Loads and resets take their numbers from one row of them, in the order in which they come, whatever the clock says.
_NUMBERS = "select load_id from ops.landed_files union all select load_id from ops.resets"

_RAW_VIEWS = """
    select view_name from duckdb_views() where schema_name = 'raw' and database_name = current_database()
"""


def create_raw_tables(
    connection: duckdb.DuckDBPyConnection, declarations: Declarations, landed: Path | None = None
) -> None:
    """Create schemas raw and ops, the ledger and every declared raw table where they are missing.

    With `landed` the raw tables are views of the Parquet files in that folder, and what landed into tables before
    moves there. A new warehouse takes up what landed in that folder before. A column that was declared since is added
    to what is there. Raises UsageError if one has been given another type, as rows that landed were checked against the
    old one, or if files that landed are gone.
    """
    create_ledger(connection)
    if landed is not None:
        _take_up_ledger(connection, landed)
    views = {name for (name,) in connection.execute(_RAW_VIEWS).fetchall()}
    there = _columns_there(connection)
    if views and landed is None:
        raise UsageError(
            "What landed in this warehouse is in Parquet files, and their folder is gone: put it back, or land into a "
            "new warehouse."
        )
    for table in declarations.tables:
        is_view = table.raw_name in views
        if landed is None or (table.raw_name in there and not is_view):
            _create_raw_table(connection, table, there.get(table.raw_name, {}))
        if landed is not None:
            parquet, loads = LandedParquet(landed, table), _loads_of(connection, table)
            if table.raw_name in there and not is_view:
                parquet.move_from_table(connection, loads)
            parquet.clear_leftovers(loads)
            parquet.create_view(connection, loads)
    if landed is not None:
        export_ledger(connection, landed)


def create_ledger(connection: duckdb.DuckDBPyConnection) -> None:
    """Create schemas raw and ops and the ledger where they are missing."""
    for statement in _LEDGER:
        connection.execute(statement)


def export_ledger(connection: duckdb.DuckDBPyConnection, landed: Path) -> None:
    """Write the ledger beside the landed Parquet files, for engines that can't read this database."""
    exported = _exported(landed)
    exported.parent.mkdir(parents=True, exist_ok=True)
    partial = exported.with_name(".landed_files.partial")
    connection.execute(f"copy ops.landed_files to {literal(str(partial))} (format parquet)")
    partial.replace(exported)


def _exported(landed: Path) -> Path:
    return landed / "landed_files" / "landed_files.parquet"


def _take_up_ledger(connection: duckdb.DuckDBPyConnection, landed: Path) -> None:
    """Let a warehouse that knows of no load know those of the folder: the one before it was lost."""
    if not _exported(landed).is_file() or connection.execute(f"select 1 from ({_NUMBERS}) limit 1").fetchone():
        return
    connection.execute(
        "insert into ops.landed_files by name from read_parquet($exported)",
        {"exported": escape(str(_exported(landed)))},
    )


def _loads_of(connection: duckdb.DuckDBPyConnection, table: Table) -> set[int]:
    rows = connection.execute(
        'select load_id from ops.landed_files where source = $source and "table" = $table',
        {"source": table.source, "table": table.name},
    ).fetchall()
    return {load_id for (load_id,) in rows}


def _columns_there(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    there: dict[str, dict[str, str]] = {}
    for table, column, data_type in connection.execute(
        """
        select table_name, column_name, data_type from duckdb_columns()
        where schema_name = 'raw' and database_name = current_database()
        """
    ).fetchall():
        there.setdefault(table, {})[column] = data_type
    return there


def _create_raw_table(connection: duckdb.DuckDBPyConnection, table: Table, there: dict[str, str]) -> None:
    wanted = raw_columns(table)
    is_new = not there
    if other_types(table, there):
        if connection.execute(f"select 1 from {qualified(table)} limit 1").fetchone():
            refuse_other_types(table, there)
        connection.execute(f"drop table {qualified(table)}")
        is_new = True
    if is_new:
        definition = ", ".join(
            f"{identifier(name)} {sql_type}{compression_of(table, name)}" for name, sql_type in wanted.items()
        )
        connection.execute(f"create table {qualified(table)} ({definition})")
        return
    for name, sql_type in wanted.items():
        if name not in there:
            connection.execute(f"alter table {qualified(table)} add column {identifier(name)} {sql_type}")


def load_of(
    connection: duckdb.DuckDBPyConnection, table: Table, instance: str | None, sha256: str
) -> tuple[int, str] | None:
    """Return the load id and the path under which this content was landed for this table, if it was."""
    return connection.execute(
        """
        select load_id, path from ops.landed_files
        where source = $source and "table" = $table and instance is not distinct from $instance and sha256 = $sha256
        order by load_id limit 1
        """,
        {"source": table.source, "table": table.name, "instance": instance, "sha256": sha256},
    ).fetchone()


def next_load_id(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the id for the next load: ids ascend in the order of landing, and none is given twice."""
    row = connection.execute(f"select coalesce(max(load_id), 0) + 1 from ({_NUMBERS})").fetchone()
    return int(row[0]) if row else 1


def record_landed(
    connection: duckdb.DuckDBPyConnection,
    *,
    load_id: int,
    run_id: str,
    path: str,
    table: Table,
    instance: str | None,
    sha256: str,
    size: int,
    loaded: int,
    rejected: int,
    landed_at: datetime,
    header: str | None,
    retried_load: int | None = None,
) -> None:
    """Write a landed file into the ledger, or the lines of `retried_load` that landed later; `size` is in bytes."""
    connection.execute(
        """
        insert into ops.landed_files
            (load_id, run_id, path, source, "table", sha256, bytes, lines, loaded, rejected, landed_at, instance,
            header, retried_load)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        [
            *(load_id, run_id, path, table.source, table.name, sha256, size),
            *(loaded + rejected, loaded, rejected, _utc(landed_at), instance, header, retried_load),
        ],
    )


def forget_rejected(connection: duckdb.DuckDBPyConnection, declarations: Declarations) -> None:
    """Forget what rejected rows held, of tables that keep them no longer."""
    for table in declarations.tables:
        if not table.keeps_rejected:
            connection.execute(
                """
                update ops.rejected_rows
                set raw_line = null, reason = coalesce(rule, 'an earlier version rejected it')
                where raw_line is not null
                    and load_id in (select load_id from ops.landed_files where source = $source and "table" = $table)
                """,
                {"source": table.source, "table": table.name},
            )


@dataclass(frozen=True)
class RejectedLoad:
    """A load of which rows were rejected that a rule may let in now.

    Attributes:
        load_id: its number.
        path: where its file lay.
        sha256: of the file.
        bytes: the size of the file.
        rows: all rows of the file, those that landed later too.
        instance: the system that wrote it, where its folder said one.
        header: what the rows alone do not tell.
        retriable: how many of its rejected rows a rule may let in.
        is_kept: whether the text of these is there.

    """

    load_id: int
    path: str
    sha256: str
    bytes: int
    rows: int
    instance: str | None
    header: str | None
    retriable: int
    is_kept: bool


def rejected_loads(connection: duckdb.DuckDBPyConnection, table: Table) -> list[RejectedLoad]:
    """Return the loads of a table that have rejected rows which could be taken apart."""
    rows = connection.execute(
        f"""
        select
            load_id,
            path,
            sha256,
            bytes,
            landed_files.lines + coalesce(later.lines, 0)::bigint as rows,
            instance,
            header,
            rejects.retriable,
            rejects.is_kept
        from ops.landed_files
        inner join (
            select load_id, count(*) as retriable, bool_and(raw_line is not null) as is_kept
            from ops.rejected_rows where {RETRIED} group by load_id
        ) as rejects using (load_id)
        left join (
            select retried_load as load_id, sum(lines) as lines from ops.landed_files group by retried_load
        ) as later using (load_id)
        where source = $source and "table" = $table
        order by load_id
        """,
        {"source": table.source, "table": table.name},
    ).fetchall()
    return [RejectedLoad(*row) for row in rows]


def give_back_rejects(connection: duckdb.DuckDBPyConnection, load_id: int, retried_load: int) -> None:
    """Give what was rejected again, as `load_id`, back to the load that it came with, in place of what was retried."""
    connection.execute(
        f"delete from ops.rejected_rows where load_id = $load_id and {RETRIED}", {"load_id": retried_load}
    )
    parameters = {"load_id": load_id, "retried_load": retried_load}
    connection.execute("update ops.rejected_rows set load_id = $retried_load where load_id = $load_id", parameters)
    left = "(select count(*) from ops.rejected_rows where load_id = $load_id)"
    connection.execute(
        f"update ops.landed_files set rejected = {left}, lines = loaded + {left} where load_id = $load_id",
        {"load_id": retried_load},
    )


def take_back(
    connection: duckdb.DuckDBPyConnection, table: Table, *, run_id: str, reset_at: datetime
) -> tuple[int, int]:
    """Take back all loads of a table, within the caller's transaction; return how many files and rows they were.

    What was built of them is built from all rows again: builds are told by numbers of loads, and rows are gone.
    """
    of_table = 'source = $source and "table" = $table'
    parameters = {"source": table.source, "table": table.name}
    row = connection.execute(
        f"select count(*) filter (where retried_load is null), sum(loaded) from ops.landed_files where {of_table}",
        parameters,
    ).fetchone() or (0, 0)
    number = next_load_id(connection)
    connection.execute(
        f"delete from ops.rejected_rows where load_id in (select load_id from ops.landed_files where {of_table})",
        parameters,
    )
    connection.execute(f"delete from ops.landed_files where {of_table}", parameters)
    connection.execute(
        "insert into ops.resets values (?, ?, ?, ?, ?)", [number, run_id, table.source, table.name, _utc(reset_at)]
    )
    for kind, schema in connection.execute(
        "select table_type, table_schema from information_schema.tables "
        "where table_catalog = current_database() and table_schema = 'raw' and table_name = $name",
        {"name": table.raw_name},
    ).fetchall():
        connection.execute(f"drop {'view' if kind == 'VIEW' else 'table'} {identifier(schema)}.{table.raw_name}")
    forget_builds(connection, f"{table.source}.{table.name}")
    return int(row[0]), int(row[1] or 0)


def forget_builds(connection: duckdb.DuckDBPyConnection, extract: str) -> None:
    """Let each incremental model that reads an extract be rebuilt: a watermark does not tell that rows are gone."""
    is_there = connection.execute(
        "select 1 from duckdb_tables() where schema_name = 'incremental' and table_name = 'reads'"
    ).fetchone()
    if is_there:
        connection.execute(
            """
            delete from incremental.builds
            where model in (select model from incremental.reads where input = $extract)
            """,
            {"extract": extract},
        )


def record_refused(
    connection: duckdb.DuckDBPyConnection, *, run_id: str, path: str, reason: str, refused_at: datetime
) -> None:
    """Write down a file that was refused."""
    connection.execute("insert into ops.refused_files values (?, ?, ?, ?)", [run_id, path, reason, _utc(refused_at)])


def sources_landed(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Return the sources that any file has ever been landed of."""
    return {source for (source,) in connection.execute("select distinct source from ops.landed_files").fetchall()}


def _utc(instant: datetime) -> datetime:
    """Return an instant as the naive UTC that the ledger holds; a naive one is UTC already."""
    return instant if instant.tzinfo is None else instant.astimezone(UTC).replace(tzinfo=None)
