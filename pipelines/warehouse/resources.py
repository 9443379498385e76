"""What DuckDB may use of the machine: the same for landing, checks, dbt (through its plugin) and publishing.

Each is an option of `ccw run` and an environment variable, which is where all of them read it, so that a bare
`dbt build` obeys it too.
"""

import os
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from pipelines.errors import UsageError

THREADS = "CCW_THREADS"
MEMORY_LIMIT = "CCW_MEMORY_LIMIT"
TEMP_DIRECTORY = "CCW_TEMP_DIRECTORY"
PRESERVE_INSERTION_ORDER = "CCW_PRESERVE_INSERTION_ORDER"

# How new database files store their tables, said when one is opened. Strings, which are most of what there is to
# compress, are written in three quarters of the time that DuckDB's default takes, that of 1.0.
STORAGE: dict[str, Any] = {"storage_compatibility_version": "v1.3.0"}

# DuckDB takes 80 % of what the machine or the container has. dbt and the checks live in the same process, so that
# they and the system need a part of it: DuckDB gets at most three quarters of that, 60 % of the memory. Nor does it
# get more than it asks for where much is joined, 3 GiB for each thread: what it may take, it fills with pages read.
# A large file needs more: rows of which one near them was ever deleted hold 8 bytes each in memory, for as long as the
# database is open, and a day deletes some nearly everywhere. So it gets as much as the file has when it is opened.
_SHARE_OF_DUCKDBS_DEFAULT = 0.75
_BYTES_OF_A_THREAD = 3 * 2**30

_UNITS = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}


def use(
    *,
    threads: int | None = None,
    memory_limit: str | None = None,
    temp_directory: Path | None = None,
    preserve_insertion_order: bool | None = None,
) -> None:
    """Let this process use what the user says, and for the rest what the environment says or `configure` chooses.

    Raises:
        UsageError: a setting is not legal.

    """
    given = {
        THREADS: threads,
        MEMORY_LIMIT: memory_limit,
        TEMP_DIRECTORY: temp_directory.resolve() if temp_directory else None,
        PRESERVE_INSERTION_ORDER: preserve_insertion_order,
    }
    os.environ.update({name: str(value) for name, value in given.items() if value is not None})
    try:
        with duckdb.connect() as connection:
            configure(connection, row_order_matters=False)
        if temp_directory:
            temp_directory.mkdir(parents=True, exist_ok=True)
    except (duckdb.Error, OSError) as error:
        raise UsageError(
            "--threads must be a whole number from 1, --memory-limit one such as 4GB, and --temp-directory a folder "
            f"that can be written to: {error}"
        ) from error


def threads() -> int:
    """Threads to use: what the user says, else the cores that this process may use."""
    return int(os.environ.get(THREADS) or _machine()[0])


def configure(
    connection: duckdb.DuckDBPyConnection, *, row_order_matters: bool = True, spill_beside: Path | None = None
) -> None:
    """Set what the connection's database may use, and UTC as the time zone of its sessions.

    Models are sets of rows, so the user may let DuckDB order them as it likes, which takes less memory; lines of
    extracts and published files have an order. A connection to a file spills beside it by itself; one in memory is
    told by `spill_beside` which file it works for.
    """
    settings = {
        "TimeZone": "UTC",
        "threads": str(threads()),
        "memory_limit": os.environ.get(MEMORY_LIMIT) or _memory(connection),
        # Blocks that are let go are used again: to give them back to the system and ask for others takes time. What is
        # no block needs a part of the memory too.
        "block_allocator_memory": "80%",
        # It tells files apart by path, size and second of writing: one that is written anew could be read as it was.
        "enable_external_file_cache": "false",
        "preserve_insertion_order": "true" if row_order_matters else os.environ.get(PRESERVE_INSERTION_ORDER) or "true",
    }
    if chosen := os.environ.get(TEMP_DIRECTORY):
        settings["temp_directory"] = chosen
    elif spill_beside:
        settings["temp_directory"] = f"{spill_beside}.tmp"
    for name, value in settings.items():
        connection.execute(f"set {name} = ?", [value])


def _memory(connection: duckdb.DuckDBPyConnection) -> str:
    """Memory for DuckDB where the user does not say."""
    path = connection.execute(
        "select path from duckdb_databases() where database_name = current_database()"
    ).fetchall()[0][0]
    asked = max(threads() * _BYTES_OF_A_THREAD, _bytes_at_first(path) if path else 0)
    return f"{min(int(_machine()[1] * _SHARE_OF_DUCKDBS_DEFAULT), asked)} B"


@cache
def _bytes_at_first(path: str) -> int:
    """Size of a database file when this process first opened it: of blocks to keep, DuckDB can't be told fewer."""
    return Path(path).stat().st_size


@cache
def _machine() -> tuple[int, float]:
    """Cores and bytes for DuckDB, which knows the limits of a container, but not the cores of a process."""
    with duckdb.connect() as connection:
        cores, memory = connection.execute(
            "select current_setting('threads')::integer, current_setting('memory_limit')"
        ).fetchall()[0]
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else cores
    number, unit = memory.split()
    return min(cores, allowed), float(number) * _UNITS[unit]
