"""What DuckDB and the system say when no setting and no extract is at fault, told apart and put into words."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.errors import DiskFull, RunnerError, WarehouseBusy, WarehouseDamaged
from pipelines.warehouse.sql import identifier

# What DuckDB says of a file of its own that is not as it wrote it. After the first such error it lets nobody in.
_DAMAGED = (
    "Corrupt database file",
    "is not a valid DuckDB database file",
    "database has been invalidated",
    "Failed to load metadata pointer",
    "Failure while replaying WAL",
)
_HELD = ("Could not set lock on file", "Conflicting lock", "file handle conflict", "being used by another process")


@contextmanager
def told_apart(warehouse: Path) -> Iterator[None]:
    """Put what happens to the files of a warehouse into words.

    Raises:
        WarehouseBusy: another process has it open.
        WarehouseDamaged: a file of it is not as it was written.
        DiskFull: there is no room for what has to be written.

    """
    try:
        yield
    except (duckdb.Error, OSError) as error:
        known = in_words_of_ccw(error, warehouse)
        if known is None:
            raise
        raise known from error


def in_words_of_ccw(error: Exception | str, warehouse: Path) -> RunnerError | None:
    """Give the error that says what to do about what DuckDB, or dbt for it, says; None where it is something else."""
    text = str(error)
    if is_disk_full(error):
        return DiskFull(
            f"The disk is full: make room where the warehouse {warehouse} and what is published are, then run again. "
            "What was published stays."
        )
    if any(sign in text for sign in _HELD):
        return WarehouseBusy(f"Another process has the warehouse {warehouse} open; close it and try again.")
    if is_damaged(text) or f'Could not read enough bytes from file "{warehouse}' in text:
        return which_is_damaged(warehouse)
    return None


def is_damaged(error: Exception | str) -> bool:
    """Whether DuckDB found a file of its own that is not as it wrote it."""
    return any(sign in str(error) for sign in _DAMAGED)


def is_disk_full(error: Exception | str) -> bool:
    """Whether there was no room for what had to be written."""
    is_of_system = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    return is_of_system or "No space left" in str(error) or "Disk quota exceeded" in str(error)


def which_is_damaged(warehouse: Path) -> WarehouseDamaged:
    """Say which of the two files of a warehouse is damaged, and what to do.

    A file that this process has open still can't be looked at, and counts as whole.
    """
    marts = warehouse.with_name(f"{warehouse.name}.marts")
    if _is_readable(warehouse) and not _is_readable(marts):
        return WarehouseDamaged(
            f"The marts of the warehouse, {marts}, are damaged. All that landed is whole: remove that file, then "
            "`ccw run --full-refresh` builds the marts anew. What was published stays."
        )
    return WarehouseDamaged(
        f"The warehouse {warehouse} is damaged, or no DuckDB database: a part of the file is not as ccw wrote it. Put "
        f"it and {marts} back from a backup. Without one, move both away: `ccw run` with the same options then lands "
        "all extract files anew, and takes up what landed as Parquet. What was published stays."
    )


def _is_readable(database: Path) -> bool:
    """Whether a database, if it is there, opens and all of its tables can be read."""
    if not database.is_file():
        return True
    try:
        with duckdb.connect(str(database), read_only=True) as connection:
            tables = connection.execute(
                "select schema_name, table_name from duckdb_tables() where not internal"
            ).fetchall()
            for schema, table in tables:
                name = f"{identifier(schema)}.{identifier(table)}"
                connection.execute(f"select sum(hash(t)) from {name} as t").fetchall()
    except (duckdb.ConnectionException, duckdb.BinderException):  # this process has it open
        return True
    except duckdb.Error as error:
        return any(sign in str(error) for sign in _HELD)
    return True
