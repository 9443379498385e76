"""What must never be written down: the key of the pseudonyms, and what files hold that were not let in."""

import base64
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import DEMO, PROJECT, VENDORS, Run, run_ccw, run_dbt
from files_with_secrets import SECRETS, write_bad_files, write_bad_rows

from pipelines.build.dbt_plugin import hmac_pads
from pipelines.landing.declarations import Declarations, load_declarations
from pipelines.masking import masked, without_values
from pipelines.warehouse import connect

KEY = "Only the tests know this key, 0123456789"


def forms(key: str) -> Iterator[bytes]:
    """The key and its padded forms, as bytes, hex and Base64, wherever in a text Base64 begins."""
    for secret in (key.encode(), *hmac_pads(key)):
        yield secret
        yield secret.hex().encode()
        yield secret.hex().upper().encode()
        for shift in range(3):
            encoded = base64.b64encode(b"\0" * shift + secret)
            yield encoded[4:-4]
            yield base64.urlsafe_b64encode(b"\0" * shift + secret)[4:-4]


def holding(folder: Path, outcome: str, key: str = KEY) -> list[str]:
    """The files below a folder, and what a command printed, that hold the key in any form."""
    files = [file for file in folder.rglob("*") if file.is_file() and not file.is_symlink()]
    assert files
    written = {str(file): file.read_bytes() for file in files} | {"what was printed": outcome.encode()}
    return [name for name, content in written.items() if any(form in content for form in forms(key))]


def test_every_form_of_a_key_is_found(tmp_path: Path) -> None:
    """Or the tests below could not fail."""
    for number, form in enumerate(forms(KEY)):
        (tmp_path / f"{number}.bin").write_bytes(b"before" + form + b"after")
    assert len(holding(tmp_path, "")) == len(list(forms(KEY)))
    assert holding(tmp_path, f"key: {KEY}")[-1] == "what was printed"


@pytest.fixture(scope="module")
def declarations() -> Declarations:
    return load_declarations(PROJECT)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, declarations: Declarations) -> Run:
    """A run on extracts of a user's own, with rows of every table that are rejected."""
    folder = tmp_path_factory.mktemp("own")
    shutil.copytree(DEMO, folder / "extracts")
    write_bad_rows(folder / "extracts", declarations)
    off = json.dumps({f"{vendor}_enabled": False for vendor in VENDORS})  # their rejected rows are there all the same
    options = ("--extracts", "extracts", "--max-rejected-share", "1", "--vars", off)
    return Run(folder, run_ccw(folder, "run", *options, key=KEY))


def said(outcome: Run) -> str:
    """What a command printed."""
    return outcome.outcome.stdout + outcome.outcome.stderr


def leaking(folder: Path, printed: str) -> list[str]:
    """Where secrets of bad files are: files that a run leaves, tables of ops but the one that may, what it printed."""
    places = {
        str(file): file.read_bytes()
        for file in (folder / "var").rglob("*")
        if file.is_file() and not file.is_symlink() and ".duckdb" not in file.suffixes
    }
    with connect(folder / "var" / "warehouse.duckdb", read_only=True) as connection:
        tables = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'ops' and table_name != 'rejected_rows'"
        ).fetchall()
        assert {"landed_files", "refused_files", "runs", "run_steps"} <= {name for (name,) in tables}
        for (name,) in tables:
            places[f"ops.{name}"] = repr(connection.execute(f"from ops.{name}").fetchall()).encode()
    places["what was printed"] = printed.encode()
    return [f"{place}: {found[0]!r}" for place, content in places.items() if (found := SECRETS.search(content))]


def test_a_run_that_publishes_writes_down_no_secret(own: Run) -> None:
    assert own.outcome.returncode == 0, own.outcome.stderr
    assert {"published", "dbt", "checks"} <= {path.name for path in (own.folder / "var").iterdir()}
    assert holding(own.folder, said(own)) == []
    status = run_ccw(own.folder, "status", key=KEY)
    assert "bad_rows.csv, line " in status.stdout
    assert leaking(own.folder, said(own) + status.stdout + status.stderr) == []


def test_a_run_that_fails_writes_down_no_key(own: Run) -> None:
    """It fails in a test of dbt, and says all that it can say: the calendar ends before contacts that have landed."""
    outcome = run_ccw(own.folder, "--debug", "build", "--vars", "{calendar_ends_before: 2026-03-01}", key=KEY)
    assert outcome.returncode != 0
    assert "foreign_keys_fct_contacts" in outcome.stderr
    assert holding(own.folder, outcome.stdout + outcome.stderr) == []


def test_dbt_alone_writes_down_no_key(tmp_path: Path) -> None:
    """Neither where it succeeds nor where it fails, over landed extracts, of which none has landed."""
    warehouse = tmp_path / "warehouse.duckdb"
    chosen = ("--select", "crm__customers", "int_identity__pseudonym_key", "--exclude-resource-type", "unit_test")
    good = run_dbt("build", warehouse, {}, *chosen, key=KEY)
    assert good.returncode == 0, good.stdout[-2000:]
    bad = run_dbt("build", warehouse, {"extracts": "landed"}, "--select", "+int_identity__customers", key=KEY)
    assert bad.returncode != 0
    assert (tmp_path / "target" / "partial_parse.msgpack").is_file()
    assert holding(tmp_path, good.stdout + good.stderr + bad.stdout + bad.stderr) == []


def test_bad_files_of_every_table_are_named_without_what_they_hold(tmp_path: Path, declarations: Declarations) -> None:
    number = write_bad_files(tmp_path / "extracts", declarations)
    landed = run_ccw(tmp_path, "land", "--extracts", "extracts", key=KEY)
    assert landed.returncode == 1, landed.stderr
    assert landed.stderr.count("lacks the required column") >= 5 * len(declarations.tables)
    again = run_ccw(tmp_path, "land", "--retry-rejected", key=KEY)
    status = run_ccw(tmp_path, "status", key=KEY)
    with connect(tmp_path / "var" / "warehouse.duckdb", read_only=True) as connection:
        of_files = "select count(*) from ops.{}"
        refused, taken = (
            int(str(connection.execute(of_files.format(table)).fetchall()[0][0]))
            for table in ("refused_files", "landed_files")
        )
        assert refused + taken == number
        assert min(refused, taken) >= 3 * len(declarations.tables)
        kept = connection.execute("select string_agg(raw_line, ' ') from ops.rejected_rows").fetchall()[0][0]
        assert SECRETS.search(str(kept).encode())
    printed = "".join(outcome.stdout + outcome.stderr for outcome in (landed, again, status))
    assert leaking(tmp_path, printed) == []
    assert holding(tmp_path / "var", printed) == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Zoe Quackenbush", "'Z…h' (15 characters)"),
        ("Anna", "'A…a' (4 characters)"),
        ("Ann", "'…' (3 characters)"),
        ("A", "'…' (1 character)"),
        ("", "'…' (0 characters)"),
        ("\x1b[31m\n", "'?…?' (6 characters)"),
    ],
)
def test_a_masked_text_shows_its_ends_and_its_length(text: str, shown: str) -> None:
    assert masked(text) == shown


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("Could not convert string 'Ann O'Brien' to INT64", "Could not convert string 'A…n' (11 characters) to INT64"),
        ("Type INT64 with value 491705550199 is out of range", "Type INT64 with value … is out of range"),
        ("at byte 123456 in record/value 2: unexpected", "at byte 123456 in record/value 2: unexpected"),
        ("Duplicate key email: zq@leak.example violates", "Duplicate key email: … violates"),
        ("value 0170 555-01 99 is none", "value … is none"),
        ("Out of memory: 3.7 GiB of 4.0 GiB used", "Out of memory: 3.7 GiB of 4.0 GiB used"),
    ],
)
def test_what_a_library_says_is_shown_without_values(message: str, shown: str) -> None:
    assert without_values(message) == shown
