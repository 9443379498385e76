"""What comes from a file, in messages and records: enough to find it there, and no more.

Extracts hold names, numbers and addresses of customers, also where nobody expects them: a file without a header has
them in place of the names of its columns. Only `ops.rejected_rows` keeps what a file said.
"""

import re

_SHOWN_FROM = 4  # of shorter texts the first and last character are all, or nearly

_QUOTED = re.compile(r"""(['"`]).*\1""", re.DOTALL)
_NUMBER = re.compile(r"(?<!byte )(?<!line )(?<!location )(?<![\d.])\d[\d .()/-]{3,}\d")
_ADDRESS = re.compile(r"\S+@\S+")
HIDDEN = "…"


def masked(text: str) -> str:
    """Show of a text that a file holds its first and last character and its length."""
    ends = [text[0], text[-1]] if len(text) >= _SHOWN_FROM else ["", ""]
    first, last = (end if end.isprintable() else "?" for end in ends)
    return f"'{first}{HIDDEN}{last}' ({len(text)} character{'' if len(text) == 1 else 's'})"


def without_values(message: str) -> str:
    """Hide in what a library says whatever may come from a file: what is quoted, long numbers and addresses."""
    hidden = _QUOTED.sub(lambda found: masked(found[0][1:-1]), message)
    return _NUMBER.sub(HIDDEN, _ADDRESS.sub(HIDDEN, hidden))
