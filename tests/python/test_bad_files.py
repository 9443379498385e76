"""A corpus of bad files, each beside good ones that must land: refused in a sentence, or landed row by row.

`make test` takes those that are chosen, `make test-long` all of them and files of 100 MB.
"""

import gzip
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from bad_files import CASES, CHOSEN, Case
from landing_support import Landing

from pipelines.errors import in_words
from pipelines.landing import LandReport, land_files
from pipelines.landing.find import find_extracts
from pipelines.landing.fingerprint import fingerprint_text
from pipelines.landing.try_parquet import ParquetTrial

IS_LONG = bool(os.environ.get("CCW_TEST_CORPUS"))
WHAT_TO_DO = (
    "deliver",
    "Deliver",
    "put ",
    "Put ",
    "save ",
    "mend ",
    "rename ",
    "write ",
    "give ",
    "add ",
    "name it ",
    "export ",
    "unpack",
    "; it has",
)
MOST_SECONDS = 60
MOST_BYTES = 1024**3


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    """An empty landing folder."""
    return Landing(tmp_path)


def land(landing: Landing) -> LandReport:
    """Land what is there within the limits of time and memory; no error is a fault of ccw."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    spent = time.process_time()
    try:
        report = landing.land()
    except Exception as error:
        pytest.fail(in_words(error))
    assert time.process_time() - spent < MOST_SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before.ru_maxrss < MOST_BYTES / 1024
    return report


def put(landing: Landing, case: Case) -> None:
    """Put the bad file between two good ones, in the order of paths."""
    for path in ("shop/visits/good.csv", "shop/votes/good.csv", "vendor/calls/zz.csv"):
        if path.partition("/")[0] != case.path:
            landing.write(path, f"visit_id,came_at,vote_id,line\n{path},2026-03-01T10:00:00Z,1,a\n")
    file = landing.extracts / os.fsdecode(os.fsencode(case.path))
    file.parent.mkdir(parents=True, exist_ok=True)
    if case.path == "shop/visits.csv":
        (landing.extracts / "shop" / "visits" / "good.csv").unlink()
    case.make(file)


def test_the_corpus_is_large() -> None:
    assert len(CASES) >= 300
    assert len(CHOSEN) >= 60


@pytest.mark.parametrize(
    "case", CASES if IS_LONG else CHOSEN, ids=lambda case: case.name.encode("ascii", "replace").decode()
)
def test_a_bad_file_is_refused_or_landed_and_keeps_no_other_from_landing(landing: Landing, case: Case) -> None:
    put(landing, case)
    report = land(landing)
    good = [file for file in report.files if file.path.endswith(("/good.csv", "/zz.csv"))]
    bad = [file for file in report.files if file not in good]
    assert {file.status for file in good} == {"landed"}
    assert all(file.loaded == 1 for file in good)
    assert bad
    if bad[0].status == "refused":
        assert case.refused is not None, bad[0].message
        for file in bad:
            assert file.message.startswith(f"{file.path} ")
            assert file.message.endswith(".")
            assert any(word in file.message for word in WHAT_TO_DO), file.message
            assert file.message.isprintable()
            assert all(word in file.message for word in case.refused), file.message
            assert "fault of ccw" not in file.message
        reasons = [reason for (reason,) in landing.query("select reason from ops.refused_files")]
        assert reasons == [file.message for file in bad]
    elif case.rows is None:
        assert case.lines is not None, "it had to be refused"
        assert bad[0].lines == case.lines
    else:
        assert (bad[0].loaded, bad[0].rejected) == case.rows, landing.rejects("line", "reason")
    again = land(landing)
    assert [(file.path, file.status) for file in again.files] == [
        (file.path, "skipped" if file.status in ("landed", "skipped") else "refused") for file in report.files
    ]
    assert [file.message for file in again.refused] == [file.message for file in report.refused]
    assert not again.lines


# Files of which one can't be told from another on disk.


def test_a_file_that_vanishes_while_it_is_landed_is_refused(landing: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b"):
        landing.write(f"shop/votes/{name}.csv", f"vote_id\n{name}\n")

    def gone(file: Path, **settings: object) -> object:
        result = fingerprint_text(file, **settings)  # type: ignore[arg-type]
        if file.name == "a.csv":
            file.unlink()
        return result

    monkeypatch.setattr(land_files, "fingerprint_text", gone)
    report = land(landing)
    assert [file.status for file in report.files] == ["refused", "landed"]


def test_a_file_that_becomes_a_pipe_is_not_waited_for(landing: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    file = landing.write("shop/votes/a.csv", "vote_id\na\n")
    landing.write("shop/votes/b.csv", "vote_id\nb\n")
    found = find_extracts(landing.extracts, landing.declarations)
    file.unlink()
    os.mkfifo(file)
    monkeypatch.setattr(land_files, "find_extracts", lambda *_: found)
    report = land(landing)
    assert [file.status for file in report.files] == ["refused", "landed"]
    assert report.refused[0].message == "shop/votes/a.csv is no regular file; put a file there."


def test_a_file_that_fails_to_be_read_is_refused(landing: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b"):
        landing.write(f"shop/votes/{name}.csv", f"vote_id\n{name}\n")

    def fail(file: Path, **settings: object) -> object:
        if file.name == "a.csv":
            raise OSError(5, "Input/output error")  # as a read says it: without a name
        return fingerprint_text(file, **settings)  # type: ignore[arg-type]

    monkeypatch.setattr(land_files, "fingerprint_text", fail)
    report = land(landing)
    assert [file.status for file in report.files] == ["refused", "landed"]
    assert (
        report.refused[0].message
        == "shop/votes/a.csv can't be read: Input/output error; let this user read it, or deliver it again."
    )


def test_a_folder_that_may_not_be_read_is_refused(landing: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    landing.write("shop/visits/a.csv", "visit_id,came_at\na,2026-03-01T10:00:00Z\n")
    landing.write("shop/votes/b.csv", "vote_id\nb\n")
    iterdir = Path.iterdir

    def deny(folder: Path) -> object:
        if folder.name == "visits":
            raise PermissionError(13, "Permission denied", str(folder))
        return iterdir(folder)

    monkeypatch.setattr(Path, "iterdir", deny)
    report = land(landing)
    assert [(file.path, file.status) for file in report.files] == [
        ("shop/visits", "refused"),
        ("shop/votes/b.csv", "landed"),
    ]
    assert "let this user read the folder" in report.refused[0].message


@pytest.mark.parametrize(
    "dying",
    ["import os, sys; sys.stdin.readline(); os.abort()", "import time; time.sleep(100)", "while True: pass"],
)
def test_a_parquet_file_that_kills_or_hangs_its_reader_is_refused(
    landing: Landing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dying: str
) -> None:
    parquet = next(case for case in CASES if case.name == "the extension .PARQUET")
    put(landing, parquet)
    reader = tmp_path / "reader.py"
    reader.write_text(dying)
    monkeypatch.setattr("pipelines.landing.try_parquet._READER", reader)
    monkeypatch.setattr("pipelines.landing.try_parquet._WAIT_SECONDS", 0.5)
    report = land(landing)
    (refused,) = report.refused
    assert refused.path == parquet.path
    assert "its reader crashed or hung" in refused.message
    assert sum(file.status == "landed" for file in report.files) == 3


def test_the_reader_of_parquet_files_ends_with_the_landing() -> None:
    with ParquetTrial() as trial:
        process = trial._running()
        assert process.poll() is None
    assert process.poll() is not None


# Large files. Each is landed in a process of its own, whose time and memory count.

HEADER = b"visit_id,came_at,note\n"
ROW = b"v1,2026-03-01T10:00:00Z,x\n"

LARGE: dict[str, tuple[str, Callable[[int], bytes]]] = {
    "quotes that open again": (".csv", lambda size: HEADER + b'"a\n' + b'",a""","b\n' * (size // 10) + b'"x"y\n'),
    "a quote a line": (".csv", lambda size: HEADER + b'"\n' * (size // 2)),
    "an open quote a line": (".csv", lambda size: HEADER + b'"a,\n' * (size // 4)),
    "rows of two lines": (".csv", lambda size: HEADER + b'v1,2026-03-01T10:00:00Z,"a\nb"\n' * (size // 30)),
    "an open quote before all": (".csv", lambda size: HEADER + b'"a\n' + ROW * (size // 26)),
    "a line of quotes": (".csv", lambda size: HEADER + (b'"' * 7_999_999 + b"\n") * (size // 8_000_000)),
    "a packed line of quotes": (".csv.gz", lambda size: gzip.compress(HEADER + b'"' * size)),
    "packed lines of quotes": (".csv.gz", lambda size: gzip.compress(HEADER + b'"""",""\n' * (size // 8))),
    "zeros": (".csv", lambda size: HEADER + ROW * 8 + bytes(size)),
    "line ends": (".csv", lambda size: HEADER + ROW * 8 + b"\n" * size),
    "lines of one letter": (".csv", lambda size: HEADER + b"x\n" * (size // 2)),
    "short lines": (".csv", lambda size: HEADER + b"xxxx\n" * (size // 5)),
    "commas": (".csv", lambda size: HEADER + (b"," * 99_999 + b"\n") * (size // 100_000)),
    "commas after a quote": (".csv", lambda size: HEADER + (b'"a"' + b"," * 99_996 + b"\n") * (size // 100_000)),
    "noise": (".csv", lambda size: HEADER + os.urandom(size)),
    "latin-1": (".csv", lambda size: HEADER + ROW.replace(b"x", b"\xe4") * (size // 26)),
    "a NUL a row": (".csv", lambda size: HEADER + ROW.replace(b"x", b"\0") * (size // 26)),
    "zeros after gzip": (".csv.gz", lambda size: gzip.compress(HEADER + ROW) + bytes(size)),
    "empty parts of gzip": (".csv.gz", lambda size: gzip.compress(HEADER + ROW) + gzip.compress(b"") * (size // 20)),
    "a JSON key a row": (
        ".jsonl",
        lambda size: b"".join(b'{"visit_id": "v", "k%d": 1}\n' % number for number in range(size // 32)),
    ),
    "one JSON object": (".json", lambda size: b'{"visit_id": "' + b"x" * size + b'"}'),
    "deep JSON": (
        ".jsonl",
        lambda size: (b'{"a":' + b"[" * 2_000_000 + b"]" * 2_000_000 + b"}\n") * (size // 4_000_000),
    ),
}

LAND_ALONE = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import duckdb
from landing_support import Landing
from pipelines.warehouse.resources import configure
folder = Path(sys.argv[2])
landing = Landing(folder, duckdb.connect(str(folder / "warehouse.duckdb")))
configure(landing.connection)
(folder / "made").rename(landing.extracts / "shop" / "visits")
landing.write("shop/votes.csv", "vote_id\\n1\\n")
report = landing.land()
assert [file.status for file in report.files].pop() == "landed", report
"""


def spent_on(tmp_path: Path, name: str, size: int) -> tuple[float, int]:
    """Land a large file beside a good one, in a process of its own; return its CPU seconds and most bytes of memory."""
    extension, made = LARGE[name]
    (tmp_path / "made").mkdir(parents=True)
    (tmp_path / "made" / f"x{extension}").write_bytes(made(size))
    (tmp_path / "extracts" / "shop").mkdir(parents=True)
    process = subprocess.Popen([sys.executable, "-c", LAND_ALONE, str(Path(__file__).parent), str(tmp_path)])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


@pytest.mark.skipif(not IS_LONG, reason="make test-long lands files of 100 MB")
@pytest.mark.parametrize("name", LARGE)
def test_a_hundred_megabytes_of_anything_take_a_minute_and_a_gigabyte_at_most(tmp_path: Path, name: str) -> None:
    seconds, most = spent_on(tmp_path, name, 100_000_000)
    assert seconds < MOST_SECONDS
    assert most < MOST_BYTES


@pytest.mark.parametrize("name", ["quotes that open again", "rows of two lines"])
def test_the_time_for_quotes_grows_with_the_lines(tmp_path: Path, name: str) -> None:
    """A twentieth of a second for each of the first lines would be minutes for these."""
    few, _ = spent_on(tmp_path / "few", name, 200_000)
    many, _ = spent_on(tmp_path / "many", name, 4_000_000)
    assert many - few < 20 * 0.25, "20 times as many lines took more than 20 times the quarter second that few take"
