"""The warehouse file: one run at a time, and short-lived connections, since dbt and the checks open it too."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from pipelines.errors import UsageError, WarehouseBusy
from pipelines.resources import STORAGE, configure


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

    Raises:
        WarehouseBusy: another process has it open.
        UsageError: it does not exist and is only to be read, or is no DuckDB database.

    """
    if read_only and not warehouse.is_file():
        raise UsageError(f"There is no warehouse {warehouse} yet; `ccw run` makes one.")
    try:
        connection = duckdb.connect(str(warehouse), read_only=read_only, config=STORAGE)
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            raise WarehouseBusy(
                f"Another process has the warehouse {warehouse} open; close it and try again."
            ) from error
        raise UsageError(f"{warehouse} can't be opened as a DuckDB database: {error}") from error
    try:
        configure(connection)
        yield connection
    finally:
        connection.close()
