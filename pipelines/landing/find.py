"""Which files of a landing folder are extracts, of which table, and of which system where several are of one kind.

What is no file to read is refused by its name, and nothing opens it: pipes, devices, sockets, links that lead out of
the folder or to a folder, and names that can't be written down (LND-15).
"""

import errno
import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

from pipelines.errors import UsageError
from pipelines.landing.declarations import INSTANCE, Declarations, Source, Table

Form = Literal["csv", "tsv", "parquet", "jsonl", "json", "lines"]

EXTENSIONS: dict[str, Form] = {
    ".csv": "csv",
    ".csv.gz": "csv",
    ".tsv": "tsv",
    ".tsv.gz": "tsv",
    ".parquet": "parquet",
    ".jsonl": "jsonl",
    ".jsonl.gz": "jsonl",
    ".json": "json",
    ".json.gz": "json",
}

AT = "@"  # between a source and its instance, in the name of a folder

MAX_NOTICES = 5  # in the message that there is no extract

TRUTH_FOLDER = "truth"  # `ccw simulate` writes the true issue behind each contact there


@dataclass(frozen=True)
class ExtractFile:
    """A file that holds rows of a declared table.

    Attributes:
        path: relative to the landing folder, with slashes.
        file: where it is.
        table: the table.
        form: what it looks like.
        is_gzipped: whether it is packed.
        instance: the system that wrote it, where its folder says one.

    """

    path: str
    file: Path
    table: Table
    form: Form
    is_gzipped: bool
    instance: str | None = None


@dataclass(frozen=True)
class UnfitEntry:
    """Something in a landing folder that is no file to read: its path, as it can be written, and the reason."""

    path: str
    reason: str


@dataclass
class Found:
    """What lies in a landing folder: extracts, notices of what is left out, and what is refused by its name."""

    folder: Path
    extracts: list[ExtractFile] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    unfit: list[UnfitEntry] = field(default_factory=list)

    def entries(self, folder: Path) -> Iterator[Path]:
        """Give the files and folders in a folder that may be read, in order; keep what is refused."""
        try:
            entries = sorted(folder.iterdir())
        except OSError as error:
            self.refuse(folder, f"can't be read: {error.strerror}; let this user read the folder.")
            return
        for entry in entries:
            if not entry.name.startswith("."):
                reason = _unfit(entry, self.folder)
                if reason is None:
                    yield entry
                else:
                    self.refuse(entry, reason)

    def refuse(self, entry: Path, reason: str) -> None:
        """Keep what is refused, under a path that can be written."""
        path = os.fsencode(entry.relative_to(self.folder).as_posix()).decode("utf-8", "backslashreplace")
        self.unfit.append(UnfitEntry(_CONTROL.sub(lambda found: repr(found.group())[1:-1], path), reason))


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")

_NO_FILES = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def _unfit(entry: Path, extracts: Path) -> str | None:
    """Return why a file or folder is not read, told without opening it; None if it may be."""
    try:
        return _unfit_name(entry.name) or _unfit_kind(entry, extracts)
    except FileNotFoundError:
        return "is a link to nothing, or was gone when it was looked at; deliver the file again."
    except (OSError, RuntimeError) as error:  # up to 3.12 Python says RuntimeError of links in a circle
        if isinstance(error, RuntimeError) or error.errno == errno.ELOOP:
            return "is a link that leads to itself; put the file itself there."
        return f"can't be looked at: {error.strerror}; put the file itself there, under a shorter path."


def _unfit_kind(entry: Path, extracts: Path) -> str | None:
    mode = entry.lstat().st_mode
    if stat.S_ISLNK(mode):
        target = entry.resolve(strict=True)
        if not target.is_relative_to(extracts.resolve()):
            return "is a link that leads out of the landing folder; put the file itself there."
        mode = target.stat().st_mode
        if stat.S_ISDIR(mode):
            return "is a link to a folder; put the folder itself there."
    called = next((called for is_kind, called in _NO_FILES if is_kind(mode)), None)
    return called and f"is {called}, no file; write what it gives into a file and put that there."


def _unfit_name(name: str) -> str | None:
    try:
        name.encode()
    except UnicodeEncodeError:
        return "has a name that is no UTF-8; rename it."
    return "has a control character in its name; rename it." if _CONTROL.search(name) else None


def find_extracts(extracts: Path, declarations: Declarations) -> Found:
    """Return the extract files under a landing folder in the order of their paths, and what else is to be said.

    Raises UsageError if the folder is missing or has no extract, and if anything in it belongs to no declared
    source or table or has an unknown extension: what nobody reads should be seen to be unread.
    """
    if not extracts.is_dir():
        raise UsageError(f"The extracts folder {extracts} is missing; name another with --extracts.")
    found = Found(extracts)
    for entry in found.entries(extracts):
        if _is_no_extract(entry):
            found.notices.append(f"{entry.name} is no extract and was left out.")
        elif entry.name == TRUTH_FOLDER and entry.is_dir():
            found.notices.append(f"{entry.name}/ holds the simulation's answers, no extracts, and was left out.")
        else:
            source, at, instance = entry.name.partition(AT)
            if not entry.is_dir() or source not in declarations.sources:
                raise UsageError(
                    f"{entry.name}{'/' if entry.is_dir() else ''} in {extracts} is no declared source; "
                    f"{_where_it_fits(entry, declarations)}"
                    f"sources are {_listed(declarations.sources)}, or one of them with the name of a system, "
                    f"such as acd{AT}berlin."
                )
            if at and not re.fullmatch(INSTANCE, instance):
                raise UsageError(
                    f"{entry.name}/ in {extracts} has no legal name of a system after its {AT}: name it in letters, "
                    f"digits, - and _, such as {source}{AT}berlin, or {source} if there is only one."
                )
            _find_in_source(entry, declarations.sources[source], instance or None, found)
    if not found.extracts and not found.unfit:
        expected = f"expected are files such as acd/contact_legs.csv, with one of {_listed(EXTENSIONS)}."
        shown = [*found.notices[:MAX_NOTICES], *(["…"] if len(found.notices) > MAX_NOTICES else [])]
        raise UsageError(" ".join([f"The extracts folder {extracts} holds no extract; {expected}", *shown]))
    found.extracts.sort(key=lambda extract: extract.path)
    return found


def _where_it_fits(entry: Path, declarations: Declarations) -> str:
    """Say into the folder of which sources an entry would go, by its name: the middle of a message."""
    if entry.name in declarations.sources:
        return f"{entry.name} must be a folder; "
    fitting = [f"{source.name}/" for source in declarations.sources.values() if _fitting_tables(entry, source)]
    return f"put it into {' or '.join(fitting)}, if it is from there; " if fitting else ""


def _find_in_source(folder: Path, source: Source, instance: str | None, found: Found) -> None:
    """Find the extracts of a source; folders that are named after no table, such as a year, are looked into."""
    waiting: list[tuple[Path, Table | None]] = [(folder, None)]
    while waiting:
        parent, table_of_parent = waiting.pop()
        for entry in found.entries(parent):
            path = entry.relative_to(found.folder).as_posix()
            if _is_no_extract(entry):
                found.notices.append(f"{path} is no extract and was left out.")
            elif table := table_of_parent or _table_of(entry, path, source):
                if entry.is_dir():
                    waiting.append((entry, table))
                else:
                    found.extracts.append(_extract_file(path, entry, table, instance))
            elif entry.is_dir() and _suffix(entry) in EXTENSIONS:
                found.refuse(entry, "is a folder, though its name ends like a file's; name it after its table.")
            elif _fits(_table_name(entry), source.unread):
                kind = "folder" if entry.is_dir() else "file"
                found.notices.append(
                    f"{path} was left out: the warehouse reads nothing from this {kind} of {source.name}."
                )
            elif entry.is_dir():
                waiting.append((entry, None))
            else:
                raise UsageError(
                    f"{path} belongs to no declared table of {source.name}; its tables are {_listed(source.tables)}. "
                    f"If it is of one of these, put it into a folder of that name in {folder.name}/."
                )


def _table_of(entry: Path, path: str, source: Source) -> Table | None:
    """Return the table that a folder or file belongs to: by its name, else by a vendor's pattern of file names.

    The name may carry the source's, as in acd/acd__contact_legs.csv: dbt wants the names of seeds to be unique.
    """
    fitting = _fitting_tables(entry, source)
    if len(fitting) > 1:
        raise UsageError(
            f"{path} fits the declared file names of more than one table: "
            f"{_listed(table.name for table in fitting)}. Put it into the folder of its table."
        )
    return fitting[0] if fitting else None


def _fitting_tables(entry: Path, source: Source) -> list[Table]:
    """Return the table of the entry's name, else those whose patterns of file names it fits."""
    name = _table_name(entry).removeprefix(f"{source.name}__")
    for table in source.tables.values():
        if name in (table.name, *table.also_called):
            return [table]
    return [] if entry.is_dir() else [table for table in source.tables.values() if _fits(entry.name, table.files)]


def _fits(name: str, patterns: Iterable[str]) -> bool:
    """Tell whether a name fits one of the patterns, in whatever case either is written."""
    return any(fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns)


def _table_name(entry: Path) -> str:
    return entry.name if entry.is_dir() else entry.name.split(".", 1)[0]


def form_of(path: str) -> Form | None:
    """Return the form that a file has by the extension of its name; None for an unknown one."""
    return EXTENSIONS.get(_suffix(Path(path)))


def _suffix(file: Path) -> str:
    """Return the extension in lower case, as people and systems write it either way."""
    suffixes = [suffix.lower() for suffix in file.suffixes]
    return "".join(suffixes[-2:] if suffixes[-1:] == [".gz"] else suffixes[-1:])


def _extract_file(path: str, file: Path, table: Table, instance: str | None) -> ExtractFile:
    suffix = _suffix(file)
    # A log is rotated under any ending; streams write files without an extension.
    form = EXTENSIONS.get(suffix) or _form_of_logs(table) or table.format
    if form is None:
        raise UsageError(f"{path} has an unknown extension; extracts end in one of {_listed(EXTENSIONS)}.")
    return ExtractFile(path, file, table, form, is_gzipped=suffix.endswith(".gz"), instance=instance)


def _form_of_logs(table: Table) -> Form | None:
    if table.lines is None:
        return None
    return "csv" if table.lines.is_csv else "lines"


def _is_no_extract(entry: Path) -> bool:
    """Tell whether a file lies there for people or for other tools: a README, or a name such as _SUCCESS."""
    return entry.is_file() and (entry.name.startswith("_") or entry.name.split(".", 1)[0].lower() == "readme")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
