"""The published tables: a copy of the database that dbt built them in, and Parquet files."""

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pipelines.publish.before import RunBefore
from pipelines.publish.contents import read_contents
from pipelines.publish.database import bring_into_file, copy_database, open_marts
from pipelines.publish.described import PublishedTable, describe
from pipelines.publish.manifest import DatabaseFile, TableManifest
from pipelines.publish.parquet import write_parquet


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
        WarehouseBusy: another connection holds the warehouse and with it its marts.
        duckdb.Error: the marts can't be read, or the disk is full.

    """
    tables = sorted(tables, key=lambda table: table.name)
    with open_marts(warehouse) as connection, ThreadPoolExecutor(1) as beside:
        describe(connection, tables)
        taken_over = {
            table.name: manifest
            for table in tables
            if before and table.name in unchanged
            if (manifest := before.link_table(table.name, folder))
        }
        contents = [read_contents(connection, table) for table in tables if table.name not in taken_over]
        bring_into_file(connection, warehouse)
        fingerprints = {name: manifest.fingerprint for name, manifest in taken_over.items()}
        fingerprints |= {of.table.name: of.fingerprint for of in contents}
        database = beside.submit(_link_or_copy_database, warehouse, folder, fingerprints, before)
        written = write_parquet(connection, contents, folder, before)
    return database.result(), dict(sorted((taken_over | written).items()))


def _link_or_copy_database(
    warehouse: Path, folder: Path, fingerprints: Mapping[str, str], before: RunBefore | None
) -> DatabaseFile:
    linked = before.link_database(fingerprints, folder) if before else None
    return linked or copy_database(warehouse, folder)
