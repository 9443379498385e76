"""Where one JSON document ends and the next begins, in a text that has no document a line or is damaged.

Streams write object after object with nothing between them, people indent them, and files are cut. A `{` that no JSON
may have where it stands says that the document before it is cut: the next one begins there, and the rest can land. A
cut just where an object might follow shows only at the end, where a bracket is missing: then each `{` that begins a
line is taken for a document's. Without line ends such a cut takes the next document with it. Objects inside a document
that begin a line, as with an indentation of 0, are told from documents only where no bracket is missing.
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
_AFTER_AN_OBJECT = frozenset(",]}")
_OPENED_BY = {"}": "{", "]": "["}


def split_documents(text: IO[str]) -> Iterator[str]:
    """Give each document of a text, on one line; what is no document is given as it is, for others to judge.

    Of an outer array the elements are the documents. If it has no end, `[` is the last that is given.
    """
    document = _Document()
    open_arrays = 0
    for kind, token in _tokens(text):
        if document.is_cut_before(token):
            yield from document.ended()
        if not document.tokens and token in _BETWEEN:
            open_arrays += {"[": 1, "]": -1, ",": 0}[token]
        elif document.is_ended_by(kind, token):
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
        if token == "]":
            return self._open[-1:] == ["{"]
        return token == "{" and not (self._open and self.tokens[-1] in _BEFORE_AN_OBJECT[self._open[-1]])

    def is_ended_by(self, kind: str | None, token: str) -> bool:
        """Take a token and tell whether the document ends with it: complete, or with what can't be part of one."""
        if kind == "start" and self.tokens:
            self._starts.append(len(self.tokens))
        self.tokens.append(token)
        self._size += len(token)
        if token in _BEFORE_AN_OBJECT:
            self._open.append(token)
        elif token in _OPENED_BY:
            if self._open[-1:] != [_OPENED_BY[token]]:
                return True
            self._open.pop()
            return not self._open
        return kind == "unended"

    def ended(self) -> Iterator[str]:
        """Give what has been taken: one document or, where it is cut, those that its lines begin with."""
        tokens, starts = self.tokens, self._starts if self._open else []
        self.tokens, self._size, self._open, self._starts = [], 0, [], []
        for first, last in pairwise([0, *starts, len(tokens)]):
            piece = tokens[first:last]
            for document in self._objects(piece) if starts else [piece]:
                yield "".join(document).replace("\r", " ")

    def _objects(self, piece: list[str]) -> Iterator[list[str]]:
        """Give each object of a piece, and what else it holds besides commas and ends that nothing in it began."""
        first = depth = 0
        for place, token in enumerate(piece):
            if place == first and token in _AFTER_AN_OBJECT:
                first += 1
                self.ended_arrays += token == "]"
                continue
            depth += (token in _BEFORE_AN_OBJECT) - (token in _OPENED_BY)
            if token == "}" and depth == 0:
                yield piece[first : place + 1]
                first = place + 1
        if first < len(piece):
            yield piece[first:]
