"""The run before: its files are linked where nothing has changed since, and its database is what the next begins as."""

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.publish.manifest import Manifest, ParquetFile, PublishedFile, TableManifest

_READ_ONLY = 0o444  # files are shared by the runs that did not change them, so nobody may write to them

# A database that took this many times what it took when it was last written anew has more holes than it is worth.
_LARGEST_GROWTH = 1.5


@dataclass(frozen=True)
class RunBefore:
    """The folder of the run before and its manifest.

    A file of it counts only if it has the size and time with which it was written, or else still has its hash.
    """

    folder: Path
    manifest: Manifest

    def file(self, table: str, path: str, fingerprint: str) -> ParquetFile | None:
        """Find a table's file with this path and fingerprint."""
        files = self.manifest.tables[table].files if table in self.manifest.tables else []
        return next((file for file in files if (file.path, file.fingerprint) == (path, fingerprint)), None)

    def link(self, file: PublishedFile, folder: Path) -> bool:
        """Link the file into the folder of another run if it is intact; tell whether it is."""
        if not _is_intact(self.folder / file.path, file):
            return False
        _link(self.folder / file.path, folder / file.path)
        return True

    def link_table(self, table: str, folder: Path) -> TableManifest | None:
        """Link all files of a table into the folder of another run; None if it was not published or one is damaged."""
        manifest = self.manifest.tables.get(table)
        return manifest if manifest and all(self.link(file, folder) for file in manifest.files) else None

    def has_database_to_go_on_from(self) -> bool:
        """Tell whether the database is intact, and going on from it is worth it."""
        database = self.manifest.database
        return (
            database.duckdb_version == duckdb.__version__
            and database.bytes <= _LARGEST_GROWTH * database.bytes_written_anew
            and _is_intact(self.folder / database.path, database)
        )

    def link_database(self, folder: Path) -> None:
        """Link the database into the folder of another run."""
        path = self.manifest.database.path
        _link(self.folder / path, folder / path)

    def copy_database(self, path: Path) -> None:
        """Copy the database to `path`, to be written to."""
        _copy(self.folder / self.manifest.database.path, path)


def published_file(folder: Path, path: Path) -> PublishedFile:
    """Close a file for writing, and describe it."""
    path.chmod(_READ_ONLY)
    status = path.stat()
    return PublishedFile(
        path=path.relative_to(folder).as_posix(),
        bytes=status.st_size,
        sha256=_sha256(path),
        modified_ns=status.st_mtime_ns,
    )


def _link(original: Path, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    try:
        path.hardlink_to(original)
    except OSError:  # a file system without hard links
        shutil.copy2(original, path)


def _is_intact(path: Path, file: PublishedFile) -> bool:
    if not path.is_file():
        return False
    status = path.stat()
    return status.st_size == file.bytes and (status.st_mtime_ns == file.modified_ns or _sha256(path) == file.sha256)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copy(original: Path, path: Path) -> None:
    """Copy a file inside the file system, which may let both share what neither changes; else through memory."""
    try:
        with original.open("rb") as source, path.open("wb") as target:
            while os.copy_file_range(source.fileno(), target.fileno(), original.stat().st_size):
                pass
    except (AttributeError, OSError):  # another system than Linux, or a file system that can't
        shutil.copyfile(original, path)
