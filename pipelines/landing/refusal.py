"""Files that can't be landed as a whole, and what ends the run instead."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.errors import RunnerError
from pipelines.masking import without_values
from pipelines.warehouse.trouble import is_damaged, is_disk_full


class RefusedFile(Exception):
    """One file is not landed; the message goes on from the file's path: why, and what to do."""


@contextmanager
def unreadable_is_refused(what: str) -> Iterator[None]:
    """Turn what the engine says of an unreadable file into a refusal of that file.

    Raises RefusedFile where the file is at fault; lets through what `exhausted_ends_the_run` takes.
    """
    try:
        yield
    except (
        duckdb.InvalidInputException,
        duckdb.IOException,
        duckdb.ConversionException,
        duckdb.SerializationException,
        duckdb.NotImplementedException,
    ) as error:
        if is_disk_full(error) or is_damaged(error):
            raise
        raise RefusedFile(f"is no readable {what} ({_first_line(error)}); deliver it again.") from error


@contextmanager
def unreadable_file_is_refused(file: Path, *, is_all_that_is_read: bool = False) -> Iterator[None]:
    """Turn what the system says of a file that can't be read into a refusal of that file.

    Of an error that names no file, it is told whether it is of this one. Raises RefusedFile; lets through what
    `exhausted_ends_the_run` takes, and errors of other files.
    """
    try:
        yield
    except OSError as error:
        is_of_file = is_all_that_is_read if error.filename is None else Path(error.filename) == file
        if is_disk_full(error) or not is_of_file:
            raise
        raise RefusedFile(f"can't be read: {error.strerror}; let this user read it, or deliver it again.") from error


@contextmanager
def unfit_content_is_refused() -> Iterator[None]:
    """Refuse the file at which the engine fails or runs out of memory, so that the others can land.

    Raises RefusedFile; lets through a full disk, and what says that the statement is at fault and no file.
    """
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise RefusedFile(
            "takes more memory to land than there is; raise --memory-limit, or deliver it in several files."
        ) from error
    except duckdb.DataError as error:
        if is_disk_full(error) or is_damaged(error):
            raise
        raise RefusedFile(f"holds what DuckDB can't work with ({type(error).__name__}); deliver it again.") from error


@contextmanager
def exhausted_ends_the_run() -> Iterator[None]:
    """Raise RunnerError where the disk is full or memory is exhausted: no file is at fault."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise RunnerError(f"Landing ran out of memory: {_first_line(error)}. Raise the memory limit.") from error
    except (duckdb.Error, OSError) as error:
        if not is_disk_full(error):
            raise
        raise RunnerError("The disk is full: make room beside the warehouse, then run again.") from error


def _first_line(error: Exception) -> str:
    return without_values(str(error).splitlines()[0]).rstrip(" .")
