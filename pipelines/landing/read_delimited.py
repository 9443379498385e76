"""CSV and TSV files: from numbered lines to records and their fields."""

import json
import re
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import duckdb

from pipelines.landing.declarations import EPOCH_OR_ISO, Column, Table
from pipelines.landing.fingerprint import CONTROL, INVALID_BYTE, Fingerprint
from pipelines.landing.header import MAX_COLUMNS, known_names, match_header, undeclared, unmatched
from pipelines.landing.quotes import Grammar, records_of_several_lines
from pipelines.landing.records import RECORDS, Records
from pipelines.landing.refusal import RefusedFile
from pipelines.landing.spool import Lines, spool_lines, spool_records
from pipelines.warehouse.sql import identifier, literal

MAX_HEADER_LINES = 100
MAX_HEADER_CHARACTERS = 256 * 1024

# So many lines after the first one say besides it in which order a log has its columns: the first one may be cut.
_LINES_OF_ORDER = 9

# A row is not taken apart into more fields, since two thousand rows are at a time. Rows shorter than this have few.
_SHORT_ROW = 4096

# Up to so many lines a file may have whatever it has in them; beyond, they must be able to hold rows (LND-16): a
# million of keys that differ have two characters and a line end at least.
_FEW_LINES = 1_000_000
_LEAST_BYTES_OF_A_LINE = 3

_LINES = "select file_row_number + 1 as _line, line as _raw from read_parquet($spool)"


def read_delimited(
    connection: duckdb.DuckDBPyConnection,
    file: Path,
    table: Table,
    fingerprint: Fingerprint,
    folder: Path,
    *,
    delimiter: str,
) -> Records:
    """Read a delimited text file; `folder` is for what has to be kept until it is landed.

    It has a header line, unless its table is a log and no name in the first line is one of its columns: then all lines
    are rows. The first line of a log that is CSV by itself may be cut, since logs are rotated: then it is a bad row.

    Raises RefusedFile if its header is unreadable or unfit, or if its lines can't hold rows.
    """
    grammar = Grammar(delimiter)
    _refuse_lines_without_rows(fingerprint, _LEAST_BYTES_OF_A_LINE)
    lines = spool_lines(connection, file, fingerprint, folder)
    parameters: dict[str, object] = {"spool": str(lines.spool)}
    log = table.lines
    try:
        names, header_line = _read_header(connection, parameters, grammar)
    except UnreadableHeader:
        if log is None or not log.is_csv:
            raise
        names, header_line = [], 0
    fewest, lacking = len(names), unmatched(table, names)
    order = None
    if log is not None and not any(known_names(table, names)):
        more = _next_lines(connection, parameters, grammar, header_line) if log.is_csv else []
        order = order_of(table, [names, *more])
    if order is not None:
        names, header_line, lacking = order, 0, []
        fewest = table.fewest_values(names)
    header: dict[str, object] = {"delimiter": delimiter, "names": known_names(table, names)}
    matched = match_header(table, names)
    _refuse_lines_without_rows(fingerprint, len(names) + 1)
    records, half_written_line = _records(
        connection, parameters, grammar, fingerprint, lines, header_line=header_line, folder=folder
    )
    return Records(
        records=records,
        values=_values(
            grammar,
            names,
            matched,
            fewest=fewest,
            has_quotes=fingerprint.has_quotes,
            has_stand_ins=fingerprint.needs_clean_copy,
        ),
        parameters=parameters,
        types=dict.fromkeys(matched, "VARCHAR"),
        undeclared=undeclared(table, names, matched) if header_line else [],
        unmatched=lacking,
        header=json.dumps(header if fewest == len(names) else header | {"fewest": fewest}, ensure_ascii=False),
        between=delimiter,
        half_written_line=half_written_line,
    )


def _read_header(
    connection: duckdb.DuckDBPyConnection, parameters: dict[str, object], grammar: Grammar
) -> tuple[list[str], int]:
    """Return the column names and the number of the line that the header ends on."""
    first_lines = connection.execute(
        f"select _line, left(coalesce(_raw, ''), {MAX_HEADER_CHARACTERS + 1}) from ({_LINES}) limit {MAX_HEADER_LINES}",
        parameters,
    ).fetchall()
    text = ""
    for number, line in sorted(first_lines):
        text = f"{text}\n{line}" if text else line
        if len(text) > MAX_HEADER_CHARACTERS:
            raise RefusedFile(
                f"has a header of more than {MAX_HEADER_CHARACTERS:,} characters; is it a table? Deliver it with its "
                "header line."
            )
        if text and re.fullmatch(grammar.record, text):
            if INVALID_BYTE in text:
                raise RefusedFile("has a header that is no UTF-8; save the file as UTF-8.")
            if CONTROL in text:
                raise RefusedFile("has a header with control characters; mend the first line.")
            return _split(text, grammar), number
    if not text:
        raise UnreadableHeader("is empty, without even a header; deliver it again.")
    raise UnreadableHeader("has a header whose quotes don't match; mend the first line.")


class UnreadableHeader(RefusedFile):
    """The first line is no row of values."""


def _next_lines(
    connection: duckdb.DuckDBPyConnection, parameters: dict[str, object], grammar: Grammar, after: int
) -> list[list[str]]:
    """Return the values of the lines after a line, of those that are records."""
    lines = connection.execute(
        f"select _raw from ({_LINES}) where _line between {after + 1} and {after + _LINES_OF_ORDER} "
        f"and length(_raw) <= {MAX_HEADER_CHARACTERS}",
        parameters,
    ).fetchall()
    return [_split(line, grammar) for (line,) in lines if re.fullmatch(grammar.record, line)]


def order_of(table: Table, lines: Sequence[Sequence[str]]) -> list[str] | None:
    """Return the order of a log's columns in which the values of most of these lines make sense.

    If none does, it is the usual one of a log that is CSV by itself; of others the line may be a header still.
    """
    if table.lines is None:
        return None
    fitting = [sum(_makes_sense(table, order, values) for values in lines) for order in table.lines.orders]
    if not any(fitting) and not table.lines.is_csv:
        return None
    return table.lines.orders[fitting.index(max(fitting))]


def _makes_sense(table: Table, order: Sequence[str], values: Sequence[str]) -> bool:
    """Tell whether a line's values look as the columns of that order do."""
    columns = {column.name: column for column in table.columns}
    return table.fewest_values(order) <= len(values) <= len(order) and all(
        _looks_like(columns[name], value.strip()) for name, value in zip(order, values, strict=False) if name
    )


def _looks_like(column: Column, value: str) -> bool:
    if not value:
        return not column.required
    is_short = column.max_characters is None or len(value) <= column.max_characters
    fits_pattern = column.pattern is None or re.search(column.pattern, value) is not None
    return is_short and fits_pattern and _look_of(column).fullmatch(value) is not None


def _look_of(column: Column) -> re.Pattern[str]:
    if column.data_type == "timestamp":
        return {None: _DATE, EPOCH_OR_ISO: _SECONDS_OR_DATE}.get(column.format, _DIGITS_FIRST)
    return _NUMBER if column.data_type in ("integer", "number") else _ANY


_ANY = re.compile(r"(?s).*")
_DATE = re.compile(r"[0-9]{4}[-/].*")
_NUMBER = re.compile(r"[0-9]+([.][0-9]*)?")
_SECONDS_OR_DATE = re.compile(r"[0-9]{9,10}([.][0-9]*)?|[0-9]{4}[-/].*")
_DIGITS_FIRST = re.compile(r"[0-9].*")


def _split(record: str, grammar: Grammar) -> list[str]:
    field = re.compile(f"({grammar.field}){grammar.delimiter}")
    return [_unquoted(name) for name in field.findall(record + grammar.delimiter)]


def _unquoted(value: str) -> str:
    stripped = value.strip(" ")
    return stripped[1:-1].replace('""', '"') if stripped.startswith('"') else value


def _refuse_lines_without_rows(fingerprint: Fingerprint, least_bytes: int) -> None:
    """Refuse a file whose lines are so short that few can hold a row: padding, or no table at all."""
    if fingerprint.lines > _FEW_LINES and fingerprint.size < fingerprint.lines * least_bytes:
        raise RefusedFile(
            f"has {fingerprint.lines:,} lines of {fingerprint.size / fingerprint.lines:.1f} bytes on average, too "
            f"short for rows; deliver it without empty lines, or put the right file there."
        )


def _records(
    connection: duckdb.DuckDBPyConnection,
    parameters: dict[str, object],
    grammar: Grammar,
    fingerprint: Fingerprint,
    lines: Lines,
    *,
    header_line: int,
    folder: Path,
) -> tuple[str, int | None]:
    """Return SQL for the records, each with its first line's number, and that of a last one without line end.

    Where records take several lines, all are written into `folder` once more, and `parameters` names that file.
    """
    records = f"select * from ({_LINES}) where _line > {header_line} and _raw is not null"
    if fingerprint.has_quotes:
        found = records_of_several_lines(connection, _LINES, parameters, grammar, folder)
        spans = (span for span in found if span[0] > header_line)
        if first_span := next(spans, None):
            line_end = "\r\n" if fingerprint.line_end == "\r\n" else "\n"
            spool = spool_records(
                connection, lines, chain([first_span], spans), folder, after=header_line, line_end=line_end
            )
            parameters["spool"] = str(spool)
            records = "select _line, line as _raw from read_parquet($spool)"
    last_line = None
    if not fingerprint.ends_with_line_end:
        (last_line,) = connection.execute(f"select max(_line) from ({records})", parameters).fetchone() or (None,)
    return records, last_line


def read_lines_again(lines: str, parameters: dict[str, object], table: Table, header: str) -> Records:
    """Read single records of a file anew: `lines` is a query of their `_line` and `_raw`, `header` their `header`.

    Raises RefusedFile if the header is unfit by what is declared now.
    """
    known = json.loads(header)
    names: list[str] = known["names"]
    matched = match_header(table, names)
    return Records(
        records=lines,
        values=_values(
            Grammar(known["delimiter"]),
            names,
            matched,
            fewest=known.get("fewest", len(names)),
            has_quotes=True,
            has_stand_ins=False,
        ),
        parameters=parameters,
        types=dict.fromkeys(matched, "VARCHAR"),
    )


def _values(
    grammar: Grammar, names: list[str], matched: dict[str, str], *, fewest: int, has_quotes: bool, has_stand_ins: bool
) -> str:
    """Return SQL for the values of records, which have as many as there are names, or `fewest` at least."""
    fields = f"select _line, _raw, {_fields(grammar, has_quotes=has_quotes)} as _fields from {RECORDS}"
    values = "".join(
        f", nullif(_fields[{names.index(name) + 1}], '') as {identifier(column)}" for column, name in matched.items()
    )
    fault = _fault(grammar, len(names), fewest, has_stand_ins=has_stand_ins)
    return f"select _line, _raw, {fault} as _fault{values} from ({fields})"


def _fields(grammar: Grammar, *, has_quotes: bool) -> str:
    """Return SQL for the list of a record's fields, null where its quotes don't match or they are far too many."""
    delimiter = literal(grammar.delimiter)
    plain = f"string_split(_raw, {delimiter})"
    too_many = f"when {_has_too_many(grammar)} then null"
    if not has_quotes:
        return f"case {too_many} else {plain} end"
    between = literal(f'"{grammar.delimiter}"')
    field = literal(f"({grammar.field}){grammar.delimiter}")
    return f"""
        case
            {too_many}
            when not contains(_raw, '"') then {plain}
            when regexp_full_match(_raw, {literal(grammar.all_quoted)})
                then string_split(substr(_raw, 2, length(_raw) - 2), {between})
            when regexp_full_match(_raw, {literal(grammar.record)})
                then list_transform(
                    regexp_extract_all(_raw || {delimiter}, {field}, 1),
                    lambda field: case
                        when regexp_matches(field, '^ *"')
                            then replace(regexp_extract(field, '(?s)^ *"(.*)" *$', 1), '""', '"')
                        else field
                    end
                )
        end
    """


def _has_too_many(grammar: Grammar) -> str:
    """Return SQL for whether a record has far too many fields; what stands in quotes is no field of its own."""
    delimiter = literal(grammar.delimiter)

    def has(text: str) -> str:
        return f"strlen({text}) - strlen(replace({text}, {delimiter}, '')) >= {MAX_COLUMNS}"

    unquoted = "regexp_replace(_raw, '\"[^\"]*\"', '', 'g')"
    return f"case when strlen(_raw) <= {_SHORT_ROW} then false when {has('_raw')} then {has(unquoted)} else false end"


def _fault(grammar: Grammar, columns: int, fewest: int, *, has_stand_ins: bool) -> str:
    expected = f"the header has {columns}" if fewest == columns else f"and should have {fewest} to {columns}"
    stand_ins = (
        f"""
        when contains(_raw, {literal(INVALID_BYTE)}) then 'the row holds bytes that are no UTF-8'
        when contains(_raw, {literal(CONTROL)}) then 'the row holds control characters'
        """
        if has_stand_ins
        else ""
    )
    return f"""
        case
            {stand_ins}
            when _fields is null and {_has_too_many(grammar)} then 'the row has more than {MAX_COLUMNS:,} columns'
            when _fields is null then 'a quote never closes, or text follows a closing quote'
            when len(_fields) not between {fewest} and {columns}
                then 'the row has ' || len(_fields) || ' columns, {expected}'
        end
    """
