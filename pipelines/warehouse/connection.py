"""The warehouse: one run at a time, and short-lived connections, since dbt and the checks open it too.

It is two files: the warehouse itself, and beside it the database of schema marts, which publishing copies. profiles.yml
gives both the same names for dbt.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from pipelines.errors import UsageError, WarehouseBusy
from pipelines.warehouse.resources import STORAGE, configure
from pipelines.warehouse.sql import identifier, literal
from pipelines.warehouse.trouble import in_words_of_ccw, told_apart

# The name under which the database of the marts is attached, and its only schema.
MARTS_FILE = "marts_file"
MARTS = "marts"


def marts_file(warehouse: Path) -> Path:
    """The database of schema marts."""
    return warehouse.with_name(warehouse.name + ".marts")


@contextmanager
def hold(warehouse: Path) -> Iterator[None]:
    """Keep other runs off the warehouse; the lock goes with the process, however that ends.

    Raises:
        WarehouseBusy: another run holds it.

    """
    warehouse.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(warehouse.with_name(warehouse.name + ".lock"), timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise WarehouseBusy(f"Another run holds the warehouse {warehouse}; try again when it has ended.") from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def connect(warehouse: Path, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse with the settings that all connections share, and close it.

    Its marts are read as `marts.<table>`, as if they were in the same file.

    Raises:
        WarehouseBusy: another process has it open.
        WarehouseDamaged: a file of it is not as it was written, as far as it was read.
        DiskFull: there is no room for what is written.
        UsageError: it does not exist and is only to be read, or can't be opened.

    """
    if read_only and not warehouse.is_file():
        raise UsageError(f"There is no warehouse {warehouse} yet; `ccw run` makes one.")
    with told_apart(warehouse):
        connection = _open(warehouse, read_only=read_only)
        try:
            configure(connection)
            yield connection
        finally:
            connection.close()


def _open(warehouse: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    """Open the warehouse and its marts.

    Raises:
        duckdb.Error: of the kinds that `told_apart` tells apart.
        UsageError: one of both can't be opened for another reason.

    """
    try:
        connection = duckdb.connect(str(warehouse), read_only=read_only, config=STORAGE)
        try:
            if marts_file(warehouse).is_file():
                attach_marts(connection, warehouse, read_only=read_only)
        except duckdb.Error:
            connection.close()
            raise
    except duckdb.IOException as error:
        if in_words_of_ccw(error, warehouse) is not None:
            raise
        raise UsageError(f"{warehouse}, or its marts, can't be opened as a DuckDB database: {error}") from error
    return connection


def attach_marts(connection: duckdb.DuckDBPyConnection, warehouse: Path, *, read_only: bool = False) -> None:
    """Let the connection to a warehouse read and write its marts; a file that is not there is made.

    Raises:
        duckdb.IOException: another process has the file open, or it is no DuckDB database.

    """
    connection.execute(
        f"attach if not exists {literal(str(marts_file(warehouse)))} as {MARTS_FILE}"
        + (" (read_only)" if read_only else "")
    )
    if not read_only:
        connection.execute(f"create schema if not exists {MARTS_FILE}.{MARTS}")
    built = connection.execute(
        "select current_database() from duckdb_schemas() where database_name = ? and schema_name = ?",
        [MARTS_FILE, MARTS],
    ).fetchall()
    for (database,) in built:  # none in a file that is only read and in which nothing was built
        path = literal(f"{identifier(database)}.main,{MARTS_FILE}.{MARTS}")
        connection.execute(f"set search_path = {path}")
