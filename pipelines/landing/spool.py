"""A text file's lines as Parquet: read once, in parallel, and from then on each line has its number.

DuckDB's CSV reader finds fields quickly, but of a row it passes it tells no line number, and of a row it drops only
some. Landing therefore lets it read lines, which a Parquet copy numbers (`file_row_number`), and takes the fields out
of the lines itself (read_delimited.py). The copy lives beside the warehouse while its file is landed.
"""

from glob import escape
from pathlib import Path
from uuid import uuid4

import duckdb

from pipelines.landing.fingerprint import CARRIAGE_RETURN, Fingerprint, write_clean_copy
from pipelines.landing.refusal import RefusedFile, unreadable_is_refused
from pipelines.warehouse.sql import literal

MAX_LINE_BYTES = 8 * 1024 * 1024

_NEVER_IN_TEXT = "\x01\x02\x03\x04"  # the reader wants a delimiter, lines have none

_COPY_LINES = """
copy (
    select {line} as line
    from read_csv(
        $path, auto_detect = false, columns = {{'line': 'VARCHAR'}}, header = false, delim = $delimiter, quote = '',
        escape = '', comment = '', max_line_size = $max_line_size, buffer_size = $max_line_size * 2,
        compression = $compression
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


def spool_lines(
    connection: duckdb.DuckDBPyConnection, file: Path, fingerprint: Fingerprint, folder: Path, *, is_gzipped: bool
) -> Path:
    """Copy a text file's lines, in order, to a Parquet file in `folder`: one row a line, a blank line is null.

    Raises RefusedFile if a line is longer than MAX_LINE_BYTES bytes.
    """
    spool = new_file(folder, "lines.parquet")
    compression = "gzip" if is_gzipped else "none"
    line = "line"
    if fingerprint.needs_clean_copy:
        copy = new_file(folder, "clean.txt")
        write_clean_copy(file, copy, is_gzipped=is_gzipped, line_end=fingerprint.line_end)
        file, compression = copy, "none"
        line = f"replace(line, {literal(CARRIAGE_RETURN)}, chr(13))"
    parameters = {
        "path": escape(str(file)),
        "delimiter": _NEVER_IN_TEXT,
        "max_line_size": MAX_LINE_BYTES,
        "compression": compression,
        "spool": str(spool),
    }
    try:
        with unreadable_is_refused("text file"):
            connection.execute(_COPY_LINES.format(line=line), parameters)
    except RefusedFile as refusal:
        if "Maximum line size" in str(refusal.__cause__):
            raise RefusedFile(f"has a line of more than {MAX_LINE_BYTES:,} bytes; is it text?") from refusal
        raise
    return spool


def spool_documents(connection: duckdb.DuckDBPyConnection, file: Path, folder: Path, *, is_array: bool) -> Path:
    """Copy the records of a JSON array, or one JSON object, to a Parquet file in `folder`: one row a record.

    Raises RefusedFile if the JSON is malformed.
    """
    spool = new_file(folder, "lines.parquet")
    with unreadable_is_refused("JSON file"):
        connection.execute(
            _COPY_DOCUMENTS,
            {
                "path": escape(str(file)),
                "format": "array" if is_array else "unstructured",
                "max_line_size": MAX_LINE_BYTES,
                "spool": str(spool),
            },
        )
    return spool
