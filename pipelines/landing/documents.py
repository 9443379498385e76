"""Where one JSON document ends and the next begins, in a text that has no document a line or is damaged.

Streams write object after object with nothing between them, people indent them, and files are cut. A `{` that no JSON
may have where it stands says that the document before it is cut: the next one begins there, and the rest can land. A
cut just where an object might follow shows only at the end, where a bracket is missing: then each `{` that begins a
line is taken for a document's. Without line ends such a cut takes the next document with it.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import IO

BLOCK_CHARACTERS = 1024 * 1024
MAX_DOCUMENT_CHARACTERS = 64 * 1024 * 1024

# A text in quotes, which holds no line end; one whose end is missing; a `{` that begins a line; a bracket, comma or
# colon; any other value.
_TOKEN = re.compile(
    r"""(?P<text>"(?:[^"\\\n]|\\[^\n])*+")|(?P<unended>"(?:[^"\\\n]|\\[^\n])*+\\?)|"""
    r"""(?P<start>(?<=\n)\{)|(?P<sign>[{}\[\],:])|[^\s{}\[\],:"]++"""
)
_SHORT = frozenset(("start", "sign"))
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
            yield from document.ended()
        document.take(kind, token)
        if kind == "unended" or document.is_complete(token):
            yield from document.ended()
    if document.tokens:
        yield from document.ended()
    if open_arrays > document.ended_arrays:
        yield "["


def _tokens(text: IO[str]) -> Iterator[tuple[str | None, str]]:
    held = ""
    while block := text.read(BLOCK_CHARACTERS):
        held += block
        end = 0
        for token in _TOKEN.finditer(held):
            # What touches the end of the block may go on in the next one.
            if token.end() == len(held) and token.lastgroup not in _SHORT and len(held) < MAX_DOCUMENT_CHARACTERS:
                break
            end = token.end()
            yield token.lastgroup, token.group()
        rest = held[end:]
        held = rest.lstrip()
        if rest[: len(rest) - len(held)].endswith("\n"):
            held = f"\n{held}"
    for token in _TOKEN.finditer(held):
        yield token.lastgroup, token.group()


class _Document:
    """The tokens of a document so far."""

    def __init__(self) -> None:
        self.tokens: list[str] = []
        self._size = 0
        self._open: list[str] = []
        self._starts: list[int] = []
        self.ended_arrays = 0  # arrays around documents whose end stood in one that was cut

    def is_cut_before(self, token: str) -> bool:
        """Tell whether the document has to end before a token that can't be part of it."""
        if not self.tokens:
            return False
        if self._size > MAX_DOCUMENT_CHARACTERS:
            return True
        return token == "{" and not (self._open and self.tokens[-1] in _BEFORE_AN_OBJECT[self._open[-1]])

    def take(self, kind: str | None, token: str) -> None:
        if kind == "start" and self.tokens:
            self._starts.append(len(self.tokens))
        self.tokens.append(token)
        self._size += len(token)
        if token in ("{", "["):
            self._open.append(token)
        elif token in ("}", "]") and self._open:
            self._open.pop()

    def is_complete(self, token: str) -> bool:
        return token in ("}", "]") and not self._open

    def ended(self) -> Iterator[str]:
        """Give what has been taken: one document or, where it is cut, those that its lines begin with."""
        tokens, starts = self.tokens, self._starts if self._open else []
        self.tokens, self._size, self._open, self._starts = [], 0, [], []
        for first, last in pairwise([0, *starts, len(tokens)]):
            document = tokens[first:last]
            if starts:
                self._take_off_ends(document)
            yield "".join(document).replace("\r", " ")

    def _take_off_ends(self, document: list[str]) -> None:
        """Take the comma off, and the ends of arrays, that follow a document."""
        too_many = sum({"{": -1, "[": -1, "}": 1, "]": 1}.get(token, 0) for token in document)
        while document[-1] == "," or (document[-1] == "]" and too_many > 0):
            if document.pop() == "]":
                too_many -= 1
                self.ended_arrays += 1
