"""What a table holds: a hash of each row, and from them the fingerprints of the table and of its months."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from pipelines.publish.described import PublishedTable
from pipelines.warehouse.sql import identifier

# A table with one of these has months, by which its Parquet files are cut. Dimensions change as a whole, if at all.
_DAYS = ("date_day", "period_start")
MONTH = "month"
_NO_MONTH = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True)
class Contents:
    """What a table to publish holds.

    `parts` are what Parquet has of it: the months, by the values of `month` in the path, or the whole table, as None;
    of each, its rows and fingerprint.
    """

    table: PublishedTable
    rows: int
    fingerprint: str
    parts: dict[str | None, tuple[int, str]]


def read_contents(connection: duckdb.DuckDBPyConnection, table: PublishedTable) -> Contents:
    """Count and fingerprint the rows by their hashes.

    They are combined by xor and by sum, so that the order of rows does not matter; hashes are the same within one
    version of DuckDB.
    """
    day = _day(table)
    columns = connection.execute(f"select column_name, column_type from (describe {table.relation})").fetchall()
    hash_of_row = f"hash({', '.join(identifier(column) for column, _ in columns)})"
    groups = connection.execute(
        f"""
        select strftime({MONTH}, '%Y-%m'), count(*), bit_xor(row_hash), sum(row_hash)
        from (select {first_day(table) or "null::date"} as {MONTH}, {hash_of_row} as row_hash from {table.relation})
        group by {MONTH}
        order by all
        """
    ).fetchall()

    def fingerprint(*of: object) -> str:
        return hashlib.sha256(repr((duckdb.__version__, columns, *of)).encode()).hexdigest()

    without_month = _NO_MONTH if day else None
    parts = {part or without_month: (rows, fingerprint(rows, *combined)) for part, rows, *combined in groups}
    return Contents(
        table=table,
        rows=sum(rows for rows, _ in parts.values()),
        fingerprint=fingerprint(table, groups),
        parts=parts or {None: (0, fingerprint())},
    )


def is_in_parts(table: PublishedTable, parts: Iterable[str | None]) -> str:
    """Give the condition that the row is in one of these months."""
    return " or ".join(_is_in_part(_day(table), part) for part in parts)


def first_day(table: PublishedTable) -> str | None:
    """Give the expression of the first day of a row's month; None where the table is one part."""
    day = _day(table)
    return day and f"date_trunc('month', {day})"


def _is_in_part(day: str | None, part: str | None) -> str:
    if part == _NO_MONTH:
        return f"{day} is null"
    # A date again, since a timestamp to compare with would have DuckDB read all rows that come later.
    next_month = f"cast(date '{part}-01' + interval 1 month as date)"
    return f"({day} >= date '{part}-01' and {day} < {next_month})"


def _day(table: PublishedTable) -> str | None:
    """The column whose months a table has; None where it has none."""
    columns = {name for name, _ in table.columns}
    if table.name.startswith("dim_") or MONTH in columns:  # the latter would hide the month of the path
        return None
    return next((day for day in _DAYS if day in columns), None)
