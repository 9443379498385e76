"""Which files of a landing folder are extracts, of which table, and of which system where several are of one kind."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Literal

from pipelines.errors import UsageError
from pipelines.landing.declarations import INSTANCE, Declarations, Source, Table

Form = Literal["csv", "tsv", "parquet", "jsonl", "json"]

EXTENSIONS: dict[str, Form] = {
    ".csv": "csv",
    ".csv.gz": "csv",
    ".tsv": "tsv",
    ".tsv.gz": "tsv",
    ".parquet": "parquet",
    ".jsonl": "jsonl",
    ".json": "json",
}

AT = "@"  # between a source and its instance, in the name of a folder

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


def find_extracts(extracts: Path, declarations: Declarations) -> tuple[list[ExtractFile], list[str]]:
    """Return the extract files under a landing folder in the order of their paths, and notices of what is left out.

    Raises UsageError if the folder is missing or has no extract, and if anything in it belongs to no declared
    source or table or has an unknown extension: what nobody reads should be seen to be unread.
    """
    if not extracts.is_dir():
        raise UsageError(f"The extracts folder {extracts} is missing; name another with --extracts.")
    found: list[ExtractFile] = []
    notices: list[str] = []
    for entry in _visible(extracts):
        if _is_no_extract(entry):
            notices.append(f"{entry.name} is no extract and was left out.")
        elif entry.name == TRUTH_FOLDER and entry.is_dir():
            notices.append(f"{entry.name}/ holds the simulation's answers, no extracts, and was left out.")
        else:
            source, at, instance = entry.name.partition(AT)
            if not entry.is_dir() or source not in declarations.sources:
                raise UsageError(
                    f"{entry.name}{'/' if entry.is_dir() else ''} in {extracts} is no declared source; "
                    f"sources are {_listed(declarations.sources)}, or one of them with the name of a system, "
                    f"such as acd{AT}berlin."
                )
            if at and not re.fullmatch(INSTANCE, instance):
                raise UsageError(
                    f"{entry.name}/ in {extracts} has no legal name of a system after its {AT}: name it in letters, "
                    f"digits, - and _, such as {source}{AT}berlin, or {source} if there is only one."
                )
            _find_in_source(entry, declarations.sources[source], instance or None, found, notices)
    if not found:
        raise UsageError(
            f"The extracts folder {extracts} holds no extract; "
            f"expected are files such as acd/contact_legs.csv, with one of {_listed(EXTENSIONS)}."
        )
    return sorted(found, key=lambda extract: extract.path), notices


def _find_in_source(
    folder: Path, source: Source, instance: str | None, found: list[ExtractFile], notices: list[str]
) -> None:
    for entry in _visible(folder):
        path = f"{folder.name}/{entry.name}"
        if _is_no_extract(entry):
            notices.append(f"{path} is no extract and was left out.")
            continue
        table = _table_of(entry, path, source)
        if table is None:
            raise UsageError(
                f"{path}{'/' if entry.is_dir() else ''} belongs to no declared table of {source.name}; "
                f"its tables are {_listed(source.tables)}."
            )
        for file in _files_under(entry):
            file_path = PurePosixPath(path, *file.relative_to(entry).parts).as_posix()
            if _is_no_extract(file):
                notices.append(f"{file_path} is no extract and was left out.")
            else:
                found.append(_extract_file(file_path, file, table, instance))


def _table_of(entry: Path, path: str, source: Source) -> Table | None:
    """Return the table that a folder or file belongs to: by its name, else by a vendor's pattern of file names.

    The name may carry the source's, as in acd/acd__contact_legs.csv: dbt wants the names of seeds to be unique.
    """
    name = entry.name if entry.is_dir() else entry.name.split(".", 1)[0]
    name = name.removeprefix(f"{source.name}__")
    if name in source.tables:
        return source.tables[name]
    if entry.is_dir():
        return None
    fitting = [
        table for table in source.tables.values() if any(fnmatchcase(entry.name, pattern) for pattern in table.files)
    ]
    if len(fitting) > 1:
        raise UsageError(
            f"{path} fits the declared file names of more than one table: "
            f"{_listed(table.name for table in fitting)}. Put it into the folder of its table."
        )
    return fitting[0] if fitting else None


def form_of(path: str) -> Form | None:
    """Return the form that a file has by the extension of its name; None for an unknown one."""
    return EXTENSIONS.get(_suffix(Path(path)))


def _suffix(file: Path) -> str:
    return "".join(file.suffixes[-2:]) if file.suffix == ".gz" else file.suffix


def _extract_file(path: str, file: Path, table: Table, instance: str | None) -> ExtractFile:
    suffix = _suffix(file)
    form = EXTENSIONS.get(suffix)
    if form is None:
        raise UsageError(f"{path} has an unknown extension; extracts end in one of {_listed(EXTENSIONS)}.")
    return ExtractFile(path, file, table, form, is_gzipped=suffix.endswith(".gz"), instance=instance)


def _visible(folder: Path) -> list[Path]:
    return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))


def _files_under(entry: Path) -> list[Path]:
    if not entry.is_dir():
        return [entry]
    return [file for child in _visible(entry) for file in _files_under(child)]


def _is_no_extract(entry: Path) -> bool:
    """Tell whether a file lies there for people or for other tools: a README, or a name such as _SUCCESS."""
    return entry.is_file() and (entry.name.startswith("_") or entry.name.split(".", 1)[0].lower() == "readme")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
