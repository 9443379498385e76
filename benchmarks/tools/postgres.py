"""PostgreSQL, in a server of its own that ends with the measurement. It reads no Parquet, so DuckDB hands it CSV."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import psycopg

from tools.sql import AHT_SECONDS, EXTRACTS, SERVICE_LEVEL, Dialect, current, fcr_168h

_DIALECT = Dialect(
    last="(array_agg({value} order by {order} desc) filter (where {where}))[1]",
    first="(array_agg({value} order by {order}))[1]",
    has_letter="{text} ~ '[[:alpha:]]'",
)
_TYPES = {"VARCHAR": "text", "TIMESTAMP": "timestamp", "BIGINT": "bigint", "BOOLEAN": "boolean"}
_SETTINGS = {  # of a machine that does nothing else, and of data that can be read again
    "shared_buffers": "1GB",
    "work_mem": "256MB",
    "maintenance_work_mem": "256MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "8GB",
    "jit": "off",
    "listen_addresses": "",
}
_SECONDS_TO_START = 30
_ROOT = 0


def programs() -> Path | None:
    """The folder of PostgreSQL's server programs; Debian keeps them off the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    named = shutil.which("initdb")
    return found[-1].parent if found else Path(named).resolve().parent if named else None


class Tool:
    """Unlogged tables in a server that starts with the object and stops with `close`."""

    name = "PostgreSQL"

    def __init__(self, extracts: Path) -> None:
        """Start the server."""
        self._extracts = extracts
        folder = programs()
        if folder is None:
            raise FileNotFoundError("PostgreSQL's initdb is not installed.")
        # It refuses to run as root, for which Debian's package has the user postgres.
        self._user = "postgres" if os.geteuid() == _ROOT else None
        self._scratch = Path(tempfile.mkdtemp(prefix="ccw-bench-postgres-"))
        if self._user:
            shutil.chown(self._scratch, self._user)
        data = self._scratch / "data"
        self._execute([folder / "initdb", "--auth=trust", "--username=bench", "--locale=C.UTF-8", "-D", data])
        options = [option for name, value in _SETTINGS.items() for option in ("-c", f"{name}={value}")]
        self._server = subprocess.Popen(
            [folder / "postgres", "-D", data, "-k", self._scratch, *options],
            user=self._user,
            cwd=self._scratch,
            stderr=subprocess.DEVNULL,
        )
        self._connection = self._connect()

    def load(self) -> None:
        """Read the extracts through CSV; current versions only."""
        with duckdb.connect() as reader:
            for path, (columns, key) in EXTRACTS.items():
                self._load(reader, path, columns, key)

    def fcr_168h(self) -> list[tuple[Any, ...]]:
        """First-contact resolution within 7 days by day and agent."""
        return self._connection.execute(fcr_168h(_DIALECT)).fetchall()

    def service_level(self) -> list[tuple[Any, ...]]:
        """Service level by day and queue."""
        return self._connection.execute(SERVICE_LEVEL).fetchall()

    def aht_seconds(self) -> list[tuple[Any, ...]]:
        """Average handle time by day and agent."""
        return self._connection.execute(AHT_SECONDS).fetchall()

    def close(self) -> None:
        """Stop the server and remove its files."""
        self._connection.close()
        self._server.terminate()
        self._server.wait()
        shutil.rmtree(self._scratch)

    def _load(self, reader: duckdb.DuckDBPyConnection, path: str, columns: str, key: str) -> None:
        table = path.split("/")[1].removeprefix("contact_")
        source = f"read_parquet('{self._extracts / path}.parquet', file_row_number = true)"
        wanted = f"select {columns}, file_row_number as line from {source}"
        types = reader.execute(f"describe {wanted}").fetchall()
        declared = ", ".join(f"{column[0]} {_TYPES[column[1]]}" for column in types)
        self._connection.execute(f"create unlogged table raw_{table} ({declared})")
        spool = self._scratch / "spool.csv"
        reader.execute(f"copy ({wanted}) to '{spool}' (header false)")
        with (
            spool.open("rb") as file,
            self._connection.cursor().copy(f"copy raw_{table} from stdin (format csv)") as copy,
        ):
            while block := file.read(1 << 20):
                copy.write(block)
        spool.unlink()
        self._connection.execute(current(table, columns, key, f"raw_{table}").format(kind="unlogged"))
        self._connection.execute(f"drop table raw_{table}")
        self._connection.execute(f"analyze {table}")

    def _execute(self, command: Sequence[str | Path]) -> None:
        subprocess.run(command, user=self._user, cwd=self._scratch, check=True, stdout=subprocess.DEVNULL)

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        until = time.monotonic() + _SECONDS_TO_START
        while True:
            try:
                return psycopg.connect(f"host={self._scratch} user=bench dbname=postgres", autocommit=True)
            except psycopg.OperationalError:
                if self._server.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.1)
