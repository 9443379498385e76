"""Which lines of a delimited text file belong to one record, because a quoted value holds the line ends between them.

The grammar is RFC 4180's, with two kindnesses: spaces around a quoted value, and quotes inside a value that does not
begin with one (`5" screen`), which is then taken as it stands. A quote that never closes, or that closes where no
value ends, costs its own line only: reading goes on with the next line. But what follows the grammar is one record,
however many lines it takes: the lines inside a quoted value are never read as records, or a customer's comment could
forge them (LND-6).
"""

import re
from dataclasses import dataclass

import duckdb

from pipelines.warehouse.sql import literal


@dataclass(frozen=True)
class Grammar:
    """Regular expressions (RE2) of a delimited record and of the lines that it may be broken into."""

    delimiter: str

    @property
    def field(self) -> str:
        """One value, quoted or not."""
        return f'(?: *"(?:[^"]|"")*" *| *(?:[^" {self.delimiter}][^{self.delimiter}]*)?)'

    @property
    def record(self) -> str:
        """A whole record."""
        return f"{self.field}(?:{self.delimiter}{self.field})*"

    @property
    def all_quoted(self) -> str:
        """A record whose values are all quoted and hold no quote: common, and quick to take apart."""
        return f'"[^"]*"(?:{self.delimiter}"[^"]*")*'

    @property
    def opens(self) -> str:
        """A line at whose end a quote is open that it began."""
        return f'(?:{self.field}{self.delimiter})* *"{self.inside}'

    @property
    def inside(self) -> str:
        """A line in the middle of a quoted value."""
        return '(?:[^"]|"")*'

    @property
    def closes(self) -> str:
        """A line that ends a quoted value and its record."""
        return f'{self.inside}" *(?:{self.delimiter}{self.field})*'

    @property
    def reopens(self) -> str:
        """A line that ends a quoted value and begins another which it leaves open."""
        return f'{self.inside}" *{self.delimiter}{self.opens}'


def records_of_several_lines(
    connection: duckdb.DuckDBPyConnection, lines: str, parameters: dict[str, object], grammar: Grammar
) -> list[tuple[int, int]]:
    """Return first and last line number of every record that takes more than one line.

    `lines` is a relation (SQL) of all lines with their numbers: _line from 1 without gaps, _raw null where blank.
    """
    plain = "_raw is null or not contains(_raw, '\"')"
    whole = f"{plain} or regexp_full_match(_raw, {literal(grammar.record)})"
    broken = connection.execute(f"select 1 from ({lines}) where not ({whole}) limit 1", parameters).fetchone()
    if not broken:
        return []
    outside = f"""
        case
            when {whole} then 'w'
            when regexp_full_match(_raw, {literal(grammar.opens)}) then 'o'
            else 'e'
        end
    """
    inside = f"""
        case
            when {plain} or regexp_full_match(_raw, {literal(grammar.inside)}) then 'i'
            when regexp_full_match(_raw, {literal(grammar.closes)}) then 'c'
            when regexp_full_match(_raw, {literal(grammar.reopens)}) then 'i'
            else 'e'
        end
    """
    codes = connection.execute(
        f"""
        select string_agg({outside}, '' order by _line), string_agg({inside}, '' order by _line) from ({lines})
        """,
        parameters,
    ).fetchone()
    return _pair_up(*codes) if codes else []


def _pair_up(outside: str, inside: str) -> list[tuple[int, int]]:
    """Return first and last line of the records that take several lines.

    Each string has a character a line: what the line is if no quote is open at its start (`o`: it leaves one open)
    and what it is if one is (`i`: still open at its end, `c`: closed, `e`: wrong).
    """
    records = []
    first = outside.find("o")
    while first >= 0:
        end = re.compile("[ce]").search(inside, first + 1)
        if end is None:
            break  # it never closes, nor would any that opens later
        if end.group() == "c":
            records.append((first + 1, end.start() + 1))
            first = outside.find("o", end.end())
        else:
            first = outside.find("o", first + 1)
    return records
