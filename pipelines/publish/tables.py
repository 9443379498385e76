"""The published tables: copied out of the warehouse into a database of their own, and into Parquet."""

import contextlib
import hashlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.errors import CheckFailed, WarehouseBusy
from pipelines.publish.manifest import DATABASE, Manifest, ParquetFile, PublishedFile, TableManifest
from pipelines.resources import configure

_SCHEMA = "marts"

# marts.md: in Parquet, agents have no day rows.
_NOT_IN_PARQUET = {"kpi_values": "level = 'agent' and period_grain = 'day'"}

# A table with one of these is written by month of it. Dimensions change as a whole, if they change.
_DAYS = ("date_day", "period_start")
_MONTH = "month"
_NO_MONTH = "__HIVE_DEFAULT_PARTITION__"

# What dbt leaves behind when it dies between building a table and renaming it; the next build drops it.
_DBT_LEFTOVERS = ("__dbt_tmp", "__dbt_backup", "__dbt_new_data")

_READ_ONLY = 0o444  # files are shared by the runs that did not change them, so nobody may write to them


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


@dataclass(frozen=True)
class UnchangedFiles:
    """The files of the run before, to be linked where nothing has changed since."""

    run: Path
    manifest: Manifest

    def file(self, table: str, path: str, fingerprint: str) -> ParquetFile | None:
        """Find a table's file with this path and fingerprint."""
        files = self.manifest.tables[table].files if table in self.manifest.tables else []
        return next((file for file in files if (file.path, file.fingerprint) == (path, fingerprint)), None)

    def are_intact(self) -> bool:
        """Tell whether all files still hold what the manifest says."""
        return all(map(self._is_intact, self.manifest.files()))

    def link(self, file: PublishedFile, folder: Path) -> bool:
        """Link the file into the folder of another run if it is intact; tell whether it is."""
        if not self._is_intact(file):
            return False
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        try:
            path.hardlink_to(self.run / file.path)
        except OSError:  # a file system without hard links
            shutil.copy2(self.run / file.path, path)
        return True

    def _is_intact(self, file: PublishedFile) -> bool:
        path = self.run / file.path
        return path.is_file() and _sha256(path) == file.sha256


def write_tables(
    warehouse: Path, folder: Path, tables: Sequence[PublishedTable], before: UnchangedFiles | None
) -> tuple[PublishedFile, dict[str, TableManifest]]:
    """Write the database and the Parquet files of all tables into `folder`.

    Raises:
        CheckFailed: a table or column of the marts has no description, or is described but was not built.
        WarehouseBusy: another connection holds the warehouse.
        duckdb.Error: the warehouse can't be read, or the disk is full.

    """
    source = f"{_identifier(_database_name(warehouse))}.{_SCHEMA}"
    with _open(warehouse) as connection:
        columns = _columns_to_publish(connection, tables)
        if before and _nothing_changed(connection, source, tables, before.manifest) and before.are_intact():
            for file in before.manifest.files():
                before.link(file, folder)
            return before.manifest.database, before.manifest.tables
        target = "publication" if warehouse.stem != "publication" else "publication_target"
        connection.execute(f"attach {_literal(folder / DATABASE)} as {target}")
        connection.execute(f"create schema {target}.{_SCHEMA}")
        manifests = {}
        for table in sorted(tables, key=lambda each: each.name):
            relation = f"{target}.{_SCHEMA}.{_identifier(table.name)}"
            _copy_table(connection, f"{source}.{_identifier(table.name)}", relation, table, columns[table.name])
            manifests[table.name] = _write_parquet(connection, relation, table, folder, before)
        connection.execute(f"checkpoint {target}")
        connection.execute(f"detach {target}")
    return _published_file(folder, folder / DATABASE), manifests


@contextlib.contextmanager
def _open(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    try:
        configure(connection, spill_beside=warehouse)
        name = _identifier(_database_name(warehouse))
        connection.execute(f"attach {_literal(warehouse)} as {name} (read_only)")
        connection.execute(f"use {name}")
    except (duckdb.IOException, duckdb.BinderException) as error:
        connection.close()
        if not any(sign in str(error) for sign in ("lock", "file handle conflict")):
            raise
        raise WarehouseBusy(f"{warehouse} is held by another connection; wait for it to end.") from error
    try:
        yield connection
    finally:
        connection.close()


def _database_name(warehouse: Path) -> str:
    # The name that DuckDB gives to the file, because dbt's views call the warehouse by it.
    return warehouse.stem + ("_db" if warehouse.stem in ("main", "temp", "system") else "")


def _columns_to_publish(
    connection: duckdb.DuckDBPyConnection, tables: Sequence[PublishedTable]
) -> dict[str, list[str]]:
    """List the columns of each table to publish, refusing what is not described or not built."""
    built: dict[str, list[str]] = {}
    for table, column in connection.execute(
        "select table_name, column_name from duckdb_columns() "
        "where database_name = current_database() and schema_name = ? order by table_name, column_index",
        [_SCHEMA],
    ).fetchall():
        if not any(mark in table for mark in _DBT_LEFTOVERS):
            built.setdefault(table, []).append(column)
    described = {table.name: table for table in tables}
    problems = []
    for name in sorted(built.keys() | described.keys()):
        if name not in described or not described[name].description.strip():
            problems.append(f"table {_SCHEMA}.{name} has no description")
        elif name not in built:
            problems.append(f"table {_SCHEMA}.{name} is described but was not built")
        else:
            problems += _problems_of_columns(described[name], built[name])
    if problems:
        raise CheckFailed(
            f"Nothing was published: {'; '.join(problems)}. Only described tables and columns are published: "
            "describe them in the model's YAML, or build again."
        )
    return built


def _problems_of_columns(table: PublishedTable, built: Sequence[str]) -> list[str]:
    described = {name for name, description in table.columns if description.strip()}
    named = dict.fromkeys([name for name, _ in table.columns] + list(table.key))
    column = f"column {_SCHEMA}.{table.name}"
    return [
        *(f"{column}.{name} has no description" for name in built if name not in described),
        *(f"{column}.{name} is described but was not built" for name in named if name not in built),
    ]


def _nothing_changed(
    connection: duckdb.DuckDBPyConnection, source: str, tables: Sequence[PublishedTable], before: Manifest
) -> bool:
    """Tell whether the marts are what the run before published; ends at the first table that differs."""
    if {table.name for table in tables} != before.tables.keys():
        return False
    views = connection.execute(
        "select view_name from duckdb_views() where database_name = current_database() and schema_name = ?",
        [_SCHEMA],
    ).fetchall()
    return all(  # views last: they are computed anew
        _read_contents(connection, f"{source}.{_identifier(table.name)}", table).fingerprint
        == before.tables[table.name].fingerprint
        for table in sorted(tables, key=lambda each: ((each.name,) in views, each.name))
    )


def _copy_table(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    relation: str,
    table: PublishedTable,
    columns: Sequence[str],
) -> None:
    order = ", ".join(map(_identifier, table.key)) or "all"
    connection.begin()
    connection.execute(f"create table {relation} as select * from {source} order by {order}")
    connection.execute(f"comment on table {relation} is {_literal(table.description)}")
    descriptions = dict(table.columns)
    for column in columns:
        comment = _literal(descriptions[column])
        connection.execute(f"comment on column {relation}.{_identifier(column)} is {comment}")
    connection.commit()


@dataclass(frozen=True)
class _Contents:
    """What a table holds.

    `parts` are the months, by the values of `month` in the path, or the whole table, as None; of each, its rows
    and fingerprint. Rows that Parquet leaves out are in no part.
    """

    rows: int
    fingerprint: str
    parts: dict[str | None, tuple[int, str]]


def _read_contents(connection: duckdb.DuckDBPyConnection, relation: str, table: PublishedTable) -> _Contents:
    """Count and hash the rows in one pass.

    Rows are combined by xor and by sum of their 64-bit hashes, the same within one version of DuckDB.
    """
    columns = [column[:2] for column in connection.execute(f"describe {relation}").fetchall()]
    day = _day(table)
    month = f"coalesce(strftime({day}, '%Y-%m'), '{_NO_MONTH}')" if day else "null"
    groups = connection.execute(
        f"""
        select part, is_in_parquet, count(*), bit_xor(row_hash), sum(row_hash)
        from (
            select {month} as part, {_is_in_parquet(table)} as is_in_parquet, hash(each_row) as row_hash
            from {relation} as each_row
        )
        group by all
        order by all
        """
    ).fetchall()

    def fingerprint(*of: object) -> str:
        return hashlib.sha256(repr((duckdb.__version__, columns, *of)).encode()).hexdigest()

    parts = {part: (rows, fingerprint(table.key, rows, *hashes)) for part, kept, rows, *hashes in groups if kept}
    return _Contents(
        rows=sum(group[2] for group in groups),
        fingerprint=fingerprint(table, groups),
        parts=parts or {None: (0, fingerprint(table.key))},
    )


def _write_parquet(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    table: PublishedTable,
    folder: Path,
    before: UnchangedFiles | None,
) -> TableManifest:
    """Write the files of a table; those whose rows are those of the run before are linked to its files."""
    contents = _read_contents(connection, relation, table)
    files = []
    for part, (rows, fingerprint) in contents.parts.items():
        path = Path("parquet", table.name, *([f"{_MONTH}={part}"] if part else []), f"{table.name}.parquet")
        old = before.file(table.name, path.as_posix(), fingerprint) if before else None
        if before and old and before.link(old, folder):
            files.append(old)
            continue
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        connection.execute(
            f"copy (select * from {relation} where {_is_in_parquet(table)} and {_is_in_part(table, part)}) "
            f"to {_literal(folder / path)} (format parquet, compression zstd)"
        )
        published = _published_file(folder, folder / path)
        files.append(ParquetFile(**published.model_dump(), rows=rows, fingerprint=fingerprint))
    return TableManifest(rows=contents.rows, fingerprint=contents.fingerprint, files=files)


def _day(table: PublishedTable) -> str | None:
    """The column whose months a table is written by; None where it is written as a whole."""
    columns = {name for name, _ in table.columns}
    if table.name.startswith("dim_") or _MONTH in columns:  # the latter would hide the month of the path
        return None
    return next((day for day in _DAYS if day in columns), None)


def _is_in_parquet(table: PublishedTable) -> str:
    return f"not coalesce({_NOT_IN_PARQUET.get(table.name, 'false')}, false)"


def _is_in_part(table: PublishedTable, part: str | None) -> str:
    if part is None:
        return "true"
    if part == _NO_MONTH:
        return f"{_day(table)} is null"
    return f"{_day(table)} >= date '{part}-01' and {_day(table)} < date '{part}-01' + interval 1 month"


def _published_file(folder: Path, path: Path) -> PublishedFile:
    path.chmod(_READ_ONLY)
    return PublishedFile(path=path.relative_to(folder).as_posix(), bytes=path.stat().st_size, sha256=_sha256(path))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(value: str | Path) -> str:
    return "'" + str(value).replace("'", "''") + "'"
