"""Where one JSON document ends and the next begins, in a text that has no document a line or is damaged.

Streams write object after object with nothing between them, people indent them, and files are cut. A `{` that no JSON
may have where it stands says that the document before it is cut: the next one begins there, and the rest can land. Only
a cut just where an object might follow goes unseen, and takes the next document with it.
"""

import re
from collections.abc import Iterator
from typing import IO

BLOCK_CHARACTERS = 1024 * 1024
MAX_DOCUMENT_CHARACTERS = 64 * 1024 * 1024

# A text in quotes, which holds no line end; one whose end is missing; a bracket, comma or colon; any other value.
_TOKEN = re.compile(
    r"""(?P<text>"(?:[^"\\\n]|\\[^\n])*+")|(?P<unended>"(?:[^"\\\n]|\\[^\n])*+\\?)|(?P<sign>[{}\[\],:])|[^\s{}\[\],:"]++"""
)
_BETWEEN = frozenset("[],")
_BEFORE_AN_OBJECT = {"{": frozenset(":"), "[": frozenset("[,")}


def split_documents(text: IO[str]) -> Iterator[str]:
    """Give each document of a text, on one line; what is no document is given as it is, for others to judge.

    Of an outer array the elements are the documents. If it has no end, `[` is the last that is given.
    """
    document = _Document()
    open_arrays = 0
    for kind, token in _tokens(text):
        if not document.tokens and token in _BETWEEN:
            open_arrays += {"[": 1, "]": -1, ",": 0}[token]
            continue
        if document.is_cut_before(token):
            yield document.ended()
        document.take(token)
        if kind == "unended" or document.is_complete(token):
            yield document.ended()
    if document.tokens:
        yield document.ended()
    if open_arrays > 0:
        yield "["


def _tokens(text: IO[str]) -> Iterator[tuple[str | None, str]]:
    held = ""
    while block := text.read(BLOCK_CHARACTERS):
        held += block
        end = 0
        for token in _TOKEN.finditer(held):
            # What touches the end of the block may go on in the next one.
            if token.end() == len(held) and token.lastgroup != "sign" and len(held) < MAX_DOCUMENT_CHARACTERS:
                break
            end = token.end()
            yield token.lastgroup, token.group()
        held = held[end:].lstrip()
    for token in _TOKEN.finditer(held):
        yield token.lastgroup, token.group()


class _Document:
    """The tokens of a document so far."""

    def __init__(self) -> None:
        self.tokens: list[str] = []
        self._size = 0
        self._open: list[str] = []

    def is_cut_before(self, token: str) -> bool:
        """Tell whether the document has to end before a token that can't be part of it."""
        if not self.tokens:
            return False
        if self._size > MAX_DOCUMENT_CHARACTERS:
            return True
        return token == "{" and not (self._open and self.tokens[-1] in _BEFORE_AN_OBJECT[self._open[-1]])

    def take(self, token: str) -> None:
        self.tokens.append(token)
        self._size += len(token)
        if token in ("{", "["):
            self._open.append(token)
        elif token in ("}", "]") and self._open:
            self._open.pop()

    def is_complete(self, token: str) -> bool:
        return token in ("}", "]") and not self._open

    def ended(self) -> str:
        document = "".join(self.tokens)
        self.tokens, self._size, self._open = [], 0, []
        return document.replace("\r", " ")
