"""The published tables: brought out of the warehouse into a database of their own, and into Parquet."""

import contextlib
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb

from pipelines.errors import WarehouseBusy
from pipelines.publish.before import RunBefore
from pipelines.publish.contents import read_contents
from pipelines.publish.database import Database
from pipelines.publish.described import SCHEMA, PublishedTable, refuse_undescribed
from pipelines.publish.manifest import DatabaseFile, TableManifest
from pipelines.publish.parquet import write_parquet
from pipelines.resources import STORAGE, configure
from pipelines.sql import identifier, literal

_COMPUTED = "computed_view"


def write_tables(
    warehouse: Path,
    folder: Path,
    tables: Sequence[PublishedTable],
    before: RunBefore | None,
    unchanged: Collection[str] = (),
) -> tuple[DatabaseFile, dict[str, TableManifest]]:
    """Write the database and the Parquet files of all tables into `folder`.

    Those of `unchanged` tables are taken over from the run before without a look at their rows.

    Raises:
        CheckFailed: a table or column of the marts has no description, or is described but was not built.
        WarehouseBusy: another connection holds the warehouse.
        duckdb.Error: the warehouse can't be read, or the disk is full.

    """
    tables = sorted(tables, key=lambda table: table.name)
    with _open(warehouse) as connection:
        refuse_undescribed(connection, tables)
        target = "publication" if warehouse.stem != "publication" else "publication_target"
        database = Database(connection, folder, target, before)
        taken_over = {
            table.name: manifest
            for table in tables
            if before and database.goes_on and table.name in unchanged
            if (manifest := before.link_table(table.name, folder))
        }
        contents = []
        for table in tables:
            if table.name in taken_over:
                continue
            with _source(connection, warehouse, table) as source:
                contents.append(read_contents(connection, source, table))
                database.publish(source, contents[-1])
        database.drop_others({table.name for table in tables})
        database.finish()
        with ThreadPoolExecutor(1) as beside:
            file = beside.submit(database.file)
            written = write_parquet(database, contents, folder, before)
    return file.result(), dict(sorted((taken_over | written).items()))


@contextlib.contextmanager
def _open(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(config=STORAGE)
    try:
        configure(connection, spill_beside=warehouse)
        name = identifier(_database_name(warehouse))
        connection.execute(f"attach {literal(str(warehouse))} as {name} (read_only)")
        connection.execute(f"use {name}")
    except (duckdb.IOException, duckdb.BinderException) as error:
        connection.close()
        if not any(sign in str(error) for sign in ("lock", "file handle conflict")):
            raise
        raise WarehouseBusy(f"{warehouse} is held by another connection; wait for it to end.") from error
    try:
        yield connection
    finally:
        connection.close()


def _database_name(warehouse: Path) -> str:
    # The name that DuckDB gives to the file, because dbt's views call the warehouse by it.
    return warehouse.stem + ("_db" if warehouse.stem in ("main", "temp", "system") else "")


@contextlib.contextmanager
def _source(connection: duckdb.DuckDBPyConnection, warehouse: Path, table: PublishedTable) -> Iterator[str]:
    """Name the table to publish in SQL; a view is computed into a temporary table, once."""
    relation = f"{identifier(_database_name(warehouse))}.{SCHEMA}.{identifier(table.name)}"
    is_view = connection.execute(
        "select 1 from duckdb_views() where database_name = current_database() and schema_name = ? and view_name = ?",
        [SCHEMA, table.name],
    ).fetchall()
    if not is_view:
        yield relation
        return
    connection.execute(f"create or replace temp table {_COMPUTED} as from {relation}")
    yield _COMPUTED
    connection.execute(f"drop table {_COMPUTED}")
