"""Quoting for SQL text that is put together. Values of a run go in as parameters instead, where SQL takes them."""

from collections.abc import Sequence
from typing import Any

import duckdb


def identifier(name: str) -> str:
    """Quote a name of a table or column."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a constant, such as a description or one of a column's legal values."""
    return "'" + text.replace("'", "''") + "'"


def insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows in one statement, since a statement a row takes a millisecond each."""
    if rows:
        row = f"({', '.join('?' * len(rows[0]))})"
        connection.execute(
            f"insert into {table} values {', '.join([row] * len(rows))}", [value for each in rows for value in each]
        )
