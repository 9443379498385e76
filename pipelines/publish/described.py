"""The tables that are published: only what dbt's manifest describes, and all of the marts."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from pipelines.errors import CheckFailed
from pipelines.warehouse import MARTS
from pipelines.warehouse.sql import identifier, literal

# What dbt leaves behind when it dies between building a table and renaming it.
_DBT_LEFTOVERS = ("__dbt_tmp", "__dbt_backup", "__dbt_new_data")


@dataclass(frozen=True)
class PublishedTable:
    """A table of the marts as dbt's manifest describes it.

    `columns` are pairs of name and description.
    """

    name: str
    description: str
    columns: Sequence[tuple[str, str]]

    @property
    def relation(self) -> str:
        """The table in SQL, with its schema."""
        return f"{MARTS}.{identifier(self.name)}"


def describe(connection: duckdb.DuckDBPyConnection, tables: Sequence[PublishedTable]) -> None:
    """Make the database that is in use hold these tables and nothing else, described as they are.

    What dbt left behind is dropped.

    Raises:
        CheckFailed: there is another table, a table or column has no description, or is described but was not built;
            or one is a view, which could not be read without the warehouse.

    """
    views = connection.execute(
        "select schema_name || '.' || view_name from duckdb_views() "
        "where database_name = current_database() and not internal"
    ).fetchall()
    if views:
        raise CheckFailed(
            f"Nothing was published: {', '.join(name for (name,) in views)} is a view, which nobody can read without "
            "the warehouse; have its model built as a table."
        )
    comments: dict[tuple[str, str], dict[str, str | None]] = {}
    for schema, table, column, comment in connection.execute(
        """
        select schema_name, table_name, column_name, comment from duckdb_columns()
        where database_name = current_database() and not internal
        order by table_name, column_index
        """
    ).fetchall():
        comments.setdefault((schema, table), {})[column] = comment
    for schema, table in [name for name in comments if any(mark in name[1] for mark in _DBT_LEFTOVERS)]:
        connection.execute(f"drop table {identifier(schema)}.{identifier(table)}")
        del comments[schema, table]
    _refuse(comments, tables)
    of_tables = dict(
        connection.execute(
            "select table_name, comment from duckdb_tables() where database_name = current_database()"
        ).fetchall()
    )
    connection.begin()
    for of in tables:
        if of_tables[of.name] != of.description:
            connection.execute(f"comment on table {of.relation} is {literal(of.description)}")
        for column, description in of.columns:
            if comments[MARTS, of.name][column] != description:
                connection.execute(f"comment on column {of.relation}.{identifier(column)} is {literal(description)}")
    connection.commit()


def _refuse(built: dict[tuple[str, str], dict[str, str | None]], tables: Sequence[PublishedTable]) -> None:
    described = {(MARTS, table.name): table for table in tables}
    problems = []
    for schema, name in sorted(built.keys() | described.keys()):
        table = described.get((schema, name))
        if table is None or not table.description.strip():
            problems.append(f"table {schema}.{name} has no description")
        elif (schema, name) not in built:
            problems.append(f"table {schema}.{name} is described but was not built")
        else:
            problems += _problems_of_columns(table, list(built[schema, name]))
    if problems:
        raise CheckFailed(
            f"Nothing was published: {'; '.join(problems)}. Only described tables and columns are published: "
            "describe them in the model's YAML, or build again."
        )


def _problems_of_columns(table: PublishedTable, built: Sequence[str]) -> list[str]:
    described = {name for name, description in table.columns if description.strip()}
    column = f"column {MARTS}.{table.name}"
    return [
        *(f"{column}.{name} has no description" for name in built if name not in described),
        *(f"{column}.{name} is described but was not built" for name, _ in table.columns if name not in built),
    ]
