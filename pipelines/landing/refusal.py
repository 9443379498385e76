"""A file that can't be landed as a whole, and how errors of the reading library become one."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from pipelines.errors import RunnerError


class RefusedFile(Exception):  # noqa: N818 - it is an outcome that is reported, not a fault of the program
    """One file is not landed; the message is a sentence about the file that says why and what to do."""


@contextmanager
def unreadable_is_refused(what: str) -> Iterator[None]:
    """Turn what the library says of an unreadable file into a refusal of that file.

    Raises RefusedFile where the file is at fault. A full disk or exhausted memory is not the file's fault: it
    raises RunnerError, which ends the run.
    """
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise RunnerError(f"There is too little memory to land it: {_first_line(error)}") from error
    except (
        duckdb.InvalidInputException,
        duckdb.IOException,
        duckdb.ConversionException,
        duckdb.SerializationException,
        duckdb.NotImplementedException,
    ) as error:
        if "No space left" in str(error):
            raise RunnerError("The disk is full: make room beside the warehouse and run again.") from error
        raise RefusedFile(f"is no readable {what}: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(" .")
