"""Which lines of a delimited text file belong to one record, because a quoted value holds the line ends between them.

The grammar is RFC 4180's, with two kindnesses: spaces around a quoted value, and quotes inside a value that does not
begin with one (`5" screen`), which is then taken as it stands. A quote that never closes, or that closes where no
value ends, costs its own line only: reading goes on with the next line. But what follows the grammar is one record,
however many lines it takes: the lines inside a quoted value are never read as records, or a customer's comment could
forge them (LND-6).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.landing.spool import new_file
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
    connection: duckdb.DuckDBPyConnection, lines: str, parameters: dict[str, object], grammar: Grammar, folder: Path
) -> Iterator[tuple[int, int]]:
    """Give first and last line number of every record that takes more than one line, in order.

    `lines` is a relation (SQL) of all lines with their numbers: _line from 1 without gaps, _raw null where blank.
    What is found out about the lines is kept in `folder`. The work and the memory grow with the lines, however their
    quotes stand.
    """
    has_quotes = "contains(_raw, '\"')"
    whole = f"regexp_full_match(_raw, {literal(grammar.record)})"
    broken = connection.execute(
        f"select 1 from ({lines}) where {has_quotes} and not {whole} limit 1", parameters
    ).fetchone()
    if not broken:
        return
    marks = new_file(folder, "quotes.parquet")
    connection.execute(
        f"""
        copy (
            select _line, opens, goes_on
            from (
                select
                    _line,
                    not {whole} and regexp_full_match(_raw, {literal(grammar.opens)}) as opens,
                    case
                        when regexp_full_match(_raw, {literal(grammar.inside)}) then 'inside'
                        when regexp_full_match(_raw, {literal(grammar.closes)}) then 'closed'
                        when regexp_full_match(_raw, {literal(grammar.reopens)}) then 'inside'
                        else 'wrong'
                    end as goes_on
                from ({lines})
                where {has_quotes}
            )
            where opens or goes_on <> 'inside'
        ) to $marks (format parquet)
        """,
        {**parameters, "marks": str(marks)},
    )
    # A quote is closed or broken in the next of these lines, so others matter to none.
    marked = connection.cursor().execute(
        """
        select _line, opens, goes_on
        from (select *, lag(opens, 1, false) over () as is_awaited from read_parquet($marks))
        where opens or is_awaited
        """,
        {"marks": str(marks)},
    )
    yield from _pair_up(row for rows in iter(lambda: marked.fetchmany(_ROWS_AT_ONCE), []) for row in rows)


_ROWS_AT_ONCE = 10_000


def _pair_up(marked: Iterable[tuple[int, bool, str]]) -> Iterator[tuple[int, int]]:
    """Give first and last line of the records that take several lines.

    A line is told with whether it leaves a quote open if none is open at its start, and what becomes of one that is:
    it goes on inside, is closed, or the line is wrong.
    """
    first: int | None = None
    for line, opens, goes_on in marked:
        if first is None:
            first = line if opens else None
        elif goes_on == "closed":
            yield first, line
            first = None
        elif goes_on == "wrong":  # it is for any quote that opened before, too
            first = line if opens else None
