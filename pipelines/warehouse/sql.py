"""Quoting for SQL text that is put together. Values of a run go in as parameters instead, where SQL takes them."""


def identifier(name: str) -> str:
    """Quote a name of a table or column."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a constant, such as a description or one of a column's legal values."""
    return "'" + text.replace("'", "''") + "'"
