"""The raw tables: their names, columns and types, whether they are tables or views of Parquet files."""

from dataclasses import dataclass
from typing import Protocol

import duckdb

from pipelines.errors import UsageError
from pipelines.landing.declarations import Table
from pipelines.landing.values import SQL_TYPES
from pipelines.warehouse.sql import identifier


def raw_columns(table: Table) -> dict[str, str]:
    """Return the columns of a raw table and their SQL types."""
    columns = {column.name: SQL_TYPES[column.data_type] for column in table.landed_columns}
    return {**columns, "_load_id": "BIGINT", "_line": "BIGINT", "_instance": "VARCHAR"}


def compression_of(table: Table, name: str) -> str:
    """Return SQL for how a column is packed: the engine looks long for a way to pack documents, this one is good."""
    is_whole = any(column.name == name and column.whole for column in table.columns)
    return " using compression zstd" if is_whole else ""


def qualified(table: Table) -> str:
    """Return the quoted name of a raw table with its schema."""
    return f"raw.{identifier(table.raw_name)}"


def other_types(table: Table, there: dict[str, str]) -> list[str]:
    """Return the columns that are there with another type than is declared now; `there` has their types."""
    return [
        name
        for name, sql_type in raw_columns(table).items()
        if name in there and there[name].replace(" ", "") != sql_type.replace(" ", "")
    ]


def refuse_other_types(table: Table, there: dict[str, str]) -> None:
    """Raise UsageError if a column that has landed, with its type in `there`, is declared as another type now."""
    for name in other_types(table, there):
        raise UsageError(
            f"raw.{table.raw_name} has the column {name} as {there[name]}, but {raw_columns(table)[name]} is declared "
            f"now: `ccw land --reset {table.source}.{table.name}` takes back what has landed of it and lands it anew."
        )


class RawRows(Protocol):
    """Where the rows of loads go: a raw table, or the Parquet files that it is a view of."""

    def insert(
        self, connection: duckdb.DuckDBPyConnection, rows: str, parameters: dict[str, object], load_id: int
    ) -> int:
        """Insert the rows of a load, a query with the columns of the raw table; return how many there are."""

    def rows_of(self, load_id: int) -> str:
        """Name the rows of a load that were inserted, in SQL."""


@dataclass(frozen=True)
class RawTable:
    """A raw table of the warehouse."""

    table: Table

    def insert(
        self, connection: duckdb.DuckDBPyConnection, rows: str, parameters: dict[str, object], load_id: int
    ) -> int:
        """Insert the rows of a load, a query with the columns of the raw table; return how many there are."""
        del load_id  # it is in the rows
        names = ", ".join(map(identifier, raw_columns(self.table)))
        return number_of(
            connection, f"insert into {qualified(self.table)} ({names}) select {names} from ({rows})", parameters
        )

    def rows_of(self, load_id: int) -> str:
        """Name the rows of a load that were inserted, in SQL."""
        return f"(select * from {qualified(self.table)} where _load_id = {load_id})"


def number_of(connection: duckdb.DuckDBPyConnection, statement: str, parameters: dict[str, object]) -> int:
    """Run a statement and return the number that it answers: rows inserted or written, or a count."""
    row = connection.execute(statement, parameters).fetchone()
    return int(row[0]) if row else 0
