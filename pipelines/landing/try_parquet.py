"""Parquet files are read in a process of their own first, since what is wrong with one may end the process or hang it.

A flipped bit in a Parquet file makes the reader crash, loop, or ask for any amount of memory; where DuckDB itself
notices, its database is of no use any more. What the trial has read to its end, landing reads again (LND-17).
"""

import json
import select
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pipelines.landing.declarations import Table
from pipelines.landing.fingerprint import opened_regular
from pipelines.landing.refusal import RefusedFile

_READER = Path(__file__).with_name("parquet_reader.py")
# A row takes at least a byte, but few rows may be packed into nothing.
_FEW_ROWS = 1_000_000

_MAGIC = b"PAR1"
_MAGIC_ENCRYPTED = b"PARE"
_LEAST_BYTES = 12

# What a file may take, besides so much for each of its bytes: a hundred megabytes take a few seconds.
_CPU_SECONDS, _CPU_SECONDS_OF_A_BYTE = 15, 0.3e-6
_WAIT_SECONDS, _WAIT_SECONDS_OF_A_BYTE = 60, 2e-6  # on a busy machine
_MEMORY_BYTES, _MEMORY_BYTES_OF_A_BYTE = 768 * 1024 * 1024, 2


class ParquetTrial:
    """The process that reads Parquet files on trial. It begins with the first file and serves all of a landing."""

    def __init__(self) -> None:
        """Begin nothing yet."""
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End the process."""
        self._end()

    @staticmethod
    def refuse_other_forms(file: Path) -> None:
        """Raise RefusedFile if a file does not begin and end as Parquet files do."""
        with opened_regular(file) as opened:
            begin = opened.read(len(_MAGIC))
            size = opened.seek(0, 2)
            opened.seek(max(size - len(_MAGIC), 0))
            end = opened.read(len(_MAGIC))
        if begin == _MAGIC_ENCRYPTED:
            raise RefusedFile("is an encrypted Parquet file; deliver it unencrypted.")
        if begin != _MAGIC:
            raise RefusedFile("is no readable Parquet file (it begins like none); deliver it again.")
        if end != _MAGIC or size < _LEAST_BYTES:
            raise RefusedFile("is no readable Parquet file (its end is missing); deliver it again.")

    def read(self, file: Path, table: Table) -> None:
        """Read the columns of a table on trial.

        Raises RefusedFile if that fails, takes too long or takes too much memory.
        """
        size = file.stat().st_size
        reply = self._ask(
            {
                "file": str(file.resolve()),
                "columns": sorted({column.name for column in table.landed_columns} | set(table.renamed)),
                "cpu_seconds": round(_CPU_SECONDS + size * _CPU_SECONDS_OF_A_BYTE),
                "memory_bytes": round(_MEMORY_BYTES + size * _MEMORY_BYTES_OF_A_BYTE),
                "max_rows": _FEW_ROWS + size,
            },
            wait_seconds=_WAIT_SECONDS + size * _WAIT_SECONDS_OF_A_BYTE,
        )
        if reply is None:
            raise RefusedFile("is no readable Parquet file (its reader crashed or hung on it); deliver it again.")
        if "refused" in reply:
            raise RefusedFile(reply["refused"])

    def _ask(self, question: dict[str, Any], wait_seconds: float) -> dict[str, Any] | None:
        """Return the answer of the process, or None if it died or was ended for its silence."""
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(question).encode() + b"\n")
            process.stdin.flush()
            if select.select([process.stdout], [], [], wait_seconds)[0] and (line := process.stdout.readline()):
                reply: dict[str, Any] = json.loads(line)
                return reply
        except BrokenPipeError:
            pass
        self._end()
        return None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(_READER)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None
