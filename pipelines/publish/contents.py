"""What a table holds: a hash of each row, and from them the fingerprints of the table and of its months."""

import hashlib
from dataclasses import dataclass

import duckdb

from pipelines.publish.described import PublishedTable
from pipelines.publish.manifest import Rows
from pipelines.sql import identifier

# marts.md: in Parquet, agents have no day rows.
_NOT_IN_PARQUET = {"kpi_values": "level = 'agent' and period_grain = 'day'"}

# A table with one of these has months, by which it is ordered and its Parquet files are cut. Dimensions change as a
# whole, if they change.
_DAYS = ("date_day", "period_start")
MONTH = "month"
_NO_MONTH = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True)
class Contents:
    """What a table to publish holds.

    `months` are the rows of each month, those without one under a name of their own, as all are of a table without
    months. `parts` are what Parquet has of it: the months, by the values of `month` in the path, or the whole table, as
    None; of each, its rows and fingerprint.
    """

    table: PublishedTable
    rows: int
    fingerprint: str
    months: dict[str, Rows]
    parts: dict[str | None, tuple[int, str]]


def read_contents(connection: duckdb.DuckDBPyConnection, relation: str, table: PublishedTable) -> Contents:
    """Count and fingerprint the rows by their hashes.

    They are combined by xor and by sum, so that the order of rows does not matter; hashes are the same within one
    version of DuckDB.
    """
    day = _day(table)
    groups = connection.execute(
        f"""
        select strftime({MONTH}, '%Y-%m'), is_in_parquet, count(*), bit_xor(row_hash), sum(row_hash)
        from (
            select
                {f"date_trunc('month', {day})" if day else "null::date"} as {MONTH},
                {is_in_parquet(table)} as is_in_parquet,
                {hash_of_row(connection, relation)} as row_hash
            from {relation}
        )
        group by {MONTH}, is_in_parquet
        order by all
        """
    ).fetchall()
    columns = _columns(connection, relation)

    def fingerprint(*of: object) -> str:
        return hashlib.sha256(repr((duckdb.__version__, columns, *of)).encode()).hexdigest()

    without_month = _NO_MONTH if day else None
    parts = {
        part or without_month: (rows, fingerprint(table.key, rows, *combined))
        for part, kept, rows, *combined in groups
        if kept
    }
    months: dict[str, Rows] = {}
    for part, _, rows, hash_xor, hash_sum in groups:
        month = months.setdefault(part or _NO_MONTH, Rows(rows=0, hash_xor=0, hash_sum=0))
        month.rows += rows
        month.hash_xor ^= hash_xor
        month.hash_sum += hash_sum
    return Contents(
        table=table,
        rows=sum(group[2] for group in groups),
        fingerprint=fingerprint(table, groups),
        months=months,
        parts=parts or {None: (0, fingerprint(table.key))},
    )


def hash_of_row(connection: duckdb.DuckDBPyConnection, relation: str) -> str:
    """Give the expression of a row's 64-bit hash."""
    return f"hash({', '.join(identifier(column) for column, _ in _columns(connection, relation))})"


def order(table: PublishedTable) -> str:
    """The order of a table's rows: by month, which is what readers ask for, and by key."""
    day = _day(table)
    return ", ".join([*([f"date_trunc('month', {day})"] if day else []), order_by_key(table)])


def order_by_key(table: PublishedTable) -> str:
    """The order of rows in a month."""
    return ", ".join(map(identifier, table.key or [name for name, _ in table.columns]))


def is_in_parquet(table: PublishedTable) -> str:
    """Give the condition that Parquet has the row."""
    return f"not coalesce({_NOT_IN_PARQUET.get(table.name, 'false')}, false)"


def is_in_part(table: PublishedTable, part: str | None) -> str:
    """Give the condition that the row is in a part, or month."""
    day = _day(table)
    if part is None or day is None:
        return "true"
    if part == _NO_MONTH:
        return f"{day} is null"
    # A date again, since a timestamp to compare with would have DuckDB read all rows that come later.
    next_month = f"cast(date '{part}-01' + interval 1 month as date)"
    return f"({day} >= date '{part}-01' and {day} < {next_month})"


def _columns(connection: duckdb.DuckDBPyConnection, relation: str) -> list[tuple[str, str]]:
    return [column[:2] for column in connection.execute(f"describe {relation}").fetchall()]


def _day(table: PublishedTable) -> str | None:
    """The column whose months a table has; None where it has none."""
    columns = {name for name, _ in table.columns}
    if table.name.startswith("dim_") or MONTH in columns:  # the latter would hide the month of the path
        return None
    return next((day for day in _DAYS if day in columns), None)
