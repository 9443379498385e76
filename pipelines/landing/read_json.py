"""JSON files: one object a line, an array of objects, one object, or pages that hold the objects."""

import json
from pathlib import Path

import duckdb

from pipelines.landing.declarations import Table
from pipelines.landing.fingerprint import CONTROL, INVALID_BYTE, MAX_LINE_BYTES, MAX_PAGE_BYTES, Fingerprint
from pipelines.landing.header import MAX_COLUMNS, match_header, undeclared, unmatched
from pipelines.landing.records import RECORDS, Records
from pipelines.landing.refusal import RefusedFile
from pipelines.landing.spool import spool_documents, spool_lines, spool_pages
from pipelines.warehouse.sql import identifier, literal

# A record is not taken apart if it holds more values, since two thousand records are at a time and each value takes a
# hundred bytes then. Records shorter than this hold few.
MAX_VALUES = 10_000
_SHORT_LINE = 4096

_LINES = "select file_row_number + 1 as _line, line as _raw from read_parquet($spool) where line is not null"


def read_json(
    connection: duckdb.DuckDBPyConnection,
    file: Path,
    table: Table,
    fingerprint: Fingerprint,
    folder: Path,
    *,
    is_lines: bool,
) -> Records:
    """Read a JSON file; a malformed line of many is a fault of that line, a malformed document refuses the file.

    Raises RefusedFile if a document is malformed, or if its objects' keys are unfit as columns.
    """
    if is_lines or is_one_object_a_line(fingerprint.head):
        spool = spool_lines(connection, file, fingerprint, folder).spool
    else:
        is_array = _is_array(fingerprint)
        max_bytes = MAX_LINE_BYTES if table.records is None else MAX_PAGE_BYTES
        spool = spool_documents(connection, file, folder, is_array=is_array, max_bytes=max_bytes)
        is_lines = False
    pages = spool_pages(connection, spool, table.records, folder) if table.records else None
    if pages is not None:
        spool, is_lines = pages, False
    parameters: dict[str, object] = {"spool": str(spool)}
    fault = _fault(has_stand_ins=fingerprint.needs_clean_copy)
    names = _names(connection, _LINES, parameters, fault)
    matched = match_header(table, names) if names else {}
    half_written_line = None
    if is_lines and not fingerprint.ends_with_line_end:
        (half_written_line,) = connection.execute(
            "select count(*) from read_parquet($spool)", parameters
        ).fetchone() or (0,)
    return Records(
        records=_LINES,
        values=_values(matched, fault),
        parameters=parameters,
        types=dict.fromkeys(matched, "JSON"),
        undeclared=undeclared(table, names, matched, in_order=False),
        unmatched=unmatched(table, names) if names else [],
        half_written_line=half_written_line,
    )


def read_objects_again(
    connection: duckdb.DuckDBPyConnection, lines: str, parameters: dict[str, object], table: Table
) -> Records:
    """Read single records of a file anew: `lines` is a query of their `_line` and `_raw`, which are JSON objects.

    Raises RefusedFile if the objects' keys are unfit by what is declared now.
    """
    fault = _fault(has_stand_ins=False)
    names = _names(connection, lines, parameters, fault)
    there = {table.renamed.get(name, name) for name in names}
    # What none of these records has, the others of the file may have had.
    names += [column.name for column in table.columns if column.required and column.name not in there]
    matched = match_header(table, names)
    return Records(
        records=lines, values=_values(matched, fault), parameters=parameters, types=dict.fromkeys(matched, "JSON")
    )


def _names(connection: duckdb.DuckDBPyConnection, lines: str, parameters: dict[str, object], fault: str) -> list[str]:
    """Return the keys of the objects, or more than a file may have of them."""
    return [
        name
        for (name,) in connection.execute(
            f"""
            select distinct unnest(json_keys(_raw)) as name
            from (select _raw, {fault} as _fault from ({lines}))
            where _fault is null
            order by name
            limit {MAX_COLUMNS + 1}
            """,
            parameters,
        ).fetchall()
    ]


def _values(matched: dict[str, str], fault: str) -> str:
    """Return SQL for the values of records."""
    paths = ", ".join(literal(f"$.{json.dumps(name, ensure_ascii=False)}") for name in matched.values())
    values = "".join(
        f", nullif(_values[{position}], '') as {identifier(column)}" for position, column in enumerate(matched, 1)
    )
    values_of = f"case when _fault is null then json_extract_string(_raw, [{paths}]) end" if matched else "null"
    objects = f"select _line, _raw, {fault} as _fault from {RECORDS}"
    return f"select _line, _raw, _fault{values} from (select *, {values_of} as _values from ({objects}))"


def is_one_object_a_line(head: bytes) -> bool:
    """Tell whether a file that may be a document holds an object a line: its first line is one and not the last."""
    lines = [line for line in head.removeprefix(b"\xef\xbb\xbf").splitlines() if line.strip()]
    if len(lines) < 2:  # noqa: PLR2004
        return False
    try:
        return isinstance(json.loads(lines[0]), dict)
    except (ValueError, RecursionError):
        return False


def _is_array(fingerprint: Fingerprint) -> bool:
    """Tell an array from an object, by how the document begins and ends; the reader overlooks a missing end.

    Raises RefusedFile if it is neither.
    """
    begins = fingerprint.head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    ends = fingerprint.tail.rstrip()[-1:]
    if begins == b"[" and ends != b"]":
        raise RefusedFile("is a JSON array without its end; deliver it again.")
    if begins not in (b"[", b"{"):
        raise RefusedFile("is no JSON array or object, nor an object a line; deliver one of these.")
    return begins == b"["


def _fault(*, has_stand_ins: bool) -> str:
    stand_ins = (
        f"""
        when contains(_raw, {literal(INVALID_BYTE)}) then 'the line holds bytes that are no UTF-8'
        when contains(_raw, {literal(CONTROL)}) then 'the line holds control characters'
        """
        if has_stand_ins
        else ""
    )
    values = "regexp_replace(_raw, '\"[^\"]*\"|[^\",\\[{]', '', 'g')"  # what begins a value, outside of texts
    return f"""
        case
            {stand_ins}
            when case when strlen(_raw) <= {_SHORT_LINE} then false else strlen({values}) > {MAX_VALUES} end
                then 'the record holds more than {MAX_VALUES:,} values'
            when not json_valid(_raw) then 'the line is no valid JSON'
            when json_type(_raw) <> 'OBJECT' then 'the record is no JSON object'
            when len(list_distinct(json_keys(_raw))) < len(json_keys(_raw)) then 'the object has a key twice'
        end
    """
