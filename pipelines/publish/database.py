"""The published database: a copy of the run before's, in which only what differs is replaced."""

from pathlib import Path

import duckdb

from pipelines.durable import sync
from pipelines.publish.before import RunBefore, published_file
from pipelines.publish.contents import Contents, hash_of_row, is_in_part, order, order_by_key
from pipelines.publish.described import SCHEMA, PublishedTable
from pipelines.publish.manifest import DATABASE, DatabaseFile
from pipelines.sql import identifier, literal

# If more of a table's rows differ, it is written anew: sorted, and without the holes that deleted rows leave.
_LARGEST_SHARE = 0.25

# The temporary table of the rows that only one of the published table and the table to publish has.
_DIFFERENT_ROWS = "different_rows"


class Database:
    """The database of a run, attached to a connection.

    Attributes:
        goes_on: whether it begins as the run before's; otherwise it begins empty.

    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, folder: Path, name: str, before: RunBefore | None
    ) -> None:
        """Make no file yet: it comes with the first change, to be attached under this name."""
        self._before = before if before and before.has_database_to_go_on_from() else None
        self.goes_on = self._before is not None
        self._tables = self._before.manifest.tables if self._before else {}
        self._connection = connection
        self._folder = folder
        self._path = folder / DATABASE
        self._name = name
        self._is_changed = False
        self._in_order: set[str] = set()

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
        """Make the table hold the rows of `source`, whose contents these are."""
        table = contents.table
        if table.name in self._tables and self._tables[table.name].fingerprint == contents.fingerprint:
            return
        self._begin_change()
        if self._is_published_alike(source, table) and self._replace_rows(source, contents):
            return
        self._write_anew(source, table)

    def drop_others(self, tables: set[str]) -> None:
        """Drop all tables but these."""
        for name in self._tables.keys() - tables:
            self._begin_change()
            self._connection.execute(f"drop table {self.relation(name)}")

    def finish(self) -> None:
        """Bring all changes into the file, which from now on is only read; without any, link the run before's."""
        if self._before and not self._is_changed:
            self._before.link_database(self._folder)
        else:
            self._begin_change()
            self._connection.execute(f"checkpoint {self._name}")
            self._connection.execute(f"detach {self._name}")
        self._connection.execute(f"attach {literal(str(self._path))} as {self._name} (read_only)")

    def file(self) -> DatabaseFile:
        """Make the finished file durable, and describe it: with a large one this is long, so do it beside the rest."""
        before = self._before.manifest.database if self._before else None
        if before and not self._is_changed:
            return before
        sync(self._path)
        file = published_file(self._folder, self._path)
        anew = before.bytes_written_anew if before else file.bytes
        return DatabaseFile(**file.model_dump(), duckdb_version=duckdb.__version__, bytes_written_anew=anew)

    def _begin_change(self) -> None:
        """Make the file and attach it, if that is not yet done."""
        if self._is_changed:
            return
        if self._before:
            self._before.copy_database(self._path)
        self._connection.execute(f"attach {literal(str(self._path))} as {self._name}")
        self._connection.execute(f"create schema if not exists {self._name}.{SCHEMA}")
        self._is_changed = True

    def _is_published_alike(self, source: str, table: PublishedTable) -> bool:
        """Tell whether the table is there with the same columns, types and descriptions."""
        if table.name not in self._tables:
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
        """Delete the rows that are gone and insert those that have come, by their hashes, in the months that differ.

        Tell whether this gives the rows of `source`; if it would not, as with equal rows in other numbers, or if
        there are too many of them, nothing is done.
        """
        connection, table = self._connection, contents.table
        relation = self.relation(table.name)
        before, after = self._tables[table.name].months, contents.months
        months = [month for month in sorted(before | after) if before.get(month) != after.get(month)]
        hashed = " or ".join(is_in_part(table, month) for month in months) or "false"
        old, new = (
            f"(select rowid as row_id, {hash_of_row(connection, rows)} as row_hash from {rows} where {hashed})"
            for rows in (relation, source)
        )
        connection.execute(
            f"""
            create or replace temp table {_DIFFERENT_ROWS} as
            select
                before.row_id as gone,
                after.row_id as come,
                row_hash
            from {old} as before
            full join {new} as after using (row_hash)
            where gone is null or come is null
            """
        )
        gone, come, difference = connection.execute(
            f"""
            select count(gone), count(come), coalesce(sum(if(gone is null, 1, -1) * row_hash::hugeint), 0)
            from {_DIFFERENT_ROWS}
            """
        ).fetchall()[0]
        rows, hash_sum = (
            sum(getattr(month, name) for month in after.values())
            - sum(getattr(month, name) for month in before.values())
            for name in ("rows", "hash_sum")
        )
        if (come - gone, difference) != (rows, hash_sum) or gone + come > _LARGEST_SHARE * contents.rows:
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
