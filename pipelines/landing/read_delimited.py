"""CSV and TSV files: from numbered lines to records and their fields."""

import json
import re
from pathlib import Path

import duckdb

from pipelines.landing.declarations import Table
from pipelines.landing.fingerprint import INVALID_BYTE, Fingerprint
from pipelines.landing.header import known_names, match_header, undeclared, unmatched
from pipelines.landing.quotes import Grammar, records_of_several_lines
from pipelines.landing.records import RECORDS, Records
from pipelines.landing.refusal import RefusedFile
from pipelines.landing.spool import new_file, spool_lines
from pipelines.warehouse.sql import identifier, literal

MAX_HEADER_LINES = 100

_LINES = "select file_row_number + 1 as _line, line as _raw from read_parquet($spool)"


def read_delimited(
    connection: duckdb.DuckDBPyConnection,
    file: Path,
    table: Table,
    fingerprint: Fingerprint,
    folder: Path,
    *,
    delimiter: str,
    is_gzipped: bool,
) -> Records:
    """Read a delimited text file with a header line; `folder` is for what has to be kept until it is landed.

    Raises RefusedFile if its header is unreadable or unfit, or if it is no text.
    """
    if b"\x00" in fingerprint.head.split(b"\n", 1)[0]:
        raise RefusedFile("is no UTF-8 text (UTF-16 perhaps); save it as UTF-8.")
    grammar = Grammar(delimiter)
    spool = spool_lines(connection, file, fingerprint, folder, is_gzipped=is_gzipped)
    parameters: dict[str, object] = {"spool": str(spool)}
    names, header_line = _read_header(connection, parameters, grammar)
    matched = match_header(table, names)
    records, half_written_line = _records(
        connection, parameters, grammar, fingerprint, header_line=header_line, folder=folder
    )
    return Records(
        records=records,
        values=_values(
            grammar, names, matched, has_quotes=fingerprint.has_quotes, has_invalid_bytes=not fingerprint.is_utf8
        ),
        parameters=parameters,
        types=dict.fromkeys(matched, "VARCHAR"),
        undeclared=undeclared(table, names, matched),
        unmatched=unmatched(table, names),
        header=json.dumps({"delimiter": delimiter, "names": known_names(table, names)}, ensure_ascii=False),
        between=delimiter,
        half_written_line=half_written_line,
    )


def _read_header(
    connection: duckdb.DuckDBPyConnection, parameters: dict[str, object], grammar: Grammar
) -> tuple[list[str], int]:
    """Return the column names and the number of the line that the header ends on."""
    first_lines = connection.execute(
        f"select _line, coalesce(_raw, '') from ({_LINES}) limit {MAX_HEADER_LINES}", parameters
    ).fetchall()
    text = ""
    for number, line in sorted(first_lines):
        text = f"{text}\n{line}" if text else line
        if text and re.fullmatch(grammar.record, text):
            if INVALID_BYTE in text:
                raise RefusedFile("has a header that is no UTF-8; save the file as UTF-8.")
            field = re.compile(f"({grammar.field}){grammar.delimiter}")
            return [_unquoted(name) for name in field.findall(text + grammar.delimiter)], number
    if not text:
        raise RefusedFile("is empty, without even a header; deliver it again.")
    raise RefusedFile("has a header whose quotes don't match; mend the first line.")


def _unquoted(value: str) -> str:
    stripped = value.strip(" ")
    return stripped[1:-1].replace('""', '"') if stripped.startswith('"') else value


def _records(
    connection: duckdb.DuckDBPyConnection,
    parameters: dict[str, object],
    grammar: Grammar,
    fingerprint: Fingerprint,
    *,
    header_line: int,
    folder: Path,
) -> tuple[str, int | None]:
    """Return SQL for the records, each with its first line's number, and that of a last one without line end.

    Where records take several lines, it is written down in `folder` which lines they are, and added to `parameters`.
    """
    last_line = None
    if not fingerprint.ends_with_line_end:
        (last_line,) = connection.execute("select count(*) from read_parquet($spool)", parameters).fetchone() or (0,)
    spans = records_of_several_lines(connection, _LINES, parameters, grammar) if fingerprint.has_quotes else []
    spans = [(first, last) for first, last in spans if first > header_line]
    single = f"select * from ({_LINES}) where _line > {header_line} and _raw is not null"
    if not spans:
        return single, last_line
    parameters["spans"] = str(new_file(folder, "spans.parquet"))
    connection.execute(
        """
        copy (
            select unnest(range(first_line, last_line + 1)) as _line, first_line
            from (select unnest($firsts::BIGINT[]) as first_line, unnest($lasts::BIGINT[]) as last_line)
        ) to $spans (format parquet)
        """,
        {"firsts": [first for first, _ in spans], "lasts": [last for _, last in spans], "spans": parameters["spans"]},
    )
    if spans[-1][1] == last_line:
        last_line = spans[-1][0]
    line_end = "chr(13) || chr(10)" if fingerprint.line_end == "\r\n" else "chr(10)"
    records = f"""
        with lines as not materialized (
            select lines._line, lines._raw, spans.first_line
            from ({_LINES}) as lines
            left join read_parquet($spans) as spans on lines._line = spans._line
            where lines._line > {header_line}
        )
        select _line, _raw from lines where first_line is null and _raw is not null
        union all
        select first_line, string_agg(coalesce(_raw, ''), {line_end} order by _line)
        from lines where first_line is not null group by first_line
    """
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
        values=_values(Grammar(known["delimiter"]), names, matched, has_quotes=True, has_invalid_bytes=False),
        parameters=parameters,
        types=dict.fromkeys(matched, "VARCHAR"),
    )


def _values(
    grammar: Grammar, names: list[str], matched: dict[str, str], *, has_quotes: bool, has_invalid_bytes: bool
) -> str:
    """Return SQL for the values of records."""
    fields = f"select _line, _raw, {_fields(grammar, has_quotes=has_quotes)} as _fields from {RECORDS}"
    values = "".join(
        f", nullif(_fields[{names.index(name) + 1}], '') as {identifier(column)}" for column, name in matched.items()
    )
    fault = _fault(len(names), has_invalid_bytes=has_invalid_bytes)
    return f"select _line, _raw, {fault} as _fault{values} from ({fields})"


def _fields(grammar: Grammar, *, has_quotes: bool) -> str:
    """Return SQL for the list of a record's fields, null where its quotes don't match."""
    delimiter = literal(grammar.delimiter)
    plain = f"string_split(_raw, {delimiter})"
    if not has_quotes:
        return plain
    between = literal(f'"{grammar.delimiter}"')
    field = literal(f"({grammar.field}){grammar.delimiter}")
    return f"""
        case
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


def _fault(columns: int, *, has_invalid_bytes: bool) -> str:
    invalid = (
        f"when contains(_raw, {literal(INVALID_BYTE)}) then 'the row holds bytes that are no UTF-8'"
        if has_invalid_bytes
        else ""
    )
    return f"""
        case
            {invalid}
            when _fields is null then 'a quote never closes, or text follows a closing quote'
            when len(_fields) <> {columns}
                then 'the row has ' || len(_fields) || ' columns, the header has {columns}'
        end
    """
