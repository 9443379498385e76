"""Tables of an extract: columns kept as compact arrays, and written by DuckDB as CSV or Parquet.

A column holds numbers only; a SQL expression turns them into what the file shows. So ten million rows take
a few hundred megabytes, and no Python string is made for any of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Self

import duckdb
import numpy as np

from simulator.arrays import NULL, Array
from simulator.clock import EPOCH

FileFormat = Literal["csv", "parquet"]
Kind = Literal["text", "integer", "number", "boolean", "date", "timestamp"]

PARQUET_TYPES: dict[Kind, str] = {
    "text": "varchar",
    "integer": "bigint",
    "number": "decimal(18, 6)",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
}


@dataclass(frozen=True)
class Column:
    """A column of a table.

    `arrays` have shape (rows,); `sql` is the value in terms of them: {0}, {1}, …
    """

    kind: Kind
    arrays: tuple[Array, ...]
    sql: str

    def take(self, rows: Array) -> Self:
        """Return the column for the rows that an index or boolean array selects."""
        return replace(self, arrays=tuple(array[rows] for array in self.arrays))

    def followed_by(self, other: Self) -> Self:
        """Return the column with the rows of another one of the same form after its own."""
        pairs = zip(self.arrays, other.arrays, strict=True)
        return replace(self, arrays=tuple(np.concatenate(pair) for pair in pairs))


def codes(positions: Array, categories: Sequence[str]) -> Column:
    """Make a text column of positions in a list of texts; NULL is empty."""
    listed = ", ".join(_literal(category) for category in categories)
    return Column("text", (positions,), f"[{listed}][nullif({{0}}, {NULL}) + 1]")


def texts(values: Sequence[str | None]) -> Column:
    """Make a text column of a small table."""
    known = sorted({value for value in values if value is not None})
    position = {value: index for index, value in enumerate(known)}
    return codes(np.array([NULL if v is None else position[v] for v in values], dtype=np.int32), known)


def ids(prefix: str, numbers: Array, width: int) -> Column:
    """Make a column of ids: a prefix and a number with leading zeros; NULL is empty."""
    return Column("text", (numbers,), f"'{prefix}' || lpad(nullif({{0}}, {NULL})::varchar, {width}, '0')")


def integers(values: Array) -> Column:
    """Make a column of whole numbers; NULL is empty."""
    return Column("integer", (values,), f"nullif({{0}}, {NULL})")


def hundredths(values: Array) -> Column:
    """Make a column of numbers with two decimals, given in hundredths; NULL is empty."""
    return Column("number", (values,), f"cast(nullif({{0}}, {NULL}) as decimal(15, 0)) * 0.01")


def booleans(values: Array) -> Column:
    """Make a column of true and false, given as 1 and 0; NULL is empty."""
    return Column("boolean", (values.astype(np.int8),), f"nullif({{0}}, {NULL})::boolean")


def instants(values: Array) -> Column:
    """Make a column of timestamps in UTC, given as seconds since EPOCH; NULL is empty."""
    offset = int(EPOCH.timestamp())
    return Column("timestamp", (values,), f"make_timestamp((nullif({{0}}, {NULL})::bigint + {offset}) * 1000000)")


def dates(values: Array) -> Column:
    """Make a column of dates, given as days since EPOCH; NULL is empty."""
    return Column("date", (values,), f"date '{EPOCH.date()}' + nullif({{0}}, {NULL})::integer")


_TAGGED = {
    *("contact_id", "own_contact_id", "related_contact_id", "issue_id", "session_id", "survey_id", "case_id"),
    *("order_id", "reversal_id", "login_id", "schedule_id", "evaluation_id", "cost_id"),
}


@dataclass(frozen=True)
class Table:
    """A table of an extract: its source, its name, and its columns in the order that the file shows them."""

    source: str
    name: str
    columns: Mapping[str, Column]
    file: str = ""
    """The name of its file without the format; the table's own if it is empty."""

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(next(iter(self.columns.values())).arrays[0])

    def take(self, rows: Array) -> Self:
        """Return the table with the rows that an index or boolean array selects."""
        return replace(self, columns={name: column.take(rows) for name, column in self.columns.items()})

    def but(self, **columns: Column) -> Self:
        """Return the table with some columns replaced by others of the same form."""
        return replace(self, columns={**self.columns, **columns})

    def followed_by(self, *others: Self) -> Self:
        """Return the table with the rows of other ones of the same form after its own."""
        columns = dict(self.columns)
        for other in others:
            columns = {name: column.followed_by(other.columns[name]) for name, column in columns.items()}
        return replace(self, columns=columns)

    def tagged(self, tag: str) -> Self:
        """Return the table with the tag before the ids of what happened; who and what there is keeps its id."""
        tagged = {
            name: replace(column, sql=f"{_literal(tag)} || ({column.sql})")
            for name, column in self.columns.items()
            if name in _TAGGED
        }
        return replace(self, columns={**self.columns, **tagged}) if tag else self

    def marked(self, *, is_deleted: bool = False) -> Self:
        """Return the table with the last column of every extract: whether the row withdraws its record."""
        return replace(
            self,
            columns={**self.columns, "is_deleted": booleans(np.full(len(self), is_deleted, dtype=np.int8))},
        )


def connect() -> duckdb.DuckDBPyConnection:
    """Open the database that writes tables: in memory, on one thread."""
    return duckdb.connect(config={"threads": 1})


def write(connection: duckdb.DuckDBPyConnection, table: Table, out: Path, file_format: FileFormat) -> None:
    """Write a table to `out/<source>/<file>.<file_format>`, its rows in the order given.

    CSV is UTF-8 with a header, its timestamps like 2026-03-02T09:15:00Z, null is empty. Parquet has the types
    of PARQUET_TYPES.
    """
    path = out / table.source / f"{table.file or table.name}.{file_format}"
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, Array] = {}
    select = []
    for number, (name, column) in enumerate(table.columns.items()):
        parts = []
        for part, array in enumerate(column.arrays):
            parts.append(f"c{number}_{part}")
            arrays[parts[-1]] = np.ascontiguousarray(array)
        select.append(f"{_shown(column, column.sql.format(*parts), file_format)} as {name}")
    options = "format csv, header true" if file_format == "csv" else "format parquet, compression snappy"
    connection.register("simulated", arrays)
    connection.execute(f"copy (select {', '.join(select)} from simulated) to {_literal(str(path))} ({options})")
    connection.unregister("simulated")


def _shown(column: Column, value: str, file_format: FileFormat) -> str:
    if file_format == "parquet":
        return f"cast({value} as {PARQUET_TYPES[column.kind]})"
    if column.kind == "timestamp":
        return f"strftime({value}, '%Y-%m-%dT%H:%M:%SZ')"
    if column.kind == "number":
        return f"cast({value} as decimal(18, 2))"
    return value


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
