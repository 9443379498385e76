"""What the bytes of a file are: its SHA-256, its line ends, its encoding. Read in blocks, never as a whole."""

import codecs
import hashlib
import os
import re
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, Literal

import numpy as np

from pipelines.landing.refusal import RefusedFile
from pipelines.masking import without_values

BLOCK_BYTES = 8 * 1024 * 1024
HEAD_BYTES = 1024 * 1024
MAX_LINE_BYTES = 8 * 1024 * 1024
MAX_PAGE_BYTES = 8 * MAX_LINE_BYTES  # a JSON document that holds many records

# What a packed file may unpack to (LND-16): texts of extracts shrink to a tenth or twentieth, bombs to a thousandth.
MAX_UNPACKED_RATIO = 50
MIN_UNPACKED_LIMIT = 256 * 1024 * 1024
# Of a large file not more bytes may be no UTF-8.
MAX_INVALID_SHARE = 0.25

_PACKED_BLOCK_BYTES = 16 * 1024  # what follows a packed part is copied for each, so it may not be much

# Stand-ins in a cleaned copy: noncharacters, which Unicode reserves for a program's own use and no text contains.
INVALID_BYTE = "\ufdd0"
CARRIAGE_RETURN = "\ufdd1"
CONTROL = "\ufdd2"
LINE_END = "\ufdd3"

_SPACES = (b"\t", b"\v", b"\f")  # the control characters that text has, besides its line ends
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f]+")
_FIRST_PRINTED = 0x20

LineEnd = Literal["\n", "\r\n", "\r", "mixed"]


@dataclass(frozen=True)
class Stamp:
    """What changes when a file is written to: its size in bytes and its time of change in nanoseconds."""

    bytes: int
    changed_ns: int

    @classmethod
    def of(cls, file: Path) -> "Stamp":
        """Return the stamp that the file has now."""
        status = file.stat()
        return cls(bytes=status.st_size, changed_ns=status.st_mtime_ns)


@dataclass(frozen=True)
class Fingerprint:
    """What one pass over a file's bytes tells. All but `sha256` is about the content, after unpacking."""

    sha256: str
    is_empty: bool
    is_utf8: bool
    has_controls: bool
    line_end: LineEnd
    lines: int
    size: int
    ends_with_line_end: bool
    has_quotes: bool
    head: bytes
    tail: bytes

    @property
    def needs_clean_copy(self) -> bool:
        """Whether the reading library can't be trusted to tell this file's lines apart."""
        return not self.is_utf8 or self.has_controls or self.line_end in ("\r", "mixed")


@contextmanager
def opened_regular(file: Path) -> Iterator[BinaryIO]:
    """Open a file, and wait for nobody to write to what has become a pipe since it was found.

    Raises RefusedFile if it is no regular file.
    """
    descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    with open(descriptor, "rb") as opened:  # noqa: PTH123
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise RefusedFile("is no regular file; put a file there.")
        yield opened


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file as 64 hex digits."""
    with opened_regular(file) as opened:
        digest = hashlib.sha256()
        while block := opened.read(BLOCK_BYTES):
            digest.update(block)
        return digest.hexdigest()


def fingerprint_text(
    file: Path,
    *,
    unpack_to: Path | None = None,
    has_lines: bool = True,
    check_head: Callable[[bytes], None] = lambda head: None,
) -> Fingerprint:
    """Read a text file once and tell what its bytes are; a gzip file is unpacked on the way.

    `unpack_to` is where the content of a gzip file goes. DuckDB would unpack it a second time, and takes some files for
    broken that are not. With `has_lines` the content must have lines of a length that can be read. `check_head` is told
    how the content begins, before the rest is read.

    Raises RefusedFile if it is a truncated or corrupt gzip file, or unpacks to more than a text does, or if a line is
    far too long.
    """
    scan = _Scan(has_lines=has_lines, check_head=check_head)
    with opened_regular(file) as opened, unpack_to.open("wb") if unpack_to else nullcontext() as unpacked:
        digest = hashlib.sha256()
        if unpacked is None:
            while block := opened.read(BLOCK_BYTES):
                digest.update(block)
                scan.take(block)
        else:
            limit = max(MAX_UNPACKED_RATIO * os.fstat(opened.fileno()).st_size, MIN_UNPACKED_LIMIT)
            for block in _unpacked(opened, digest):
                scan.take(block)
                if scan.bytes > limit:
                    raise RefusedFile(
                        f"unpacks to more than {limit:,} bytes, as no text does; deliver it unpacked if it is one."
                    )
                unpacked.write(block)
    return scan.fingerprint(digest.hexdigest())


def write_clean_copy(file: Path, target: Path, line_end: LineEnd) -> None:
    r"""Write a text file's content with \n line ends and valid UTF-8 only, so that its lines can be told apart.

    Bytes that are no UTF-8 become INVALID_BYTE, a carriage return inside a line CARRIAGE_RETURN, and each stretch of
    control characters other than white space CONTROL.

    Raises RefusedFile if it is hardly text.
    """
    decoder = codecs.getincrementaldecoder("utf-8-sig")("mark-invalid")
    held = ""
    with file.open("rb") as opened, target.open("w", encoding="utf-8", newline="") as copy:
        while block := opened.read(BLOCK_BYTES):
            text = held + decoder.decode(block)
            if len(block) == BLOCK_BYTES and text.count(INVALID_BYTE) > BLOCK_BYTES * MAX_INVALID_SHARE:
                raise RefusedFile("is mostly no UTF-8 text; save it as UTF-8.")
            held = "\r" if text.endswith("\r") else ""  # its \n may come with the next block
            copy.write(_cleaned(text.removesuffix("\r"), line_end))
        copy.write(_cleaned(held + decoder.decode(b"", final=True), line_end))


def _cleaned(text: str, line_end: LineEnd) -> str:
    return _CONTROLS.sub(CONTROL, _with_plain_line_ends(text, line_end))


def _with_plain_line_ends(text: str, line_end: LineEnd) -> str:
    if line_end == "\r":
        return text.replace("\r", "\n")
    return text.replace("\r\n", "\n").replace("\r", CARRIAGE_RETURN)


def _mark_invalid(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)  # decoding is all that it is registered for
    stray = _BEGIN_NO_CHARACTER.match(error.object, error.end)
    end = stray.end() if stray else error.end
    return INVALID_BYTE * (1 + end - error.end), end


_BEGIN_NO_CHARACTER = re.compile(rb"[\x80-\xc1\xf5-\xff]+")


codecs.register_error("mark-invalid", _mark_invalid)


class _Scan:
    """Adds up what is seen in a text's blocks."""

    def __init__(self, *, has_lines: bool, check_head: Callable[[bytes], None]) -> None:
        self.bytes = 0
        self._check_head = check_head
        self._has_lines = has_lines
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._is_utf8 = True
        self._has_controls = False
        self._feeds = self._returns = self._pairs = 0  # \n, \r, \r\n
        self._since_line_end = 0
        self._has_quotes = False
        self._head = self._tail = b""

    def take(self, block: bytes) -> None:
        if not self.bytes:
            self._check_head(block[:HEAD_BYTES])
        self.bytes += len(block)
        feeds, returns = block.count(b"\n"), block.count(b"\r")
        self._feeds += feeds
        self._returns += returns
        if returns:
            self._pairs += block.count(b"\r\n")
        if self._tail.endswith(b"\r") and block.startswith(b"\n"):
            self._pairs += 1
        self._look_for_controls(block, feeds + returns)
        self._look_for_a_long_line(block)
        self._has_quotes = self._has_quotes or b'"' in block
        if len(self._head) < HEAD_BYTES:
            self._head += block[: HEAD_BYTES - len(self._head)]
        self._tail = (self._tail + block[-64:])[-64:]
        self._decode(block)

    def _look_for_controls(self, block: bytes, line_ends: int) -> None:
        if self._has_controls:
            return
        unprinted = int(np.count_nonzero(np.frombuffer(block, np.uint8) < _FIRST_PRINTED))
        self._has_controls = unprinted > line_ends + sum(block.count(space) for space in _SPACES)

    def _look_for_a_long_line(self, block: bytes) -> None:
        """Refuse what has no line end for long; lines that are a bit too long the reader finds."""
        line_end = max(block.rfind(b"\n"), block.rfind(b"\r") if self._returns else -1)
        self._since_line_end = len(block) - line_end - 1 + (self._since_line_end if line_end < 0 else 0)
        if self._has_lines and self._since_line_end > MAX_LINE_BYTES:
            raise RefusedFile(
                f"has a line of more than {MAX_LINE_BYTES:,} bytes; is it text? Deliver it with shorter lines."
            )

    def _decode(self, block: bytes, *, final: bool = False) -> None:
        between_characters = not self._decoder.getstate()[0]
        if not self._is_utf8 or (between_characters and block.isascii()):
            return
        try:
            self._decoder.decode(block, final)
        except UnicodeDecodeError:
            self._is_utf8 = False

    def fingerprint(self, sha256: str) -> Fingerprint:
        if self._decoder.getstate()[0]:
            self._is_utf8 = False  # it ends in the middle of a character
        return Fingerprint(
            sha256=sha256,
            is_empty=not self._tail,
            is_utf8=self._is_utf8,
            has_controls=self._has_controls,
            line_end=self._line_end(),
            lines=self._feeds + self._returns - self._pairs + (self._since_line_end > 0),
            size=self.bytes,
            ends_with_line_end=self._tail.endswith((b"\n", b"\r")),
            has_quotes=self._has_quotes,
            head=self._head,
            tail=self._tail,
        )

    def _line_end(self) -> LineEnd:
        if not self._returns:
            return "\n"
        if not self._feeds:
            return "\r"
        return "\r\n" if self._feeds == self._returns == self._pairs else "mixed"


def _unpacked(opened: IO[bytes], digest: "hashlib._Hash") -> Iterator[bytes]:
    """Give the content of a gzip file, of however many parts, and hash what is read; zeros may follow a part."""
    part: zlib._Decompress | None = None
    has_begun = False
    try:
        while packed := opened.read(_PACKED_BLOCK_BYTES):
            digest.update(packed)
            if not has_begun and not packed.startswith(b"\x1f\x8b"):
                raise RefusedFile(
                    "is no readable gzip file (it begins like none); pack it, or name it without .gz if it is unpacked."
                )
            has_begun = True
            while packed := packed if part else packed.lstrip(b"\0"):
                part = part or zlib.decompressobj(_GZIP)
                if content := part.decompress(packed):
                    yield content
                if not part.eof:
                    break
                packed, part = part.unused_data, None
    except zlib.error as error:
        raise RefusedFile(f"is no readable gzip file ({without_values(str(error))}); deliver it again.") from None
    if part:
        raise RefusedFile("is a truncated gzip file: its end is missing; deliver it again.")


_GZIP = 16 + zlib.MAX_WBITS  # with the header and the checksum of gzip
