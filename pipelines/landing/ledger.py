"""Where landing keeps its books: the raw tables, the ledger of files, and what was rejected or refused."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb

from pipelines.errors import UsageError
from pipelines.landing.declarations import Declarations, Table
from pipelines.landing.landed_parquet import LandedParquet
from pipelines.landing.raw import qualified, raw_columns, refuse_other_types
from pipelines.warehouse.sql import identifier, literal

_LEDGER = (
    "create schema if not exists raw",
    "create schema if not exists ops",
    """
    create table if not exists ops.landed_files (
        load_id BIGINT not null, run_id VARCHAR not null, path VARCHAR not null, source VARCHAR not null,
        "table" VARCHAR not null, sha256 VARCHAR not null, bytes BIGINT not null, lines BIGINT not null,
        loaded BIGINT not null, rejected BIGINT not null, landed_at TIMESTAMP not null
    )
    """,
    """
    create table if not exists ops.rejected_rows (
        load_id BIGINT not null, path VARCHAR not null, line BIGINT not null, raw_line VARCHAR, "column" VARCHAR,
        reason VARCHAR not null
    )
    """,
    """
    create table if not exists ops.refused_files (
        run_id VARCHAR not null, path VARCHAR not null, reason VARCHAR not null, refused_at TIMESTAMP not null
    )
    """,
)

_RAW_VIEWS = """
    select view_name from duckdb_views() where schema_name = 'raw' and database_name = current_database()
"""


def create_raw_tables(
    connection: duckdb.DuckDBPyConnection, declarations: Declarations, landed: Path | None = None
) -> None:
    """Create schemas raw and ops, the ledger and every declared raw table where they are missing.

    With `landed` the raw tables are views of the Parquet files in that folder, and what landed into tables before
    moves there. A column that was declared since is added to what is there. Raises UsageError if one has been given
    another type, as what has landed of it was checked against the old one, or if files that landed are gone.
    """
    for statement in _LEDGER:
        connection.execute(statement)
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
            parquet.create_view(connection)
    if landed is not None:
        export_ledger(connection, landed)


def export_ledger(connection: duckdb.DuckDBPyConnection, landed: Path) -> None:
    """Write the ledger beside the landed Parquet files, for engines that can't read this database."""
    folder = landed / "landed_files"
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / ".landed_files.partial"
    connection.execute(f"copy ops.landed_files to {literal(str(partial))} (format parquet)")
    partial.replace(folder / "landed_files.parquet")


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
    if not there:
        definition = ", ".join(f"{identifier(name)} {sql_type}" for name, sql_type in wanted.items())
        connection.execute(f"create table {qualified(table)} ({definition})")
        return
    refuse_other_types(table, there)
    for name, sql_type in wanted.items():
        if name not in there:
            connection.execute(f"alter table {qualified(table)} add column {identifier(name)} {sql_type}")


def load_of(connection: duckdb.DuckDBPyConnection, table: Table, sha256: str) -> tuple[int, str] | None:
    """Return the load id and the path under which this content was landed for this table, if it was."""
    return connection.execute(
        """
        select load_id, path from ops.landed_files
        where source = $source and "table" = $table and sha256 = $sha256
        order by load_id limit 1
        """,
        {"source": table.source, "table": table.name, "sha256": sha256},
    ).fetchone()


def next_load_id(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the id for the next load: ids ascend in the order of landing."""
    row = connection.execute("select coalesce(max(load_id), 0) + 1 from ops.landed_files").fetchone()
    return int(row[0]) if row else 1


def record_landed(
    connection: duckdb.DuckDBPyConnection,
    *,
    load_id: int,
    run_id: str,
    path: str,
    table: Table,
    sha256: str,
    size: int,
    loaded: int,
    rejected: int,
    landed_at: datetime,
) -> None:
    """Write a landed file into the ledger; `size` is in bytes."""
    lines = loaded + rejected
    connection.execute(
        "insert into ops.landed_files values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            *(load_id, run_id, path, table.source, table.name, sha256, size),
            *(lines, loaded, rejected, _utc(landed_at)),
        ],
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
