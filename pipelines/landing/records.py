"""What every form of extract is brought into: records with a line number, and their values under declared names."""

from dataclasses import dataclass, field

RECORDS = "landing_records"
"""The name under which `Records.values` reads `Records.records`, or a part of them."""


@dataclass(frozen=True)
class Records:
    """The records of one file, as SQL.

    `records` gives for each record its `_line`: its line in the file, or its number where a form has no lines.
    `values` reads them as RECORDS and gives `_line`, `_raw` (the record's text), `_fault` (why it can't be taken
    apart, else null) and a column for each key of `types`, which has their types in the file. An empty text is null.
    """

    records: str
    values: str
    parameters: dict[str, object]
    types: dict[str, str]
    undeclared: list[str] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    """The names that `rename` of the declaration has and the file has not."""
    header: str | None = None
    """What the record's text alone does not tell: the header of a file that has one, as JSON."""
    between: str | None = None
    """What stands between the values of a record's text besides quotes; null where that can't be said."""
    texts: str | None = None
    """SQL over `records` for a list of the values that may need tidying, where a record has them beside its text."""
    half_written_line: int | None = None
    """The `_line` of the last record where the file ends without a line end."""
