"""Quoting for SQL text that is put together from declarations. Values of a run go in as parameters instead."""


def identifier(name: str) -> str:
    """Quote a name of a table or column."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a constant that a declaration holds, such as one of a column's legal values."""
    return "'" + text.replace("'", "''") + "'"
