"""A corpus of bad files: kinds of files times what can happen to them, each with what landing must make of it.

Everything is made from fixed seeds. `cases()` gives all of them; a case that is `chosen` is in the short selection too.
"""

import bz2
import gzip
import json
import lzma
import os
import socket
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import duckdb

ROWS = 12
COLUMNS = ("visit_id", "came_at", "people", "note")
CAME_AT = "2026-03-01T10:00:00Z"


@dataclass(frozen=True)
class Case:
    """A bad file beside a good one.

    `path` is in the landing folder, and `make` puts it there. It must be refused in a sentence with the words of
    `refused`, or land. Where both are given, as for random damage, either is right.
    """

    name: str
    path: str
    make: Callable[[Path], None]
    refused: tuple[str, ...] | None = None
    rows: tuple[int, int] | None = None
    """How many rows are loaded and rejected."""
    lines: int | None = None
    """How many rows there are in all, where nobody can say how many of them are loaded."""
    chosen: bool = False


def content(data: bytes) -> Callable[[Path], None]:
    """Write a file of these bytes."""

    def make(file: Path) -> None:
        file.write_bytes(data)

    return make


# Good files of every form, to be damaged.


def records() -> list[dict[str, object]]:
    """The rows of a good file."""
    return [
        {"visit_id": f"v{number}", "came_at": CAME_AT, "people": number + 1, "note": f"note {number} ä"}
        for number in range(ROWS)
    ]


def lines(delimiter: str = ",") -> list[bytes]:
    """The lines of a good delimited file: a header and ROWS rows, without line ends."""
    rows = [COLUMNS, *(tuple(map(str, record.values())) for record in records())]
    return [delimiter.join(row).encode() for row in rows]


def joined(given: list[bytes], line_end: bytes = b"\n") -> bytes:
    """Lines as a text."""
    return b"".join(line + line_end for line in given)


def packed(text: bytes) -> bytes:
    """A text as gzip."""
    return gzip.compress(text, mtime=0)


def json_lines() -> list[bytes]:
    """The lines of a good file of JSON lines."""
    return [json.dumps(record).encode() for record in records()]


def json_array() -> bytes:
    """A good file of a JSON array."""
    return b"[" + b",\n".join(json_lines()) + b"]\n"


@cache
def parquet(select: str | None = None) -> bytes:
    """A good Parquet file, or one of a query."""
    with TemporaryDirectory() as folder, duckdb.connect() as connection:
        connection.execute("set threads = 1")
        rows = ", ".join(
            f"('{record['visit_id']}', timestamp '2026-03-01 10:00:00', {record['people']}, '{record['note']}')"
            for record in records()
        )
        select = select or f"select * from (values {rows}) as v({', '.join(COLUMNS)})"
        file = Path(folder) / "made.parquet"
        connection.execute(f"copy ({select}) to '{file}' (format parquet)")
        return file.read_bytes()


# What happens to delimited text. Each form is (name, extension, delimiter, how the text is packed).

FORMS: list[tuple[str, str, str, Callable[[bytes], bytes]]] = [
    ("csv", ".csv", ",", bytes),
    ("csv.gz", ".csv.gz", ",", packed),
    ("tsv", ".tsv", "\t", bytes),
    ("tsv.gz", ".tsv.gz", "\t", packed),
]
CONTROLS = {
    "nul": b"\0",
    "soh": b"\1",
    "four": b"\1\2\3\4",
    "escape": b"\x1b[31m",
    "sub": b"\x1a",
    "nuls": b"\0" * 5000,
}
INVALID = {
    "latin-1": b"\xe4",
    "continuation": b"\x80\x80",
    "cut": b"\xe2\x82",
    "surrogate": b"\xed\xa0\x80",
    "overlong": b"\xc0\xaf",
    "never": b"\xff\xfe",
}


def replacing(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    """Put something else in the place of what stands in a line first."""
    return lambda line: line.replace(old, new, 1)


def from_first(delimiter: bytes) -> Callable[[bytes], bytes]:
    """Leave out the first value of a line."""
    return lambda line: line[line.index(delimiter) :]


def appending(end: bytes) -> Callable[[bytes], bytes]:
    """Let a line go on."""
    return lambda line: line + end


def _delimited() -> Iterator[Case]:
    for form, extension, delimiter, pack in FORMS:
        between = delimiter.encode()
        random = Random(form)

        def case(
            what: str,
            text: bytes,
            *,
            extension: str = extension,
            form: str = form,
            pack: Callable[[bytes], bytes] = pack,
            refused: tuple[str, ...] | None = None,
            rows: tuple[int, int] | None = None,
            chosen: bool = False,
        ) -> Case:
            return Case(
                f"{form} {what}", f"shop/visits/x{extension}", content(pack(text)), refused, rows, chosen=chosen
            )

        def with_line(change: Callable[[bytes], bytes], random: Random = random, delimiter: str = delimiter) -> bytes:
            all_lines = lines(delimiter)
            which = random.randrange(2, ROWS)  # not the last
            all_lines[which] = change(all_lines[which])
            return joined(all_lines)

        one_less = (ROWS - 1, 1)
        for called, control in CONTROLS.items():
            text = with_line(replacing(b"note", b"no" + control + b"te"))
            yield case(f"control character {called}", text, rows=one_less, chosen=called in ("four", "nul"))
        for called, invalid in INVALID.items():
            text = with_line(replacing("ä".encode(), invalid))
            yield case(f"invalid UTF-8 {called}", text, rows=one_less, chosen=called == "cut")
        changes: dict[str, Callable[[bytes], bytes]] = {
            "an open quote": replacing(between + b"note", between + b'"note'),
            "text after a quote": replacing(b"v", b'"v"x'),
            "a column more": appending(between),
            "a column less": lambda line: line[: line.index(b"note") - 1],
            "a column alone": lambda _: b"x",
            "far too many columns": appending(between * 12_000),
            "an end of transmission": appending(b"\x04"),
            "no key": from_first(between),
        }
        for called, change in changes.items():
            yield case(called, with_line(change), rows=one_less, chosen=called == "an open quote")
        good = lines(delimiter)
        whole = (ROWS, 0)
        yield case("a return in a value", with_line(replacing(b"note", b"no\rte")), rows=whole)
        yield case("a vertical tab in a value", with_line(replacing(b"note", b"no\vte")), rows=whole)
        yield case("a quoted delimiter", with_line(lambda line: line[: line.index(b"note")] + b'"a,\t b"'), rows=whole)
        yield case("CRLF", joined(good, b"\r\n"), rows=whole)
        yield case("lone CR", joined(good, b"\r"), rows=whole, chosen=form == "csv")
        yield case("mixed line ends", joined(good[:5], b"\r\n") + joined(good[5:]), rows=whole, chosen=form == "csv")
        yield case("no last line end", joined(good)[:-1], rows=whole)
        yield case("a BOM", b"\xef\xbb\xbf" + joined(good), rows=whole)
        yield case("blank lines", joined(good, b"\n\n\n"), rows=whole)
        yield case("half a last row", joined(good) + good[-1].split(between)[0], rows=(ROWS, 1))
        yield case("zeros after the rows", joined(good) + b"\0" * 4096, rows=(ROWS, 1), chosen=True)
        yield case("a cut character at the end", joined(good) + b"v99\xe2", rows=(ROWS, 1))
        yield case("a header only", joined(good[:1]), rows=(0, 0))
        # Files that are refused.
        yield case("empty", b"", refused=("is empty", "deliver it again"), chosen=form == "csv.gz")
        yield case("a BOM only", b"\xef\xbb\xbf", refused=("is empty",))
        yield case("line ends only", b"\n" * 1000, refused=("is empty",))
        yield case(
            "UTF-16", joined(good).decode().encode("utf-16"), refused=("save it as UTF-8",), chosen=form == "csv"
        )
        for encoding in ("utf-16-le", "utf-16-be", "utf-32"):
            yield case(encoding, joined(good).decode().encode(encoding), refused=("save it as UTF-8",))
        header = good[0]
        for called, wrong, words in (
            ("twice a column", header + between + b"note", ("twice", "rename")),
            ("no key column", header.replace(b"visit_id", b"id"), ("lacks the required column",)),
            ("an open quote", b'"' + header, ("quotes don't match", "mend the first line")),
            ("a control character", header.replace(b"note", b"no\1te"), ("control characters", "mend the first line")),
            ("a latin-1 letter", header + between + b"\xe4", ("header that is no UTF-8",)),
            (
                "too many columns",
                header + between + between.join(b"c%d" % n for n in range(10_000)),
                ("10,000 columns",),
            ),
            ("a long name", header + between + b"x" * 300_000, ("header of more than",)),
        ):
            yield case(f"header: {called}", joined([wrong, *good[1:]]), refused=words)
        many = between.join(b"c%d" % n for n in range(5_000))
        yield case(
            "many columns",
            joined([line + between + many for line in good]),
            rows=whole,
            chosen=form == "tsv",
        )
        yield case("a long line", joined(good) + b"x" * 9_000_000, refused=("a line of more than 8,388,608 bytes",))
        yield case(
            "a long quoted row",
            joined(good) + b"v,x,1,".replace(b",", between) + b'"' + b"xxxxxxx\n" * 1_100_000 + b'"\n',
            refused=("a row of more than 8,388,608 bytes", f"line {ROWS + 2}"),
            chosen=form == "csv",
        )
        for seed in range(4):
            yield case(f"noise {seed}", Random(seed).randbytes(20_000), refused=())


def _other_forms() -> Iterator[Case]:
    """Files that are no text, under names of texts."""
    text = joined(lines())
    workbook = BytesIO()
    with zipfile.ZipFile(workbook, "w") as archive:
        archive.writestr(zipfile.ZipInfo("xl/workbook.xml"), "<workbook/>")
    forms = {
        "an Excel file": (workbook.getvalue(), ("ZIP", "export its rows as CSV")),
        "an old Excel file": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), ("Excel", "export its rows as CSV")),
        "a PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", ("PDF", "export its rows as CSV")),
        "an SQLite database": (b"SQLite format 3\0" + bytes(1000), ("SQLite",)),
        "gzip": (packed(text), ("is a gzip file", ".csv.gz")),
        "bzip2": (bz2.compress(text), ("bzip2", "unpack")),
        "xz": (lzma.compress(text), ("xz", "unpack")),
        "Parquet": (parquet(), ("is a Parquet file", ".parquet")),
        "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), ("UTF-8",)),
        "a program": (b"\x7fELF\2\1\1" + bytes(100), ("UTF-8",)),
        "a page of an error": (b"<!DOCTYPE html>\n<html><body>503</body></html>\n", ("lacks the required column",)),
        "zeros": (bytes(100_000), ("UTF-8",)),
    }
    for called, (data, words) in forms.items():
        for extension in (".csv", ".tsv", ".jsonl", ".json"):
            if called in ("a page of an error", "a picture") and extension.startswith(".json"):
                continue
            yield Case(
                f"{called} as {extension}",
                f"shop/visits/x{extension}",
                content(data),
                refused=words,
                chosen=extension == ".csv" and called in ("an Excel file", "a PDF", "gzip"),
            )


def _gzip() -> Iterator[Case]:
    text = joined(lines())
    whole = packed(text)

    def case(
        what: str,
        data: bytes,
        refused: tuple[str, ...] | None = None,
        rows: tuple[int, int] | None = None,
        lines: int | None = None,
        *,
        chosen: bool = False,
    ) -> Case:
        return Case(f"gzip {what}", "shop/visits/x.csv.gz", content(data), refused, rows, lines, chosen=chosen)

    for zeros in (1, 511, 100_000):
        yield case(f"with {zeros} zeros after it", whole + bytes(zeros), rows=(ROWS, 0), chosen=zeros == 511)
    yield case("with zeros between parts", packed(text[:50]) + bytes(99) + packed(text[50:]), rows=(ROWS, 0))
    yield case("of many parts", b"".join(packed(text[at : at + 3]) for at in range(0, len(text), 3)), rows=(ROWS, 0))
    yield case("with an empty part", packed(b"") + whole + packed(b""), rows=(ROWS, 0))
    yield case("with text after it", whole + b"the end", ("no readable gzip", "deliver it again"), chosen=True)
    yield case("twice packed", packed(whole), ("is a gzip file",))
    yield case("that is none", text, ("no readable gzip", "without .gz"), chosen=True)
    yield case("of one byte", b"\x1f", ("no readable gzip",))
    yield case("of a Parquet file", packed(parquet()), ("is a Parquet file",))
    random = Random("cut gzip")
    for at in sorted(random.sample(range(2, len(whole)), 8)):
        yield case(f"cut at {at}", whole[:at], ("truncated gzip file", "deliver it again"))
    random = Random("flipped gzip")
    for bit in sorted(random.sample(range(8 * 10, 8 * len(whole)), 16)):
        yield case(f"with bit {bit} flipped", flipped(whole, bit), ("gzip file", "deliver it again"))
    yield Case("gzip that unpacks to too much", "shop/visits/x.csv.gz", _bomb, refused=("unpacks to more than",))


def _bomb(file: Path) -> None:
    row = lines()[1] + b"\n"
    with gzip.open(file, "wb", compresslevel=1) as out:
        out.write(lines()[0] + b"\n")
        for _ in range(300):
            out.write(row * (1024 * 1024 // len(row)))


def flipped(data: bytes, bit: int) -> bytes:
    """Bytes with one bit the other way."""
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def _json() -> Iterator[Case]:
    array, each = json_array(), json_lines()

    def of_array(what: str, data: bytes, **outcome: object) -> Case:
        return Case(f"JSON array {what}", "shop/visits/x.json", content(data), **outcome)  # type: ignore[arg-type]

    def of_lines(what: str, line: bytes, **outcome: object) -> Case:
        with_line = joined([*each[:5], line, *each[5:]])
        outcome = outcome or {"rows": (ROWS, 1)}
        return Case(f"JSON line {what}", "shop/visits/x.jsonl", content(with_line), **outcome)  # type: ignore[arg-type]

    random = Random("cut JSON")
    for at in sorted(random.sample(range(1, len(array) - 2), 8)):
        yield of_array(f"cut at {at}", array[:at], refused=("JSON", "deliver it again"), chosen=at % 4 == 0)
    for called, data in {
        "without a comma": array.replace(b"},", b"}", 1),
        "with a comma too many": array.replace(b"]", b",]"),
        "with single quotes": array.replace(b'"', b"'"),
        "with a latin-1 letter": array.replace(b"\\u00e4", b"\xe4"),
        "with a raw control character": array.replace(b"note 3", b"note\1"),
        "with text after it": array + b"x",
    }.items():
        yield of_array(called, data, refused=("JSON",), chosen=called == "with single quotes")
    deep = b"[" * 200_000 + b"]" * 200_000
    yield of_array("that is deep", deep, rows=(0, 1), chosen=True)
    yield of_array("of an object that is deep", b'{"visit_id": ' * 50_000 + b"1" + b"}" * 50_000, rows=(0, 1))
    yield of_array("of no objects", b"[1, null, []]", rows=(0, 3))
    yield of_array("that is empty", b"[]", rows=(0, 0))
    yield of_array("that is a text", b'"visit_id"', refused=("is no JSON array or object",))
    yield of_array("that is a number", b"1", refused=("is no JSON array or object",))
    yield of_array("that is long", b'[{"visit_id": "' + b"x" * 40_000_000 + b'"}]', refused=("JSON",))
    for called, line in {
        "that is none": b"{oops",
        "that is an array": b"[1]",
        "that is a number": b"1e999",
        "that is null": b"null",
        "with a key twice": b'{"visit_id": "a", "visit_id": "b", "came_at": "2026-03-01T10:00:00Z"}',
        "with NaN": b'{"visit_id": NaN}',
        "with single quotes": b"{'visit_id': 'a'}",
        "with a raw control character": each[0].replace(b"note", b"no\2te"),
        "with a NUL": each[0].replace(b"note", b"no\0te"),
        "that is no UTF-8": each[0].replace(b"note", b"no\xffte"),
        "without a key": b'{"came_at": "2026-03-01T10:00:00Z"}',
        "with half a surrogate": b'{"visit_id": "\\ud800", "came_at": "x"}',
        "with two objects": each[0] + each[1],
        "that is cut": each[0][:-5],
    }.items():
        yield of_lines(called, line, rows=(ROWS, 1), chosen=called in ("with a NUL", "with a key twice"))
    nested = (
        b'{"visit_id": "d", "came_at": "' + CAME_AT.encode() + b'", "note": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    )
    yield of_lines("that is deep", nested, rows=(ROWS, 1), chosen=True)
    long = each[0].replace(b"note", b"note, [{" * 4_000)
    yield of_lines("with a long text", long, rows=(ROWS + 1, 0))
    keys = b"{" + b",".join(b'"k%d": 1' % number for number in range(10_001)) + b"}"
    yield of_lines("with too many keys", keys, rows=(ROWS, 1), chosen=True)
    yield of_lines("that is long", b"x" * 9_000_000, refused=("a line of more than 8,388,608 bytes",))


def _parquet() -> Iterator[Case]:
    whole = parquet()

    def case(
        what: str,
        data: bytes,
        refused: tuple[str, ...] | None = None,
        rows: tuple[int, int] | None = None,
        lines: int | None = None,
        *,
        chosen: bool = False,
    ) -> Case:
        return Case(f"Parquet {what}", "shop/visits/x.parquet", content(data), refused, rows, lines, chosen=chosen)

    unreadable = ("Parquet file", "deliver it again")
    for at in sorted(Random("cut Parquet").sample(range(4, len(whole) - 1), 8)):
        yield case(f"cut at {at}", whole[:at], unreadable, chosen=at % 5 == 0)
    for number, bit in enumerate(sorted(Random("flipped Parquet").sample(range(32, 8 * (len(whole) - 8)), 80))):
        yield case(f"with bit {bit} flipped", flipped(whole, bit), (), lines=ROWS, chosen=number % 5 == 0)
    random = Random("holes")
    for number in range(12):
        at = random.randrange(4, len(whole) - 60)
        hole = bytes(40) if number % 2 else random.randbytes(40)
        yield case(f"with a hole at {at}", whole[:at] + hole + whole[at + 40 :], (), lines=ROWS, chosen=number == 0)
    for called, length in {"none": 0, "too long": len(whole) + 9, "negative": -1, "enormous": 2**31 - 1}.items():
        size = struct.pack("<I", length & 0xFFFFFFFF)
        yield case(
            f"with a footer of length {called}", whole[:-8] + size + b"PAR1", unreadable, chosen=called == "none"
        )
    yield case("with text after it", whole + b"the end", unreadable)
    yield case("that is a CSV file", joined(lines()), unreadable)
    yield case("that is empty", b"", ("is empty",))
    yield case("of magic bytes", b"PAR1", unreadable)
    yield case("of twice the magic bytes", b"PAR1PAR1" + bytes(4) + b"PAR1", unreadable)
    yield case("that is encrypted", b"PARE" + whole[4:-4] + b"PARE", ("encrypted", "unencrypted"))
    yield case("that is packed", packed(whole), unreadable)
    came = "timestamp '2026-03-01 10:00:00' as came_at"
    selects: dict[str, tuple[str, tuple[str, ...] | None, tuple[int, int] | None]] = {
        "without rows": (f"select 'v' as visit_id, {came} where false", None, (0, 0)),
        "without the key": (f"select {came}", ("lacks the required column",), None),
        "with a list": (f"select ['v'] as visit_id, {came}", ("column visit_id", "write it as text"), None),
        "with a struct": (f"select 'v' as visit_id, {{'a': 1}} as note, {came}", ("column note",), None),
        "with a map": (f"select 'v' as visit_id, map {{'a': 1}} as note, {came}", ("column note",), None),
        "with a blob": (f"select 'v' as visit_id, 'x'::blob as note, {came}", ("column note",), None),
        "with a wrong type": (
            f"select 'v' as visit_id, true as people, {came}",
            ("column people", "write it as"),
            None,
        ),
        "with a key that is a time": (f"select now() as visit_id, {came}", ("column visit_id",), None),
        "with other nested columns": (f"select 'v' as visit_id, [{{'a': [1]}}] as more, {came}", None, (1, 0)),
        "with an infinite time": ("select 'v' as visit_id, 'infinity'::timestamp as came_at", None, (0, 1)),
        "with names in other cases": (f"select 'v' as VISIT_ID, {came}", ("lacks the required column",), None),
        "with a long dictionary": (
            f"select (i % 900)::varchar || repeat('x', 9000) as visit_id, {came} from range(3000) as t(i)",
            None,
            (3000, 0),
        ),
        "of a row many times": (
            f"select 'v' as visit_id, {came} from range(3_000_000)",
            ("more than a file of its size has",),
            None,
        ),
    }
    for called, (select, refused, rows) in selects.items():
        is_chosen = called in ("without rows", "with a list", "of a row many times")
        yield case(called, parquet(select), refused, rows, chosen=is_chosen)


# What is no file.


def _link(target: str) -> Callable[[Path], None]:
    return lambda file: file.symlink_to(target)


def _socket(file: Path) -> None:
    before = Path.cwd()
    os.chdir(file.parent)  # the path of a socket may not be long
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(file.name)
    finally:
        os.chdir(before)


def _circle(file: Path) -> None:
    other = file.with_name("y.csv")
    file.symlink_to(other.name)
    other.symlink_to(file.name)


def _outside(file: Path) -> None:
    target = file.parents[3] / "outside.csv"
    target.write_bytes(joined(lines()))
    file.symlink_to(target)


def _folder_of_one(file: Path) -> None:
    file.mkdir()
    (file / "1.csv").write_bytes(joined(lines()))


def _deep(file: Path) -> None:
    folder = os.open(file.parent, os.O_RDONLY)
    for _ in range(30):
        os.mkdir("d" * 200, dir_fd=folder)
        inner = os.open("d" * 200, os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = inner
    os.close(folder)


def _sparse(size: int, begin: bytes = b"", end: bytes = b"") -> Callable[[Path], None]:
    def make(file: Path) -> None:
        with file.open("wb") as opened:
            opened.write(begin)
            opened.seek(size)
            opened.write(end or b"\n")

    return make


def _no_files() -> Iterator[Case]:
    good = content(joined(lines()))
    for place in ("shop/visits/x.csv", "shop/visits.csv", "shop/visits/2026/x.csv", "shop/x.csv", "pipe.csv"):
        yield Case(f"a pipe {place}", place, os.mkfifo, refused=("is a pipe", "write what it gives"), chosen=True)
    yield Case("a socket", "shop/visits/x.csv", _socket, refused=("is a socket",), chosen=True)
    links: dict[str, tuple[str, tuple[str, ...]]] = {
        "an endless device": ("/dev/zero", ("leads out of the landing folder",)),
        "a folder outside": ("/etc", ("leads out of the landing folder",)),
        "nothing": ("nowhere.csv", ("is a link to nothing",)),
        "itself": ("x.csv", ("leads to itself",)),
        "its folder": (".", ("is a link to a folder",)),
        "the landing folder": ("../..", ("is a link to a folder",)),
        "the folder above that": ("../../..", ("leads out of the landing folder",)),
    }
    for called, (target, words) in links.items():
        yield Case(f"a link to {called}", "shop/visits/x.csv", _link(target), refused=words, chosen=True)
    yield Case("a link in a circle", "shop/visits/x.csv", _circle, refused=("leads to itself",), chosen=True)
    yield Case("a link to a file outside", "shop/visits/x.csv", _outside, refused=("leads out",), chosen=True)
    # It is what landed under the other name.
    yield Case("a link to a file inside", "shop/votes/x.csv", _link("good.csv"), rows=(0, 0), chosen=True)
    yield Case("a source that is a link", "vendor", _link("shop"), refused=("is a link to a folder",), chosen=True)
    names: dict[str, tuple[str, tuple[str, ...]]] = {
        "that is no UTF-8": ("x\udcff.csv", ("no UTF-8", "rename")),
        "that is a cut character": ("x\udce2\udc82.csv", ("no UTF-8", "rename")),
        "with a line end": ("x\ny.csv", ("control character in its name",)),
        "with a return": ("x\ry.csv", ("control character in its name",)),
        "with an escape": ("x\x1b[31m.csv", ("control character in its name",)),
        "with a next line": ("x\x85y.csv", ("control character in its name",)),
    }
    for called, (name, words) in names.items():
        yield Case(f"a name {called}", f"shop/visits/{name}", good, refused=words, chosen="UTF" in called)
    for called, name in {
        "of 255 bytes": "x" * 251 + ".csv",
        "with quotes": """it's "x" [1]*?{a,b}.csv""",
        "with spaces": "  x  .csv",
        "in Thai": "ข้อมูล.csv",
        "in capitals": "X.CSV",
        "with a percent sign": "x%s%d{0}.csv",
        "with a dollar sign": "$path.csv",
        "with a backslash": "a\\b.csv",
    }.items():
        yield Case(f"a name {called}", f"shop/visits/{name}", good, rows=(ROWS, 0), chosen="capitals" in called)
    for extension, data in {
        ".Csv.GZ": packed(joined(lines())),
        ".JSON": json_array(),
        ".JsonL": joined(json_lines()),
        ".PARQUET": parquet(),
        ".TSV": joined(lines("\t")),
    }.items():
        yield Case(f"the extension {extension}", f"shop/visits/x{extension}", content(data), rows=(ROWS, 0))
    yield Case("a folder named like a file", "shop/visits.csv", _folder_of_one, refused=("is a folder",), chosen=True)
    yield Case("folders too deep to name", "shop/visits/x.csv", _deep, refused=("too long",))
    yield Case("a sparse CSV", "shop/visits/x.csv", _sparse(200_000_000), refused=("UTF-8",))
    yield Case(
        "a sparse CSV with rows",
        "shop/visits/x.csv",
        _sparse(200_000_000, joined(lines())),
        refused=("a line of more",),
    )
    yield Case("a sparse gzip", "shop/visits/x.csv.gz", _sparse(200_000_000), refused=("no readable gzip",))
    yield Case("a sparse Parquet", "shop/visits/x.parquet", _sparse(2_000_000_000), refused=("Parquet",))
    yield Case(
        "a sparse Parquet with ends",
        "shop/visits/x.parquet",
        _sparse(200_000_000, b"PAR1", b"PAR1"),
        refused=("Parquet",),
    )


def cases() -> list[Case]:
    """All cases, each with a name of its own."""
    found = [*_delimited(), *_other_forms(), *_gzip(), *_json(), *_parquet(), *_no_files()]
    assert len({case.name for case in found}) == len(found)
    return found


CASES = cases()
CHOSEN = [case for case in CASES if case.chosen]
