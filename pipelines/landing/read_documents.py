"""JSON documents of a vendor: objects with objects inside, of which a column names the path of its value.

A document a line, an array, indented objects, objects with nothing between them, or pages of records. Each is read once
and its values are kept beside it; what is no JSON, or too much of it, is a fault of that document alone.
"""

import json
from glob import escape
from pathlib import Path

import duckdb

from pipelines.landing.declarations import Column, Table
from pipelines.landing.documents import split_documents
from pipelines.landing.fingerprint import (
    CONTROL,
    INVALID_BYTE,
    MAX_LINE_BYTES,
    MAX_PAGE_BYTES,
    Fingerprint,
    write_clean_copy,
)
from pipelines.landing.read_json import is_one_object_a_line
from pipelines.landing.records import RECORDS, Records
from pipelines.landing.refusal import RefusedFile, unreadable_is_refused
from pipelines.landing.spool import new_file, records_of_page
from pipelines.warehouse.sql import identifier, literal

# A record is not taken apart if it is longer or holds more values, since two thousand are at a time.
MAX_RECORD_BYTES = 1024 * 1024
MAX_VALUES = 100_000
_SHORT_RECORD = 16 * 1024

_NEVER_IN_TEXT = "\x01"
_LINES = f"""
    select line as _document
    from read_csv(
        $path, auto_detect = false, columns = {{'line': 'VARCHAR'}}, header = false, delim = {literal(_NEVER_IN_TEXT)},
        quote = '', escape = '', comment = '', max_line_size = $max_size, buffer_size = $max_size * 2,
        compression = 'none'
    )
"""
_OBJECTS, _ARRAY = (
    f"""
    select json::VARCHAR as _document
    from read_json_objects($path, format = {literal(form)}, maximum_object_size = $max_size)
    """
    for form in ("unstructured", "array")
)
_SPOOLED = "select file_row_number + 1 as _line, * from read_parquet($spool)"


def read_documents(
    connection: duckdb.DuckDBPyConnection, file: Path, table: Table, fingerprint: Fingerprint, folder: Path
) -> Records:
    """Read a file of JSON documents; `folder` is for what has to be kept until it is landed."""
    if fingerprint.needs_clean_copy:
        copy = new_file(folder, "clean.txt")
        write_clean_copy(file, copy, fingerprint.line_end)
        file = copy
    spool = _spool(connection, file, table, fingerprint, folder)
    return _records(table, f"{_SPOOLED} where not _is_blank", {"spool": str(spool)})


def read_documents_again(
    connection: duckdb.DuckDBPyConnection, lines: str, parameters: dict[str, object], table: Table
) -> Records:
    """Read single records of a file anew: `lines` is a query of their `_line` and `_raw`."""
    del connection
    return _records(table, f"select _line, _raw, {_taken_apart(table)} from ({lines})", parameters)


def _spool(
    connection: duckdb.DuckDBPyConnection, file: Path, table: Table, fingerprint: Fingerprint, folder: Path
) -> Path:
    """Copy the records, their faults and their values to a Parquet file, the quickest way that the text allows."""
    begins = fingerprint.head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    is_cut_array = begins == b"[" and fingerprint.tail.rstrip()[-1:] != b"]"
    spool = None
    if is_one_object_a_line(fingerprint.head):
        spool = _copied(connection, _LINES, file, table, folder)
    elif not is_cut_array and not fingerprint.needs_clean_copy:
        spool = _copied(connection, _ARRAY if begins == b"[" else _OBJECTS, file, table, folder)
    if spool is None or _has_lines_of_several(connection, spool):
        split = new_file(folder, "documents.txt")
        with file.open(encoding="utf-8-sig", newline="") as text, split.open("w", encoding="utf-8", newline="") as one:
            for document in split_documents(text):
                # One that is far too long is told by its beginning, since a page alone may be as long.
                is_too_long = table.records is None and len(document) > MAX_LINE_BYTES // 4
                one.write(f"{document[: MAX_RECORD_BYTES + 1] if is_too_long else document}\n")
        spool = _copied(connection, _LINES, split, table, folder)
    if spool is None:
        raise RefusedFile("holds a JSON document that is too large to be read; deliver it in parts.")
    return spool


def _copied(
    connection: duckdb.DuckDBPyConnection,
    documents: str,
    file: Path,
    table: Table,
    folder: Path,
) -> Path | None:
    """Copy what a query finds in a file, or return None where DuckDB can't read it so."""
    spool = new_file(folder, "documents.parquet")
    max_size = MAX_LINE_BYTES if table.records is None else MAX_PAGE_BYTES
    try:
        with unreadable_is_refused("JSON file"):
            connection.execute(
                f"""
                copy (
                    select _raw, {_taken_apart(table)} from ({_records_of(table, documents)})
                ) to $spool (format parquet, compression zstd, compression_level 1)
                """,
                {"path": escape(str(file)), "max_size": max_size, "spool": str(spool)},
            )
    except RefusedFile:
        return None
    return spool


def _records_of(table: Table, documents: str) -> str:
    """Return SQL for the records of documents, of which some may be pages."""
    if table.records is None:
        return f"select _document as _raw from ({documents})"
    return f"select {records_of_page(table.records, '_document')} as _raw from ({documents})"


def _has_lines_of_several(connection: duckdb.DuckDBPyConnection, spool: Path) -> bool:
    """Tell whether a line that is no JSON may hold several documents, or part of one."""
    return bool(
        connection.execute(
            f"select 1 from ({_SPOOLED}) where _fault is not null and regexp_matches(_raw, $between) limit 1",
            {"spool": str(spool), "between": r"[}]\s*,?\s*[{]"},
        ).fetchone()
    )


def _taken_apart(table: Table) -> str:
    """Return SQL for the fault of a record (`_raw`), if it has one, and its values."""
    paths = ", ".join(literal(path) for path in _paths(table).values())
    values = "regexp_replace(_raw, '\"[^\"]*\"|[^\",\\[{]', '', 'g')"  # what begins a value, outside of texts
    too_large = f"""
        case
            when _raw is null or strlen(_raw) <= {_SHORT_RECORD} then null
            when strlen(_raw) > {MAX_RECORD_BYTES} then 'the record holds more than {MAX_RECORD_BYTES:,} bytes'
            when strlen({values}) > {MAX_VALUES} then 'the record holds more than {MAX_VALUES:,} values'
        end
    """
    apart = f"case when {too_large} is null then try(json_extract_string(_raw, [{paths}])) end"
    return f"""
        _raw is null as _is_blank,
        {apart} as _values,
        case
            when _raw is null then null
            when contains(_raw, {literal(INVALID_BYTE)}) then 'the record holds bytes that are no UTF-8'
            when contains(_raw, {literal(CONTROL)}) then 'the record holds control characters'
            when {too_large} is not null then {too_large}
            when _raw = '[' then 'the array has no end: the file is cut'
            when _values is null then 'the record is no valid JSON'
            when not starts_with(ltrim(_raw), '{{') then 'the record is no JSON object'
            {_mistakes(table)}
        end as _fault
    """


def _mistakes(table: Table) -> str:
    """Return SQL for what a record without its key is, where the declaration tells it by what it has instead."""
    if not table.mistaken_for:
        return ""
    place = list(_paths(table)).index(table.key[0]) + 1
    known = " ".join(
        f"when try(json_exists(_raw, {literal(path)})) then {literal(fault)}" for path, fault in table.mistakes.items()
    )
    return f"when _values[{place}] is null then case {known} end"


def _paths(table: Table) -> dict[str, str]:
    """Return the path of each column that has one, those of objects and arrays last."""
    columns = sorted((column for column in table.landed_columns if not column.whole), key=lambda each: each.json_value)
    return {column.name: column.path or f"$.{column.name}" for column in columns}


def _records(table: Table, records: str, parameters: dict[str, object]) -> Records:
    """Give the values their names; `records` is SQL for `_line`, `_raw`, `_fault` and `_values`."""
    places = {name: f"nullif(_values[{place}], '')" for place, name in enumerate(_paths(table), 1)}
    values = ", ".join(
        f"{'_raw' if column.whole else _as_declared(column, places[column.name])} as {identifier(column.name)}"
        for column in table.landed_columns
    )
    texts = sum(not column.whole and not column.json_value for column in table.landed_columns)
    return Records(
        records=records,
        values=f"select _line, _raw, _fault, {values} from {RECORDS}",
        parameters=parameters,
        types={column.name: "VARCHAR" for column in table.landed_columns},
        texts=f"_values[:{texts}]",
    )


def _as_declared(column: Column, value: str) -> str:
    """Return SQL for the value of a column: what is not to be kept of an array is left out."""
    if column.keys:
        kept = literal(json.dumps([dict.fromkeys(column.keys, "JSON")]))
        return f"cast(to_json(try(from_json({value}, {kept}))) as varchar)"
    return _padded(column, value)


def _padded(column: Column, value: str) -> str:
    """Return SQL for a date with two digits for month and day: some systems write `2021-04-2T15:30:51Z`."""
    if column.data_type != "timestamp":
        return value
    month = f"regexp_replace({value}, '^([0-9]{{4}})-([0-9])-', '\\1-0\\2-')"
    day = f"regexp_replace({month}, '^([0-9]{{4}}-[0-9]{{2}})-([0-9])T', '\\1-0\\2T')"
    return f"case when {value} like '____-__-__T%' then {value} else {day} end"
