"""Log lines without a header: values between separators, in the order that the table declares."""

from dataclasses import replace
from pathlib import Path

import duckdb

from pipelines.landing.declarations import Lines, Table
from pipelines.landing.fingerprint import CONTROL, INVALID_BYTE, Fingerprint
from pipelines.landing.records import RECORDS, Records
from pipelines.landing.spool import spool_lines
from pipelines.warehouse.sql import identifier, literal

_LINES = "select file_row_number + 1 as _line, line as _raw from read_parquet($spool) where line is not null"


def read_lines(
    connection: duckdb.DuckDBPyConnection, file: Path, table: Table, fingerprint: Fingerprint, folder: Path
) -> Records:
    """Read a file of log lines, blank ones left out; `folder` is for what has to be kept until it is landed.

    Raises RefusedFile if a line is far too long.
    """
    parameters: dict[str, object] = {}
    records = "select null::BIGINT as _line, null::VARCHAR as _raw where false"
    half_written_line = None
    if not fingerprint.is_empty:
        parameters["spool"] = str(spool_lines(connection, file, fingerprint, folder).spool)
        records = _LINES
        if not fingerprint.ends_with_line_end:
            (half_written_line,) = connection.execute(f"select max(_line) from ({records})", parameters).fetchone() or (
                None,
            )
    given = _values(table, has_stand_ins=fingerprint.needs_clean_copy)
    return replace(_records(records, parameters, table, given), half_written_line=half_written_line)


def read_log_again(lines: str, parameters: dict[str, object], table: Table) -> Records:
    """Read single log lines anew: `lines` is a query of their `_line` and `_raw`."""
    return _records(lines, parameters, table, _values(table, has_stand_ins=False))


def with_line_columns(records: Records, table: Table) -> Records:
    """Add the columns that landing fills in a table of log lines, whatever form its file has.

    They are the number of the line, and a number made of its values, so that the same line twice is one record.
    """
    if table.lines is None:
        return records
    names = (column.name for column in table.columns if column.name in records.types)
    values = ", ".join(f"coalesce({identifier(name)}::VARCHAR, '')" for name in names) or "''"
    content = f"rtrim(concat_ws({literal(table.lines.separator)}, {values}), {literal(table.lines.separator)})"
    filled = {table.lines.number: "_line", table.lines.content: f"(md5_number_lower({content}) >> 1)::BIGINT"}
    columns = [f", {sql} as {identifier(name)}" for name, sql in filled.items() if name]
    return replace(
        records,
        values=f"select *{''.join(columns)} from ({records.values})",
        types={**records.types, **dict.fromkeys(table.filled_columns, "BIGINT")},
    )


def _records(records: str, parameters: dict[str, object], table: Table, values: str) -> Records:
    lines = _lines_of(table)
    return Records(
        records=records,
        values=values,
        parameters=parameters,
        types=dict.fromkeys(lines.columns, "VARCHAR"),
        between=lines.separator,
    )


def _values(table: Table, *, has_stand_ins: bool) -> str:
    """Return SQL for the values of lines. What is beyond the last column belongs to it, separators included."""
    lines = _lines_of(table)
    separator, last = literal(lines.separator), len(lines.columns)
    values = [
        f"nullif(_fields[{position}], '') as {identifier(name)}" for position, name in enumerate(lines.columns[:-1], 1)
    ]
    rest = f"""
        case when len(_fields) > {last} then array_to_string(_fields[{last}:], {separator}) else _fields[{last}] end
    """
    values.append(f"nullif({rest}, '') as {identifier(lines.columns[-1])}")
    fewest = table.fewest_values(lines.columns)
    stand_ins = (
        f"""
        when contains(_raw, {literal(INVALID_BYTE)}) then 'the line holds bytes that are no UTF-8'
        when contains(_raw, {literal(CONTROL)}) then 'the line holds control characters'
        """
        if has_stand_ins
        else ""
    )
    begins = literal(
        f" of the {fewest} values that a line begins with ({', '.join(lines.columns[:fewest])}), so it looks cut"
    )
    fault = f"""
        case
            {stand_ins}
            when len(_fields) < {fewest} then 'the line has ' || len(_fields) || {begins}
        end
    """
    fields = f"select _line, _raw, string_split(_raw, {separator}) as _fields from {RECORDS}"
    return f"select _line, _raw, {fault} as _fault, {', '.join(values)} from ({fields})"


def _lines_of(table: Table) -> Lines:
    if table.lines is None:
        raise AssertionError(f"{table.source}.{table.name} declares no lines")
    return table.lines
