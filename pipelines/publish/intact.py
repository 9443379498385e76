"""Whether published runs are still as they were written: nothing of them missing, cut or changed."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.errors import RunnerError
from pipelines.publish.folders import kept_runs
from pipelines.publish.manifest import MANIFEST, MANIFEST_HASH, PublishedFile, load_manifest


@dataclass(frozen=True)
class Damage:
    """A file of a published run that is not as it was written: its path in the folder of the run, and what it is."""

    run: str
    path: str
    what: str

    def __str__(self) -> str:
        """Name the file and say what it is."""
        return f"{self.run}/{self.path} {self.what}"


@dataclass(frozen=True)
class Verified:
    """What a look at published runs found."""

    runs: int
    files: int
    damages: Sequence[Damage]


@dataclass
class _Look:
    """A look at runs. Hashes are remembered by inode, since runs share the files that did not change."""

    is_thorough: bool
    hashes: dict[tuple[int, int], str] = field(default_factory=dict)

    def at(self, run: Path) -> tuple[int, list[Damage]]:
        """Count the files of a run, and list those that are damaged."""
        try:
            manifest = load_manifest(run)
        except FileNotFoundError:
            return 1, [Damage(run.name, MANIFEST, "is missing")]
        except (RunnerError, OSError):
            return 1, [Damage(run.name, MANIFEST, "was changed or cut")]
        if manifest.number and self._is_other_manifest(run):
            return 1, [Damage(run.name, MANIFEST, "was changed")]
        files = manifest.files()
        found = ((file.path, self.what(run / file.path, file)) for file in files)
        return 1 + len(files), [Damage(run.name, path, what) for path, what in found if what]

    def _is_other_manifest(self, run: Path) -> bool:
        try:
            told = (run / MANIFEST_HASH).read_text(encoding="utf-8").split()[:1]
        except (OSError, UnicodeDecodeError):
            return True
        return told != [sha256_of(run / MANIFEST)]

    def what(self, path: Path, file: PublishedFile) -> str:
        """What is wrong with a file; nothing if it is as it was written."""
        if not path.is_file():
            return "is missing"
        status = path.stat()
        if status.st_size != file.bytes:
            return f"has {status.st_size:,} of {file.bytes:,} bytes"
        if status.st_mtime_ns == file.modified_ns and not self.is_thorough:
            return ""
        inode = status.st_dev, status.st_ino
        if inode not in self.hashes:
            try:
                self.hashes[inode] = sha256_of(path)
            except OSError as error:
                return f"can't be read ({error.strerror})"
        return "" if self.hashes[inode] == file.sha256 else "was changed"


def verify_run(run: Path, *, is_thorough: bool) -> Verified:
    """Look at the files of one run: at their size and time, and where these differ, or `is_thorough`, at their hash."""
    files, damages = _Look(is_thorough).at(run)
    return Verified(1, files, damages)


def verify_runs(published: Path) -> Verified:
    """Look at the hashes of all files of all runs that are kept."""
    look = _Look(is_thorough=True)
    looked_at = [look.at(run) for run in kept_runs(published)]
    return Verified(
        len(looked_at), sum(files for files, _ in looked_at), [damage for _, of_run in looked_at for damage in of_run]
    )


def whole_database(published: Path, current: Path | None) -> Path | None:
    """The database that readers see now; where it is damaged, that of the newest run before it with a whole one."""
    look = _Look(is_thorough=False)
    for run in [*([current] if current else []), *kept_runs(published)]:
        try:
            database = load_manifest(run).database
        except (RunnerError, OSError):
            continue
        if not look.what(run / database.path, database):
            return run / database.path
    return None


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
