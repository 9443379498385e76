"""What the bytes of a file are: its SHA-256, its line ends, its encoding. Read in blocks, never as a whole."""

import codecs
import gzip
import hashlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, cast

from pipelines.landing.refusal import RefusedFile
from pipelines.masking import without_values

BLOCK_BYTES = 8 * 1024 * 1024
HEAD_BYTES = 1024 * 1024

# Stand-ins in a cleaned copy: noncharacters, which Unicode reserves for a program's own use and no text contains.
INVALID_BYTE = "\ufdd0"
CARRIAGE_RETURN = "\ufdd1"

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
    line_end: LineEnd
    ends_with_line_end: bool
    has_quotes: bool
    head: bytes
    tail: bytes

    @property
    def needs_clean_copy(self) -> bool:
        """Whether the reading library can't be trusted to tell this file's lines apart."""
        return not self.is_utf8 or self.line_end in ("\r", "mixed")


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file as 64 hex digits."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def fingerprint_text(file: Path, *, is_gzipped: bool) -> Fingerprint:
    """Read a text file once and tell what its bytes are.

    Raises RefusedFile if it is a truncated or corrupt gzip file.
    """
    scan = _Scan()
    with file.open("rb") as opened:
        digest = hashlib.sha256()
        for block in _unpacked(cast(IO[bytes], _Hashing(opened, digest)), is_gzipped=is_gzipped):
            scan.take(block)
    return scan.fingerprint(digest.hexdigest())


def write_clean_copy(file: Path, target: Path, *, is_gzipped: bool, line_end: LineEnd) -> None:
    r"""Write a text file's content with \n line ends and valid UTF-8 only, so that its lines can be told apart.

    Each stretch of bytes that is no UTF-8 becomes INVALID_BYTE, a carriage return inside a line CARRIAGE_RETURN.
    """
    decoder = codecs.getincrementaldecoder("utf-8-sig")("mark-invalid")
    held = ""
    with file.open("rb") as opened, target.open("w", encoding="utf-8", newline="") as copy:
        for block in _unpacked(opened, is_gzipped=is_gzipped):
            text = held + decoder.decode(block)
            held = "\r" if text.endswith("\r") else ""  # its \n may come with the next block
            copy.write(_with_plain_line_ends(text.removesuffix("\r"), line_end))
        copy.write(_with_plain_line_ends(held + decoder.decode(b"", final=True), line_end))


def _with_plain_line_ends(text: str, line_end: LineEnd) -> str:
    if line_end == "\r":
        return text.replace("\r", "\n")
    return text.replace("\r\n", "\n").replace("\r", CARRIAGE_RETURN)


def _mark_invalid(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)  # decoding is all that it is registered for
    return INVALID_BYTE, error.end


codecs.register_error("mark-invalid", _mark_invalid)


class _Hashing:
    """A reader that hashes what is read from it."""

    def __init__(self, opened: IO[bytes], digest: "hashlib._Hash") -> None:
        self._opened = opened
        self._digest = digest

    def read(self, size: int = -1) -> bytes:
        block = self._opened.read(size)
        self._digest.update(block)
        return block


class _Scan:
    """Adds up what is seen in a text's blocks."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._is_utf8 = True
        self._feeds = self._returns = self._pairs = 0  # \n, \r, \r\n
        self._has_quotes = False
        self._head = self._tail = b""

    def take(self, block: bytes) -> None:
        self._feeds += block.count(b"\n")
        returns = block.count(b"\r")
        self._returns += returns
        if returns:
            self._pairs += block.count(b"\r\n")
        if self._tail.endswith(b"\r") and block.startswith(b"\n"):
            self._pairs += 1
        self._has_quotes = self._has_quotes or b'"' in block
        if len(self._head) < HEAD_BYTES:
            self._head += block[: HEAD_BYTES - len(self._head)]
        self._tail = (self._tail + block[-64:])[-64:]
        self._decode(block)

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
            line_end=self._line_end(),
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


@contextmanager
def _gzip_errors_refuse() -> Iterator[None]:
    try:
        yield
    except EOFError:
        raise RefusedFile("is a truncated gzip file: its end is missing; deliver it again.") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise RefusedFile(f"is no readable gzip file ({without_values(str(error))}); deliver it again.") from None


def _unpacked(opened: IO[bytes], *, is_gzipped: bool) -> Iterator[bytes]:
    if not is_gzipped:
        while block := opened.read(BLOCK_BYTES):
            yield block
        return
    with _gzip_errors_refuse(), gzip.GzipFile(fileobj=opened) as unpacked:
        while block := unpacked.read(BLOCK_BYTES):
            yield block
