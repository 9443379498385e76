"""The manifest of a run: what was published, from what, and the hashes that prove it."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from pipelines.errors import RunnerError

DATABASE = "contact_centre.duckdb"
MANIFEST = "manifest.json"
MANIFEST_HASH = "manifest.json.sha256"  # as sha256sum writes it


class PublishedFile(BaseModel):
    """A file of a run: path relative to the run's folder, size in bytes, SHA-256 in hex.

    `modified_ns` is when it was written; a file of this size and time is taken for intact without reading it.
    """

    path: str
    bytes: int
    sha256: str
    modified_ns: int = 0


class DatabaseFile(PublishedFile):
    """The database of a run, which was written by this version of DuckDB."""

    duckdb_version: str = ""


class ParquetFile(PublishedFile):
    """A Parquet file of a table: all of it, or a month.

    The fingerprint is the same for the same rows and types, and another one otherwise.
    """

    rows: int
    fingerprint: str


class TableManifest(BaseModel):
    """A table of a run: its rows in the database, and its Parquet files.

    The fingerprint is the same for the same rows, types and descriptions, and another one otherwise.
    """

    rows: int
    fingerprint: str
    files: list[ParquetFile] = []


class Manifest(BaseModel):
    """What a run published. Times are UTC.

    The fingerprint is of all that the marts depend on besides what landed; null if the steps ran one by one. `built` is
    the number of the build in `incremental.runs`, from which the next run knows which tables have not changed since.
    Runs are newer or older by their `number`, since a clock may be set back; 0 where an earlier version published.
    """

    run_id: str
    as_of: datetime
    published_at: datetime
    code_version: str
    settings: dict[str, Any]
    fingerprint: str | None = None
    built: int | None = None
    number: int = 0
    database: DatabaseFile
    tables: dict[str, TableManifest]
    others: list[PublishedFile] = []

    def files(self) -> list[PublishedFile]:
        """List the database, the Parquet files and the others, such as those of the report."""
        return [self.database, *(file for table in self.tables.values() for file in table.files), *self.others]


def write_manifest(run: Path, manifest: Manifest) -> None:
    """Write the manifest of a run and its hash, in place of those that are there."""
    text = manifest.model_dump_json(indent=2) + "\n"
    digest = hashlib.sha256(text.encode()).hexdigest()
    for name, content in ((MANIFEST, text), (MANIFEST_HASH, f"{digest}  {MANIFEST}\n")):
        partial = run / f".{name}.partial"
        partial.write_text(content, encoding="utf-8")
        partial.replace(run / name)


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
            f"{run / MANIFEST} is not the manifest of a run ({error.error_count()} errors); `ccw run` publishes anew."
        ) from error


def utc(moment: datetime) -> datetime:
    """Give a moment in UTC; one without a zone is in UTC already."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
