"""Who may read what is published: its owner alone, unless the user lets a group, or everybody, read it too."""

import stat
from pathlib import Path

_READ = 0o444  # files are shared by the runs that did not change them, so nobody may write to them
_WRITE_OF_OWNER = 0o200


def of_files(mode: int) -> int:
    """The rights of a published file: `mode` without those to write."""
    return mode & _READ


def of_folders(mode: int) -> int:
    """The rights of a folder of published files: who may read them may enter it."""
    readers = mode & _READ
    return readers | readers >> 2 | _WRITE_OF_OWNER


def let_read(folder: Path, mode: int) -> None:
    """Give a folder, and all that is below it, the rights that `mode` says."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            _give(path, of_folders(mode) if path.is_dir() else of_files(mode))


def let_enter(folder: Path, mode: int) -> None:
    """Let the readers that `mode` says pass through a folder, without seeing what else is in it."""
    _give(folder, stat.S_IMODE(folder.stat().st_mode) | (of_folders(mode) & 0o111))


def has_rights(folder: Path, mode: int) -> bool:
    """Whether a folder has the rights that `mode` says."""
    return stat.S_IMODE(folder.stat().st_mode) == of_folders(mode)


def _give(path: Path, rights: int) -> None:
    if stat.S_IMODE(path.stat().st_mode) != rights:
        path.chmod(rights)
