"""The published database: the file in which dbt builds the marts, copied as it is."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.publish.before import published_file
from pipelines.publish.manifest import DATABASE, DatabaseFile
from pipelines.warehouse import MARTS_FILE, marts_file
from pipelines.warehouse.durable import sync
from pipelines.warehouse.resources import STORAGE, configure
from pipelines.warehouse.sql import literal
from pipelines.warehouse.trouble import in_words_of_ccw

# A file of which more is empty is written again. What a rebuilt table took is free for the next ones, and only what is
# left of that in the end stays empty.
_LARGEST_EMPTY_SHARE = 0.25

_COMPACTED = "compacted"


@contextmanager
def open_marts(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the marts of a warehouse alone, so that nobody else writes to them, and close them.

    Raises:
        WarehouseBusy: another connection holds the warehouse and with it its marts.
        WarehouseDamaged: their file is not as it was written.
        DiskFull: there is no room for what is written.
        duckdb.Error: they can't be read.

    """
    marts = marts_file(warehouse)
    connection = duckdb.connect(config=STORAGE)
    try:
        configure(connection, spill_beside=marts)
        connection.execute(f"attach {literal(str(marts))} as {MARTS_FILE}")
        connection.execute(f"use {MARTS_FILE}")
        yield connection
    except (duckdb.Error, OSError) as error:
        known = in_words_of_ccw(error, warehouse)
        if known is None:
            raise
        raise known from error
    finally:
        connection.close()


def bring_into_file(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> None:
    """Bring what was written to the open marts into their file, and the file into as little space as is sensible."""
    connection.execute(f"checkpoint {MARTS_FILE}")
    blocks, empty = connection.execute(
        "select total_blocks, free_blocks from pragma_database_size() where database_name = ?", [MARTS_FILE]
    ).fetchall()[0]
    if empty <= _LARGEST_EMPTY_SHARE * blocks:
        return
    marts = marts_file(warehouse)
    compacted = marts.with_name(f"{marts.name}.{_COMPACTED}")
    compacted.unlink(missing_ok=True)
    connection.execute(f"attach {literal(str(compacted))} as {_COMPACTED}")
    connection.execute(f"copy from database {MARTS_FILE} to {_COMPACTED}")
    connection.execute("use memory")
    connection.execute(f"detach {MARTS_FILE}")
    connection.execute(f"detach {_COMPACTED}")
    sync(compacted)
    compacted.replace(marts)
    sync(marts.parent)
    connection.execute(f"attach {literal(str(marts))} as {MARTS_FILE}")
    connection.execute(f"use {MARTS_FILE}")


def copy_database(warehouse: Path, folder: Path) -> DatabaseFile:
    """Copy the open marts, to which nothing may be written meanwhile, into the folder of a run."""
    path = folder / DATABASE
    _copy(marts_file(warehouse), path)
    sync(path)
    return DatabaseFile(**published_file(folder, path).model_dump(), duckdb_version=duckdb.__version__)


def _copy(original: Path, path: Path) -> None:
    """Copy a file inside the file system, which may let both share what neither changes; else through memory."""
    try:
        with original.open("rb") as source, path.open("wb") as target:
            while os.copy_file_range(source.fileno(), target.fileno(), original.stat().st_size):
                pass
    except (AttributeError, OSError):  # another system than Linux, or a file system that can't
        shutil.copyfile(original, path)
