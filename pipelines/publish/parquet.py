"""The Parquet files of the published tables: by month where a table has days."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pipelines.publish.before import RunBefore, published_file
from pipelines.publish.contents import MONTH, Contents, is_in_parquet, is_in_part
from pipelines.publish.database import Database
from pipelines.publish.manifest import ParquetFile, TableManifest
from pipelines.resources import threads
from pipelines.sql import literal

# Level 1 is written a fifth faster than the default level; files are 8 % larger. A dictionary of so many values is
# given up, which spares most of the dictionaries of ids: a tenth of the time, and files are no larger.
_FORMAT = "format parquet, compression zstd, compression_level 1, dictionary_size_limit 5000"


def write_parquet(
    database: Database, contents: Sequence[Contents], folder: Path, before: RunBefore | None
) -> dict[str, TableManifest]:
    """Write the files of all tables; those whose rows are those of the run before are linked to its files.

    A month has too few rows for DuckDB to write it with several threads, so several months are written at once.
    """

    def write(of: Contents, part: str | None) -> ParquetFile:
        rows, fingerprint = of.parts[part]
        name = of.table.name
        path = Path("parquet", name, *([f"{MONTH}={part}"] if part else []), f"{name}.parquet")
        old = before.file(name, path.as_posix(), fingerprint) if before else None
        if before and old and before.link(old, folder):
            return old
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        rows_of_part = database.rows_in_order(of.table, f"{is_in_parquet(of.table)} and {is_in_part(of.table, part)}")
        with database.cursor() as cursor:
            cursor.execute(f"copy ({rows_of_part}) to {literal(str(folder / path))} ({_FORMAT})")
        published = published_file(folder, folder / path)
        return ParquetFile(**published.model_dump(), rows=rows, fingerprint=fingerprint)

    parts = [(of, part) for of in contents for part in of.parts]
    with ThreadPoolExecutor(threads()) as pool:
        files = iter(list(pool.map(write, *zip(*parts, strict=True))))
    return {
        of.table.name: TableManifest(
            rows=of.rows, fingerprint=of.fingerprint, months=of.months, files=[next(files) for _ in of.parts]
        )
        for of in contents
    }
