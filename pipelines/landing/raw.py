"""The raw tables: their names, columns and types, whether they are tables or views of Parquet files."""

from pipelines.declarations import Table
from pipelines.errors import UsageError
from pipelines.landing.values import SQL_TYPES
from pipelines.sql import identifier


def raw_columns(table: Table) -> dict[str, str]:
    """Return the columns of a raw table and their SQL types."""
    columns = {column.name: SQL_TYPES[column.data_type] for column in table.landed_columns}
    return {**columns, "_load_id": "BIGINT", "_line": "BIGINT"}


def qualified(table: Table) -> str:
    """Return the quoted name of a raw table with its schema."""
    return f"raw.{identifier(table.raw_name)}"


def refuse_other_types(table: Table, there: dict[str, str]) -> None:
    """Raise UsageError if a column that has landed, with its type in `there`, is declared as another type now."""
    for name, sql_type in raw_columns(table).items():
        if name in there and there[name].replace(" ", "") != sql_type.replace(" ", ""):
            raise UsageError(
                f"raw.{table.raw_name} has the column {name} as {there[name]}, but {sql_type} is declared now; "
                "land into a new warehouse."
            )
