"""What a table holds: a hash of each row, and from them the fingerprints of the table and of its months."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass

import duckdb

from pipelines.publish.described import PublishedTable
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

    `parts` are the months, by the values of `month` in the path, or the whole table, as None; of each, its rows
    and fingerprint. Rows that Parquet leaves out are in no part.
    """

    table: PublishedTable
    rows: int
    fingerprint: str
    parts: dict[str | None, tuple[int, str]]


def hash_rows(
    connection: duckdb.DuckDBPyConnection, relation: str, table: PublishedTable, hashes: str, where: str = "true"
) -> None:
    """Make the temporary table `hashes`: of each row its rowid, 64-bit hash and month, and whether Parquet has it.

    `where` selects rows by the last two, as `is_outside` does.
    """
    columns = ", ".join(identifier(column) for column, _ in _columns(connection, relation))
    day = _day(table)
    connection.execute(
        f"""
        create or replace temp table {hashes} as
        select *
        from (
            select
                rowid as row_id,
                hash({columns}) as row_hash,
                {f"date_trunc('month', {day})" if day else "null::date"} as {MONTH},
                {is_in_parquet(table)} as is_in_parquet
            from {relation}
        )
        where {where}
        """
    )


def read_contents(connection: duckdb.DuckDBPyConnection, relation: str, table: PublishedTable, hashes: str) -> Contents:
    """Count and fingerprint the rows by their hashes.

    They are combined by xor and by sum, so that the order of rows does not matter; hashes are the same within one
    version of DuckDB.
    """
    groups = connection.execute(
        f"""
        select strftime({MONTH}, '%Y-%m'), is_in_parquet, count(*), bit_xor(row_hash), sum(row_hash)
        from {hashes}
        group by {MONTH}, is_in_parquet
        order by all
        """
    ).fetchall()
    columns = _columns(connection, relation)

    def fingerprint(*of: object) -> str:
        return hashlib.sha256(repr((duckdb.__version__, columns, *of)).encode()).hexdigest()

    without_month = _NO_MONTH if _day(table) else None
    parts = {
        part or without_month: (rows, fingerprint(table.key, rows, *combined))
        for part, kept, rows, *combined in groups
        if kept
    }
    return Contents(
        table=table,
        rows=sum(group[2] for group in groups),
        fingerprint=fingerprint(table, groups),
        parts=parts or {None: (0, fingerprint(table.key))},
    )


def is_outside(parts: Collection[str | None]) -> str:
    """Give the condition on hashed rows that they are in none of these parts."""
    months = ", ".join(f"date '{part}-01'" for part in parts if part not in {None, _NO_MONTH})
    return f"not (is_in_parquet and {MONTH} is not null and {MONTH} in ({months}))" if months else "true"


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
    """Give the condition that the row is in a part."""
    if part is None:
        return "true"
    if part == _NO_MONTH:
        return f"{_day(table)} is null"
    return f"{_day(table)} >= date '{part}-01' and {_day(table)} < date '{part}-01' + interval 1 month"


def _columns(connection: duckdb.DuckDBPyConnection, relation: str) -> list[tuple[str, str]]:
    return [column[:2] for column in connection.execute(f"describe {relation}").fetchall()]


def _day(table: PublishedTable) -> str | None:
    """The column whose months a table has; None where it has none."""
    columns = {name for name, _ in table.columns}
    if table.name.startswith("dim_") or MONTH in columns:  # the latter would hide the month of the path
        return None
    return next((day for day in _DAYS if day in columns), None)
