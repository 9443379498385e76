"""Parquet files: columns that have types already."""

from glob import escape
from pathlib import Path

import duckdb

from pipelines.landing.declarations import Table
from pipelines.landing.header import match_header, undeclared, unmatched
from pipelines.landing.records import RECORDS, Records
from pipelines.landing.refusal import RefusedFile, unreadable_is_refused
from pipelines.landing.values import fits
from pipelines.warehouse.sql import identifier, literal

_FILE = "read_parquet($path, hive_partitioning = false)"  # names of folders are no columns


def read_parquet(connection: duckdb.DuckDBPyConnection, file: Path, table: Table) -> Records:
    """Read a Parquet file.

    Raises RefusedFile if it is unreadable, if its columns are unfit, or if a column has a type that can't hold
    what is declared and is not empty altogether.
    """
    parameters: dict[str, object] = {"path": escape(str(file))}
    with unreadable_is_refused("Parquet file"):
        found = dict(
            connection.execute(
                f"select column_name, column_type from (describe select * from {_FILE})",
                parameters,
            ).fetchall()
        )
        matched = match_header(table, list(found))
        types = {column: found[name] for column, name in matched.items()}
        for column in table.landed_columns:
            if column.name not in matched or fits(column, types[column.name]):
                continue
            if not _is_all_null(connection, matched[column.name], parameters):
                raise RefusedFile(
                    f"has the column {column.name} as {types[column.name]}, which is no {column.data_type}; "
                    f"write it as {column.data_type} or as text."
                )
            types[column.name] = "VARCHAR"
    columns = ", ".join(f"{identifier(name)} as {identifier(column)}" for column, name in matched.items())
    members = ", ".join(f"{literal(column)}, {identifier(column)}" for column in matched)
    values = ", ".join(
        f"nullif({identifier(column)}::VARCHAR, '') as {identifier(column)}"
        if kind in ("VARCHAR", "JSON")
        else identifier(column)
        for column, kind in types.items()
    )
    return Records(
        records=f"select file_row_number + 1 as _line, {columns} from {_FILE}",
        values=f"""
            select _line, json_object({members})::VARCHAR as _raw, null::VARCHAR as _fault, {values}
            from {RECORDS}
        """,
        parameters=parameters,
        types=types,
        undeclared=undeclared(table, list(found), matched),
        unmatched=unmatched(table, found),
    )


def _is_all_null(connection: duckdb.DuckDBPyConnection, name: str, parameters: dict[str, object]) -> bool:
    """Tell whether a column holds nothing: writers give such a column any type."""
    return not connection.execute(
        f"select 1 from {_FILE} where {identifier(name)} is not null limit 1",
        parameters,
    ).fetchone()
