"""The Parquet files of the published tables: by month where a table has days."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from pipelines.publish.before import RunBefore, published_file
from pipelines.publish.contents import MONTH, Contents, first_day, is_in_parts
from pipelines.publish.manifest import ParquetFile, TableManifest
from pipelines.warehouse.sql import literal

# Level 1 is written a fifth faster than the default level; files are 8 % larger. A dictionary of so many values is
# given up, which spares most of the dictionaries of ids: a tenth of the time, and files are no larger. What keeps a
# dictionary has so few values that nearly all are in every part of a file: a Bloom filter would rule nothing out.
_FORMAT = "format parquet, compression zstd, compression_level 1, dictionary_size_limit 5000, write_bloom_filter false"


def write_parquet(
    connection: duckdb.DuckDBPyConnection, contents: Sequence[Contents], folder: Path, before: RunBefore | None
) -> dict[str, TableManifest]:
    """Write the files of all tables; those whose rows are those of the run before are linked to its files."""
    return {
        of.table.name: TableManifest(
            rows=of.rows, fingerprint=of.fingerprint, files=_files(connection, of, folder, before)
        )
        for of in contents
    }


def _files(
    connection: duckdb.DuckDBPyConnection, of: Contents, folder: Path, before: RunBefore | None
) -> list[ParquetFile]:
    name = of.table.name
    paths = {
        part: Path("parquet", name, *([f"{MONTH}={part}"] if part else []), f"{name}.parquet") for part in of.parts
    }
    files: dict[str | None, ParquetFile] = {}
    for part, (_, fingerprint) in of.parts.items():
        old = before.file(name, paths[part].as_posix(), fingerprint) if before else None
        if before and old and before.link(old, folder):
            files[part] = old
    written = {part: folder / paths[part] for part in of.parts if part not in files}
    if written:
        _write(connection, of, written, folder / "parquet" / name)
    for part, path in written.items():
        rows, fingerprint = of.parts[part]
        file = published_file(folder, path)
        files[part] = ParquetFile(**file.model_dump(), rows=rows, fingerprint=fingerprint)
    return [files[part] for part in of.parts]


def _write(connection: duckdb.DuckDBPyConnection, of: Contents, paths: Mapping[str | None, Path], folder: Path) -> None:
    """Write parts of a table to these paths below its folder: all months in one scan."""
    rows = f"from {of.table.relation}"
    if len(paths) < len(of.parts):
        rows += f" where {is_in_parts(of.table, paths)}"
    folder.mkdir(parents=True, exist_ok=True)
    if None in paths:
        connection.execute(f"copy (select * {rows}) to {literal(str(paths[None]))} ({_FORMAT})")
        return
    # A month is one file if no file is closed before all rows are written. Its rows go by its first day, which is
    # faster to tell than its name.
    connection.execute(f"set partitioned_write_max_open_files = {len(paths)}")
    connection.execute(
        f"copy (select *, {first_day(of.table)} as {MONTH} {rows}) to {literal(str(folder))} "
        f"({_FORMAT}, partition_by ({MONTH}), filename_pattern 'written_{{i}}', overwrite_or_ignore)"
    )
    for part, path in paths.items():
        (file,) = folder.glob(f"{MONTH}={part}*/written_*.parquet")
        path.parent.mkdir(exist_ok=True)
        file.rename(path)
        if file.parent != path.parent:
            file.parent.rmdir()
