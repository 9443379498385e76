"""What has landed as Parquet files, one folder a load, which DuckDB and Spark read alike.

`<folder>/<source>__<table>/load=<load id>/<any>.rows.parquet`; load 0 holds no row and the declared columns. A file is
written out of sight and moved within the transaction that enters it in the ledger: a load that is not in the ledger
never was, and is removed by the next landing. No two files ever have the same path (see `new_file`).
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.errors import UsageError
from pipelines.landing.declarations import Table
from pipelines.landing.raw import number_of, other_types, qualified, raw_columns, refuse_other_types
from pipelines.landing.spool import new_file
from pipelines.warehouse.durable import sync
from pipelines.warehouse.sql import identifier, literal

_LOAD = "load="
_ROWS = "rows.parquet"
_FILES = f"*{_ROWS}"
_NO_LOAD = 0


@dataclass(frozen=True)
class LandedParquet:
    """The Parquet files of one raw table. `landed` is the folder of all of them."""

    landed: Path
    table: Table

    @property
    def folder(self) -> Path:
        """The folder of the table."""
        return self.landed.resolve() / self.table.raw_name

    def insert(
        self, connection: duckdb.DuckDBPyConnection, rows: str, parameters: dict[str, object], load_id: int
    ) -> int:
        """Write the rows of a load, a query, as its files, durably; return how many there are."""
        return self._write(connection, f"({rows})", load_id, parameters)

    def rows_of(self, load_id: int) -> str:
        """Name the rows of a load that were inserted, in SQL."""
        return f"read_parquet({literal(str(self._load(load_id) / _FILES))}, hive_partitioning = false)"

    def move_from_table(self, connection: duckdb.DuckDBPyConnection, loads: set[int]) -> None:
        """Write the loads that landed in the raw table as files, and drop the table."""
        for load_id in sorted(loads):
            self._write(connection, f"{qualified(self.table)} where _load_id = {load_id}", load_id)
        connection.execute(f"drop table {qualified(self.table)}")

    def create_view(self, connection: duckdb.DuckDBPyConnection, loads: set[int]) -> None:
        """Make the raw table a view of the files. `loads` are those in the ledger.

        Raises:
            UsageError: a column of a row that landed has another type than is declared now.

        """
        columns = raw_columns(self.table)
        files = (
            f"read_parquet({literal(str(self.folder / f'{_LOAD}*' / _FILES))}, union_by_name = true, "
            "hive_partitioning = false)"
        )
        landed = self._landed_types(connection, files) if self._load(_NO_LOAD).exists() else {}
        outdated = {_NO_LOAD} if landed.keys() != columns.keys() else set()
        if other_types(self.table, landed):
            if connection.execute(f"select 1 from {files} limit 1").fetchone():
                refuse_other_types(self.table, landed)
            outdated = {_NO_LOAD, *loads}
        nothing = ", ".join(f"null::{kind} as {identifier(name)}" for name, kind in columns.items())
        for load_id in sorted(outdated):
            self._write(connection, f"(select {nothing}) where false", load_id)
        names = ", ".join(map(identifier, columns))
        connection.execute(f"create or replace view {qualified(self.table)} as select {names} from {files}")

    @staticmethod
    def _landed_types(connection: duckdb.DuckDBPyConnection, files: str) -> dict[str, str]:
        return {name: kind for name, kind, *_ in connection.execute(f"describe select * from {files}").fetchall()}

    def remove(self) -> None:
        """Remove all files of the table."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def remove_load(self, load_id: int) -> None:
        """Remove the files of a load, if it has any, finished or not."""
        for folder in (self._load(load_id), self._partial(load_id)):
            shutil.rmtree(folder, ignore_errors=True)

    def clear_leftovers(self, loads: set[int]) -> None:
        """Remove the files of loads that never were. `loads` are those in the ledger.

        Raises:
            UsageError: the files of a load that is in the ledger are gone.

        """
        self.folder.mkdir(parents=True, exist_ok=True)
        kept = {f"{_LOAD}{load_id}" for load_id in (*loads, _NO_LOAD)}
        for path in self.folder.iterdir():
            if path.name not in kept:
                shutil.rmtree(path)
        for load_id in sorted(loads):
            if not any(self._load(load_id).glob(_FILES)):
                raise UsageError(
                    f"The file {_FILES} in {self._load(load_id)} is gone, which landed as load {load_id}: put it back, "
                    f"or land the table anew with `ccw land --reset {self.table.source}.{self.table.name}`."
                )

    def _load(self, load_id: int) -> Path:
        return self.folder / f"{_LOAD}{load_id}"

    def _partial(self, load_id: int) -> Path:
        return self.folder / f".{load_id}.partial"

    def _write(
        self,
        connection: duckdb.DuckDBPyConnection,
        rows: str,
        load_id: int,
        parameters: dict[str, object] | None = None,
    ) -> int:
        partial = self._partial(load_id)
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        columns = ", ".join(
            f"{identifier(name)}::{kind} as {identifier(name)}" for name, kind in raw_columns(self.table).items()
        )
        file = new_file(partial, _ROWS)
        written = number_of(
            connection,
            f"copy (select {columns} from {rows}) to {literal(str(file))} (format parquet, compression zstd)",
            parameters or {},
        )
        sync(file)
        sync(partial)
        shutil.rmtree(self._load(load_id), ignore_errors=True)  # 0, or one whose run died before the ledger had it
        partial.rename(self._load(load_id))
        sync(self.folder)
        return written
