"""The tables that are published: only what dbt's manifest describes, and all of the marts."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from pipelines.errors import CheckFailed

SCHEMA = "marts"

# What dbt leaves behind when it dies between building a table and renaming it; the next build drops it.
_DBT_LEFTOVERS = ("__dbt_tmp", "__dbt_backup", "__dbt_new_data")


@dataclass(frozen=True)
class PublishedTable:
    """A table of the marts as dbt's manifest describes it.

    `columns` are pairs of name and description; `key` is the columns that identify a row, by which rows are
    ordered.
    """

    name: str
    description: str
    columns: Sequence[tuple[str, str]]
    key: Sequence[str]


def refuse_undescribed(connection: duckdb.DuckDBPyConnection, tables: Sequence[PublishedTable]) -> None:
    """Refuse what is not described, or described and not built.

    Raises:
        CheckFailed: there is such a table or column.

    """
    built: dict[str, list[str]] = {}
    for table, column in connection.execute(
        "select table_name, column_name from duckdb_columns() "
        "where database_name = current_database() and schema_name = ? order by table_name, column_index",
        [SCHEMA],
    ).fetchall():
        if not any(mark in table for mark in _DBT_LEFTOVERS):
            built.setdefault(table, []).append(column)
    described = {table.name: table for table in tables}
    problems = []
    for name in sorted(built.keys() | described.keys()):
        if name not in described or not described[name].description.strip():
            problems.append(f"table {SCHEMA}.{name} has no description")
        elif name not in built:
            problems.append(f"table {SCHEMA}.{name} is described but was not built")
        else:
            problems += _problems_of_columns(described[name], built[name])
    if problems:
        raise CheckFailed(
            f"Nothing was published: {'; '.join(problems)}. Only described tables and columns are published: "
            "describe them in the model's YAML, or build again."
        )


def _problems_of_columns(table: PublishedTable, built: Sequence[str]) -> list[str]:
    described = {name for name, description in table.columns if description.strip()}
    named = dict.fromkeys([name for name, _ in table.columns] + list(table.key))
    column = f"column {SCHEMA}.{table.name}"
    return [
        *(f"{column}.{name} has no description" for name in built if name not in described),
        *(f"{column}.{name} is described but was not built" for name in named if name not in built),
    ]
