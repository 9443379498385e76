"""Parquet files: columns that have types already."""

from glob import escape
from pathlib import Path

import duckdb

from pipelines.declarations import Table
from pipelines.landing.header import match_header, undeclared
from pipelines.landing.records import Records
from pipelines.landing.refusal import RefusedFile, unreadable_is_refused
from pipelines.landing.sql import identifier
from pipelines.landing.values import fits


def read_parquet(connection: duckdb.DuckDBPyConnection, file: Path, table: Table) -> Records:
    """Read a Parquet file.

    Raises RefusedFile if it is unreadable, if its columns are unfit, or if a column has a type that can't hold
    what is declared and is not empty altogether.
    """
    parameters: dict[str, object] = {"path": escape(str(file))}
    with unreadable_is_refused("Parquet file"):
        found = dict(
            connection.execute(
                "select column_name, column_type from (describe select * from read_parquet($path))", parameters
            ).fetchall()
        )
        matched = match_header(table, list(found))
        types, values = {}, ""
        for column in table.landed_columns:
            if column.name not in matched:
                continue
            name = identifier(matched[column.name])
            types[column.name] = found[matched[column.name]]
            if not fits(column.data_type, types[column.name]):
                if not _is_all_null(connection, name, parameters):
                    raise RefusedFile(
                        f"has the column {column.name} as {types[column.name]}, which is no {column.data_type}; "
                        f"write it as {column.data_type} or as text."
                    )
                types[column.name] = "VARCHAR"
            value = f"nullif({name}::VARCHAR, '')" if types[column.name] == "VARCHAR" else name
            values += f", {value} as {identifier(column.name)}"
    return Records(
        relation=f"""
            select file_row_number + 1 as _line, to_json(file)::VARCHAR as _raw, null::VARCHAR as _fault{values}
            from read_parquet($path) as file
        """,
        parameters=parameters,
        types=types,
        undeclared=undeclared(found, matched),
    )


def _is_all_null(connection: duckdb.DuckDBPyConnection, name: str, parameters: dict[str, object]) -> bool:
    """Tell whether a column holds nothing: writers give such a column any type."""
    return not connection.execute(
        f"select 1 from read_parquet($path) where {name} is not null limit 1", parameters
    ).fetchone()
