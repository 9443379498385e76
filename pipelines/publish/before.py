"""The run before: its files are linked where nothing has changed since."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.publish.intact import sha256_of
from pipelines.publish.manifest import DATABASE, DatabaseFile, Manifest, ParquetFile, PublishedFile, TableManifest

_READ_ONLY = 0o400  # runs share the files that did not change, so nobody may write to them


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
        """Link all files of a table into the folder of another run.

        None if it was not published, a file is damaged, or they do not hold all rows, as an earlier version left them.
        """
        manifest = self.manifest.tables.get(table)
        if manifest is None or manifest.rows != sum(file.rows for file in manifest.files):
            return None
        return manifest if all(self.link(file, folder) for file in manifest.files) else None

    def link_database(self, fingerprints: Mapping[str, str], folder: Path) -> DatabaseFile | None:
        """Link the database into the folder of another run; None unless it is intact and has tables just like these.

        Nor is one linked that an earlier version published under another name.
        """
        database = self.manifest.database
        before = {name: table.fingerprint for name, table in self.manifest.tables.items()}
        is_same = (DATABASE, duckdb.__version__, fingerprints) == (database.path, database.duckdb_version, before)
        return database if is_same and self.link(database, folder) else None


def published_file(folder: Path, path: Path) -> PublishedFile:
    """Close a file for writing, and describe it."""
    path.chmod(_READ_ONLY)
    return described_file(folder, path)


def described_file(folder: Path, path: Path) -> PublishedFile:
    """Describe a file of a run as it is."""
    status = path.stat()
    return PublishedFile(
        path=path.relative_to(folder).as_posix(),
        bytes=status.st_size,
        sha256=sha256_of(path),
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
    return status.st_size == file.bytes and (status.st_mtime_ns == file.modified_ns or sha256_of(path) == file.sha256)
