"""The published database: a copy of the run before's, in which only what differs is replaced."""

from pathlib import Path

import duckdb

from pipelines.publish.before import RunBefore
from pipelines.publish.contents import Contents, hash_rows, is_outside, order, order_by_key
from pipelines.publish.described import SCHEMA, PublishedTable
from pipelines.sql import identifier, literal

# If more of a table's rows differ, it is written anew: sorted, and without the holes that deleted rows leave.
_LARGEST_SHARE = 0.25

# The temporary tables of row hashes: of the table to publish, of the one that was published before, and of the rows
# that only one of them has.
NEW_ROWS = "new_rows"
_OLD_ROWS = "old_rows"
_DIFFERENT_ROWS = "different_rows"


class Database:
    """The database of a run, attached to a connection until it is closed.

    Attributes:
        is_copy: whether it began as a copy of the run before's; otherwise it began empty.

    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path, name: str, before: RunBefore | None) -> None:
        """Make the file, and attach it to the connection under this name."""
        self.is_copy = before is not None and before.copy_database(path)
        self._connection = connection
        self._name = name
        self._before = before.manifest.tables if before and self.is_copy else {}
        self._in_order: set[str] = set()
        connection.execute(f"attach {literal(str(path))} as {name}")
        connection.execute(f"create schema if not exists {name}.{SCHEMA}")

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Give a connection for another thread, to be closed by its user."""
        return self._connection.cursor()

    def relation(self, table: str) -> str:
        """Name a table of the database in SQL."""
        return f"{self._name}.{SCHEMA}.{identifier(table)}"

    def rows_in_order(self, table: PublishedTable, condition: str) -> str:
        """Give the query of the rows of a month, or of a table without months, in the order of their key.

        A table that has just been written in that order need not be sorted again.
        """
        rows = f"select * from {self.relation(table.name)} where {condition}"
        return rows if table.name in self._in_order else f"{rows} order by {order_by_key(table)}"

    def publish(self, source: str, contents: Contents) -> None:
        """Make the table hold the rows of `source`, whose contents these are, and whose hashes are in `NEW_ROWS`."""
        table = contents.table
        if table.name in self._before and self._before[table.name].fingerprint == contents.fingerprint:
            return
        if self._is_published_alike(source, table) and self._replace_rows(source, contents):
            return
        self._write_anew(source, table)

    def drop_others(self, tables: set[str]) -> None:
        """Drop all tables but these."""
        for name in self._before.keys() - tables:
            self._connection.execute(f"drop table {self.relation(name)}")

    def close(self) -> None:
        """Bring all changes into the file, and let go of it."""
        self._connection.execute(f"checkpoint {self._name}")
        self._connection.execute(f"detach {self._name}")

    def _is_published_alike(self, source: str, table: PublishedTable) -> bool:
        """Tell whether the table is there with the same columns, types and descriptions."""
        if table.name not in self._before:
            return False
        is_it = "database_name = ? and schema_name = ? and table_name = ?"
        it = [self._name, SCHEMA, table.name]
        description = self._connection.execute(f"select comment from duckdb_tables() where {is_it}", it).fetchall()
        columns = self._connection.execute(
            f"select column_name, data_type, comment from duckdb_columns() where {is_it} order by column_index", it
        ).fetchall()
        descriptions = dict(table.columns)
        built = self._connection.execute(f"describe {source}").fetchall()
        return (description, columns) == (
            [(table.description,)],
            [(name, data_type, descriptions[name]) for name, data_type, *_ in built],
        )

    def _replace_rows(self, source: str, contents: Contents) -> bool:
        """Delete the rows that are gone and insert those that have come, by their hashes.

        Tell whether this gives the rows of `source`; if it would not, as with equal rows in other numbers, or if
        there are too many of them, nothing is done.
        """
        connection, table = self._connection, contents.table
        relation = self.relation(table.name)
        before = {file.fingerprint for file in self._before[table.name].files}
        changed = is_outside([part for part, (_, fingerprint) in contents.parts.items() if fingerprint in before])
        hash_rows(connection, relation, table, _OLD_ROWS, where=changed)
        connection.execute(f"delete from {NEW_ROWS} where not ({changed})")
        (old, old_sum), (new, new_sum) = (
            connection.execute(f"select count(*), coalesce(sum(row_hash), 0) from {rows}").fetchall()[0]
            for rows in (_OLD_ROWS, NEW_ROWS)
        )
        connection.execute(
            f"""
            create or replace temp table {_DIFFERENT_ROWS} as
            select
                {_OLD_ROWS}.row_id as gone,
                {NEW_ROWS}.row_id as come,
                row_hash
            from {_OLD_ROWS}
            full join {NEW_ROWS} using (row_hash)
            where gone is null or come is null
            """
        )
        gone, come, difference = connection.execute(
            f"""
            select count(gone), count(come), coalesce(sum(if(gone is null, 1, -1) * row_hash::hugeint), 0)
            from {_DIFFERENT_ROWS}
            """
        ).fetchall()[0]
        if (old - gone + come, old_sum + difference) != (new, new_sum):
            return False
        if gone + come > _LARGEST_SHARE * contents.rows:
            return False
        connection.begin()
        connection.execute(f"delete from {relation} where rowid in (select gone from {_DIFFERENT_ROWS})")
        connection.execute(
            f"insert into {relation} select * from {source} where rowid in (select come from {_DIFFERENT_ROWS}) "
            f"order by {order(table)}"
        )
        connection.commit()
        return True

    def _write_anew(self, source: str, table: PublishedTable) -> None:
        connection, relation = self._connection, self.relation(table.name)
        connection.begin()
        connection.execute(f"create or replace table {relation} as select * from {source} order by {order(table)}")
        connection.execute(f"comment on table {relation} is {literal(table.description)}")
        for name, description in table.columns:
            connection.execute(f"comment on column {relation}.{identifier(name)} is {literal(description)}")
        connection.commit()
        self._in_order.add(table.name)
