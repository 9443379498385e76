"""What has landed as Parquet files, one folder a load, which DuckDB and Spark read alike.

`<folder>/<source>__<table>/load=<load id>/rows.parquet`; load 0 holds no row and the declared columns. A file is
written out of sight and renamed within the transaction that enters it in the ledger: a load that is not in the ledger
never was, and is removed by the next landing.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.errors import UsageError
from pipelines.landing.declarations import Table
from pipelines.landing.raw import number_of, qualified, raw_columns, refuse_other_types
from pipelines.warehouse.durable import sync
from pipelines.warehouse.sql import identifier, literal

_LOAD = "load="
_ROWS = "rows.parquet"
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
        return f"read_parquet({literal(str(self._load(load_id) / _ROWS))}, hive_partitioning = false)"

    def move_from_table(self, connection: duckdb.DuckDBPyConnection, loads: set[int]) -> None:
        """Write the loads that landed in the raw table as files, and drop the table."""
        for load_id in sorted(loads):
            self._write(connection, f"{qualified(self.table)} where _load_id = {load_id}", load_id)
        connection.execute(f"drop table {qualified(self.table)}")

    def create_view(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make the raw table a view of the files.

        Raises:
            UsageError: a column has landed with another type than is declared now.

        """
        columns = raw_columns(self.table)
        files = (
            f"read_parquet({literal(str(self.folder / f'{_LOAD}*' / _ROWS))}, union_by_name = true, "
            "hive_partitioning = false)"
        )
        if self._load(_NO_LOAD).exists():
            landed = connection.execute(f"describe select * from {files}").fetchall()
            refuse_other_types(self.table, {name: kind for name, kind, *_ in landed})
        nothing = ", ".join(f"null::{kind} as {identifier(name)}" for name, kind in columns.items())
        self._write(connection, f"(select {nothing}) where false", _NO_LOAD)
        names = ", ".join(map(identifier, columns))
        connection.execute(f"create or replace view {qualified(self.table)} as select {names} from {files}")

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
            if not (self._load(load_id) / _ROWS).is_file():
                raise UsageError(
                    f"{self._load(load_id) / _ROWS} is gone, which landed as load {load_id}: put it back, or land into "
                    "a new warehouse."
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
        file = literal(str(partial / _ROWS))
        written = number_of(
            connection,
            f"copy (select {columns} from {rows}) to {file} (format parquet, compression zstd)",
            parameters or {},
        )
        sync(partial / _ROWS)
        sync(partial)
        shutil.rmtree(self._load(load_id), ignore_errors=True)  # 0, or one whose run died before the ledger had it
        partial.rename(self._load(load_id))
        sync(self.folder)
        return written
