"""Which columns a file has, which of them the declaration knows, and what makes the file unfit as a whole."""

from collections import Counter
from collections.abc import Iterable, Sequence

from pipelines.landing.declarations import Table
from pipelines.landing.refusal import RefusedFile
from pipelines.masking import masked

MAX_COLUMNS = 10_000

OTHER_DELIMITERS = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "bars"}


def match_header(table: Table, names: Sequence[str]) -> dict[str, str]:
    """Return the file's name for each declared column that it has; names are matched exactly.

    Raises RefusedFile if they are far too many, if a name stands twice, if a column is forbidden, or if a required one
    is missing.
    """
    if len(names) > MAX_COLUMNS:
        raise RefusedFile(f"has more than {MAX_COLUMNS:,} columns; put what varies into rows.")
    twice = sorted(name for name, times in Counter(names).items() if name and times > 1)
    if twice:
        raise RefusedFile(f"has the column {_shown(table, twice)} twice; rename one of them.")
    for word in table.forbidden_columns:
        forbidden = [name for name in names if word.lower() in name.lower()]
        if forbidden:
            raise RefusedFile(
                f"has the column {_shown(table, forbidden)}, but {table.name} takes none whose name contains {word!r}; "
                "leave it out of the extract."
            )
    matched: dict[str, str] = {}
    for name in filter(None, names):
        column = table.renamed.get(name, name)
        if column in matched:
            raise RefusedFile(f"has the column {column} twice, as {_shown(table, [matched[column], name])}.")
        matched[column] = name
    expected = {column.name for column in table.columns if column.required} - set(table.filled_columns)
    missing = [column.name for column in table.columns if column.name in expected and column.name not in matched]
    if missing:
        raise RefusedFile(f"lacks the required column {_quoted(missing)}; it has {_shown(table, names)}{_hint(names)}.")
    declared = {column.name for column in table.landed_columns} - set(table.filled_columns)
    return {column: name for column, name in matched.items() if column in declared}


def undeclared(table: Table, names: Sequence[str], matched: dict[str, str], *, in_order: bool = True) -> list[str]:
    """Return the columns that are kept out, because nothing declares them, as messages name them.

    Some have no name even. `in_order` tells whether the file has its columns in an order.
    """
    used = set(matched.values())
    return [
        f"column {number} {_shown(table, [name])}" if in_order else _shown(table, [name])
        for number, name in enumerate(names, 1)
        if name not in used
    ]


def known_names(table: Table, names: Iterable[str]) -> list[str]:
    """Return the names of a file's columns as they may be recorded: empty where nothing declares them."""
    known = _known(table)
    return [name if name in known else "" for name in names]


def unmatched(table: Table, names: Iterable[str]) -> list[str]:
    """Return the names that the declaration renames and the file does not have."""
    return [name for name in table.rename if name not in set(names)]


def _hint(names: Sequence[str]) -> str:
    if len(names) == 1:
        for delimiter, called in OTHER_DELIMITERS.items():
            if delimiter in names[0]:
                return f" (it seems to be separated by {called})"
    return ""


def _shown(table: Table, names: Iterable[str]) -> str:
    """Name columns of a file: a file without a header has values of its first row there, so only known ones in full."""
    known = _known(table)
    near = {_letters(name): name for name in known}
    shown = []
    for name in names:
        if name in known:
            shown.append(f"'{name}'")
        elif _letters(name) in near:
            shown.append(f"{masked(name)} for {near[_letters(name)]}")
        else:
            shown.append(masked(name))
    return ", ".join(shown)


def _known(table: Table) -> set[str]:
    return {column.name for column in table.landed_columns} | table.renamed.keys()


def _letters(name: str) -> str:
    """What is left of a name where its case, spaces and signs are another system's habit."""
    return "".join(filter(str.isalnum, name)).casefold()


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
