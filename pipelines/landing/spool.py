"""A text file's lines as Parquet: read once, in parallel, and from then on each line has its number.

DuckDB's CSV reader finds fields quickly, but of a row it passes it tells no line number, and of a row it drops only
some. Landing therefore lets it read lines, which a Parquet copy numbers (`file_row_number`), and takes the fields out
of the lines itself (read_delimited.py). The copy lives beside the warehouse while its file is landed.
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from uuid import uuid4

import duckdb

from pipelines.landing.fingerprint import CARRIAGE_RETURN, LINE_END, MAX_LINE_BYTES, Fingerprint, write_clean_copy
from pipelines.landing.refusal import RefusedFile, unreadable_is_refused
from pipelines.warehouse.sql import literal

_NEVER_IN_TEXT = "\x01"  # a delimiter for the reader; a text that has it is read as a clean copy, which has not

_COPY_LINES = """
copy (
    select {selected}
    from read_csv(
        $path, auto_detect = false, columns = {columns}, header = false, delim = $delimiter, quote = '',
        escape = '', comment = '', max_line_size = $max_line_size, buffer_size = $max_line_size * 2,
        compression = 'none'
    )
) to $spool (format parquet)
"""

_COPY_DOCUMENTS = """
copy (
    select json::VARCHAR as line
    from read_json_objects($path, format = $format, maximum_object_size = $max_line_size)
) to $spool (format parquet)
"""


def new_file(folder: Path, name: str) -> Path:
    """Name a file that was never there: DuckDB may take one that is written anew for the one it has read before."""
    return folder / f"{uuid4().hex}.{name}"


@dataclass(frozen=True)
class Lines:
    """A text file's lines, as a Parquet file with one row a line, and the text that they were read from."""

    spool: Path
    text: Path
    given: str
    """SQL for a `line` as the file has it: the text may have stand-ins."""


def spool_lines(connection: duckdb.DuckDBPyConnection, file: Path, fingerprint: Fingerprint, folder: Path) -> Lines:
    """Copy a text file's lines, in order, to a Parquet file in `folder`: one row a line, a blank line is null.

    Raises RefusedFile if a line is longer than MAX_LINE_BYTES bytes.
    """
    line = "line"
    if fingerprint.needs_clean_copy:
        copy = new_file(folder, "clean.txt")
        write_clean_copy(file, copy, fingerprint.line_end)
        file, line = copy, f"replace(line, {literal(CARRIAGE_RETURN)}, chr(13))"
    spool = _copy_lines(connection, file, folder, f"{line} as line", {"line": "VARCHAR"})
    return Lines(spool, file, line)


def spool_records(
    connection: duckdb.DuckDBPyConnection,
    lines: Lines,
    spans: Iterator[tuple[int, int]],
    folder: Path,
    *,
    after: int,
    line_end: str,
) -> Path:
    """Copy the records of a text, of which some take several lines, to a Parquet file in `folder`.

    It has one row a record, with its text and its first line's number; blank lines and those up to `after` are left
    out. `spans` gives first and last line of the records that take several.

    Raises RefusedFile if a record is longer than MAX_LINE_BYTES bytes.
    """
    joined = new_file(folder, "records.txt")
    with lines.text.open("rb") as text, joined.open("wb") as copy:
        for number, record in _joined(text, spans, line_end.encode()):
            if record and number > after:
                copy.write(b"%d%b%b\n" % (number, _NEVER_IN_TEXT.encode(), record))
    given = lines.given.replace("line", f"replace(line, {literal(LINE_END)}, {literal(line_end)})")
    return _copy_lines(connection, joined, folder, f"_line, {given} as line", {"_line": "BIGINT", "line": "VARCHAR"})


def _joined(text: Iterable[bytes], spans: Iterator[tuple[int, int]], line_end: bytes) -> Iterator[tuple[int, bytes]]:
    """Give each record with its first line's number; between the lines of one stands LINE_END."""
    first, last = next(spans, _NO_SPAN)
    held: list[bytes] = []
    size = 0
    for number, line in enumerate(text, 1):
        if number < first:
            yield number, line.removesuffix(line_end)
            continue
        held.append(line.removesuffix(line_end))
        size += len(line) + len(LINE_END.encode())
        if size > MAX_LINE_BYTES - _NUMBER_BYTES:
            raise RefusedFile(
                f"has a row of more than {MAX_LINE_BYTES:,} bytes: a quote that opens in line {first:,} closes only in "
                f"line {last:,}; mend line {first:,}."
            )
        if number == last:
            yield first, LINE_END.encode().join(held)
            first, last = next(spans, _NO_SPAN)
            held, size = [], 0


_NO_SPAN = (sys.maxsize, sys.maxsize)
_NUMBER_BYTES = 64


def _copy_lines(
    connection: duckdb.DuckDBPyConnection, text: Path, folder: Path, selected: str, columns: dict[str, str]
) -> Path:
    spool = new_file(folder, "lines.parquet")
    try:
        with unreadable_is_refused("text file"):
            connection.execute(
                _COPY_LINES.format(selected=selected, columns=columns),
                {
                    "path": escape(str(text)),
                    "delimiter": _NEVER_IN_TEXT,
                    "max_line_size": MAX_LINE_BYTES,
                    "spool": str(spool),
                },
            )
    except RefusedFile as refusal:
        if "Maximum line size" in str(refusal.__cause__):
            raise RefusedFile(
                f"has a line of more than {MAX_LINE_BYTES:,} bytes; is it text? Deliver it with shorter lines."
            ) from refusal
        raise
    return spool


def spool_documents(
    connection: duckdb.DuckDBPyConnection, file: Path, folder: Path, *, is_array: bool, max_bytes: int = MAX_LINE_BYTES
) -> Path:
    """Copy the records of a JSON array, or one JSON object, to a Parquet file in `folder`: one row a record.

    Raises RefusedFile if the JSON is malformed, or if a record is longer than `max_bytes`.
    """
    spool = new_file(folder, "lines.parquet")
    with unreadable_is_refused("JSON file"):
        connection.execute(
            _COPY_DOCUMENTS,
            {
                "path": escape(str(file)),
                "format": "array" if is_array else "unstructured",
                "max_line_size": max_bytes,
                "spool": str(spool),
            },
        )
    return spool


_EMPTY_PAGE = r'\s*\{\s*("totalHits"\s*:\s*0)?\s*\}\s*'


def records_of_page(path: str, document: str) -> str:
    """Return SQL for the records of a document, a row each: those at a path or, where it is no page, itself."""
    return f"""
        unnest(case
            when try(json_type({document}, {literal(path)})) = 'ARRAY'
                then json_extract({document}, {literal(f"{path}[*]")})::VARCHAR[]
            when regexp_full_match({document}, {literal(_EMPTY_PAGE)}) then []
            else [{document}]
        end)
    """


def spool_pages(connection: duckdb.DuckDBPyConnection, spool: Path, path: str, folder: Path) -> Path | None:
    """Copy the records of pages to a Parquet file in `folder`: one row a record; return None if there is no page."""
    parameters = {"spool": str(spool)}
    is_page = f"try(json_type(line, {literal(path)})) = 'ARRAY'"
    if not connection.execute(f"select 1 from read_parquet($spool) where {is_page} limit 1", parameters).fetchone():
        return None
    records = new_file(folder, "records.parquet")
    connection.execute(
        f"copy (select {records_of_page(path, 'line')} as line from read_parquet($spool)) to $records (format parquet)",
        {**parameters, "records": str(records)},
    )
    return records
