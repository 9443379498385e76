"""The manifest of a run: what was published, from what, and the hashes that prove it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from pipelines.errors import RunnerError

DATABASE = "marts.duckdb"
MANIFEST = "manifest.json"


class PublishedFile(BaseModel):
    """A file of a run: path relative to the run's folder, size in bytes, SHA-256 in hex.

    `modified_ns` is when it was written; a file of this size and time is taken for intact without reading it.
    """

    path: str
    bytes: int
    sha256: str
    modified_ns: int = 0


class DatabaseFile(PublishedFile):
    """The database of a run.

    It was written by a version of DuckDB, and is what this writing changed of the run before's database, and so
    on back to one whose tables were all written anew: so many bytes did that one take.
    """

    duckdb_version: str = ""
    bytes_written_anew: int = 0


class ParquetFile(PublishedFile):
    """A Parquet file of a table: all of it, or a month.

    The fingerprint is the same for the same rows, types and key, and another one otherwise.
    """

    rows: int
    fingerprint: str


class Rows(BaseModel):
    """Rows in any order: how many, and their 64-bit hashes combined by xor and by sum."""

    rows: int
    hash_xor: int
    hash_sum: int


class TableManifest(BaseModel):
    """A table of a run: its rows in the database, and its Parquet files.

    The fingerprint is the same for the same rows, types, descriptions and key, and another one otherwise. `months` are
    the rows of each month, those too that Parquet leaves out; of a table without months they are all under one name.
    """

    rows: int
    fingerprint: str
    months: dict[str, Rows] = {}
    files: list[ParquetFile] = []


class Manifest(BaseModel):
    """What a run published. Times are UTC.

    The fingerprint is of all that the marts depend on besides what landed; null if the steps ran one by one. `built` is
    the number of the build in `incremental.runs`, from which the next run knows which tables have not changed since.
    """

    run_id: str
    as_of: datetime
    published_at: datetime
    code_version: str
    settings: dict[str, Any]
    fingerprint: str | None = None
    built: int | None = None
    database: DatabaseFile
    tables: dict[str, TableManifest]

    def files(self) -> list[PublishedFile]:
        """List the database and the Parquet files."""
        return [self.database, *(file for table in self.tables.values() for file in table.files)]


def load_manifest(run: Path) -> Manifest:
    """Read the manifest in the folder of a run.

    Raises:
        RunnerError: it is damaged.
        OSError: it can't be read.

    """
    try:
        return Manifest.model_validate_json((run / MANIFEST).read_bytes())
    except ValidationError as error:
        raise RunnerError(
            f"{run / MANIFEST} is not the manifest of a run ({error.error_count()} errors); publish again."
        ) from error


def utc(moment: datetime) -> datetime:
    """Give a moment in UTC; one without a zone is in UTC already."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
