"""The README is true: its SQL gives the rows that it shows, and each of its questions has an answer in the demo.

So is docs/using.md: it names every published table, and its SQL has rows.
"""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from conftest import PROJECT, Run, run_ccw

README = (PROJECT / "README.md").read_text(encoding="utf-8")
USING = (PROJECT / "docs" / "using.md").read_text(encoding="utf-8")
RESULT = "-->"
MOST_LINES = 120

# A statement of the trace and, below it, what it gives.
TRACE = re.findall(r"```sql\n(.*?)```", README, flags=re.DOTALL)[0]
STEPS = [step for step in TRACE.split("\n\n") if RESULT in step]
QUESTIONS = re.findall(r"^\| (.+\?) \| `(.+)` \|$", README, flags=re.MULTILINE)


@pytest.fixture
def as_shown(demo: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[duckdb.DuckDBPyConnection]:
    """The demo's warehouse, opened as the README says, in a folder like the project's after `make run`."""
    (tmp_path / "seeds").symlink_to(PROJECT / "seeds")
    (tmp_path / "var").symlink_to(demo.folder / "var")
    monkeypatch.chdir(tmp_path)
    with duckdb.connect("var/warehouse.duckdb", read_only=True) as connection:
        connection.execute(TRACE.split(";")[0])
        yield connection


def shown(result: duckdb.DuckDBPyConnection) -> str:
    """Rows as the README shows them: a column as wide as its widest value, two spaces between columns."""
    rows = [[column[0] for column in result.description or []]]
    rows += [list(map(_as_text, row)) for row in result.fetchall()]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)) for row in rows]
    return "\n".join(f"{RESULT} {line}".rstrip() for line in lines)


def _as_text(value: object) -> str:
    if value is None:
        return "NULL"
    return f"{value:g}" if isinstance(value, float) else str(value).lower() if isinstance(value, bool) else str(value)


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= MOST_LINES


@pytest.mark.parametrize("step", STEPS, ids=[step.split(".")[0].removeprefix("-- ") for step in STEPS])
def test_each_step_of_the_trace_gives_what_is_shown(step: str, as_shown: duckdb.DuckDBPyConnection) -> None:
    statement, output = step.split(";\n")
    assert output.strip() == shown(as_shown.execute(statement))


def test_the_trace_goes_from_the_extract_to_the_published_value() -> None:
    sources = [re.findall(r"^from (\S+)", step, flags=re.MULTILINE)[0] for step in STEPS]
    assert "seeds/extracts/acd/contact_legs.csv" in sources[0]
    assert sources[-1] == "published.marts.kpi_values"


def test_the_number_of_kpis_is_right(demo: Run) -> None:
    [(kpis,)] = demo.query("select count(*) from marts.kpi_catalog")
    assert f"There are {kpis} KPIs" in README


def test_there_are_ten_questions() -> None:
    assert len(QUESTIONS) == 10


@pytest.mark.parametrize(("question", "command"), QUESTIONS, ids=[question for question, _ in QUESTIONS])
def test_each_question_has_an_answer(question: str, command: str, demo: Run) -> None:
    if command.startswith("ccw "):
        outcome = run_ccw(demo.folder, *shlex.split(command)[1:], key=None)
        assert outcome.returncode == 0, outcome.stderr
        assert len(outcome.stdout.splitlines()) > 3, question
    else:
        with duckdb.connect(str(demo.published / "current" / "contact_centre.duckdb"), read_only=True) as connection:
            assert connection.execute(command).fetchall(), question


def test_every_published_table_is_named(demo: Run) -> None:
    (listing,) = re.findall(r"^\| table \| question \|\n(.*?)\n\n", USING, flags=re.MULTILINE | re.DOTALL)
    named = {name for row in listing.splitlines() for name in re.findall(r"`(\w+)`", row.split(" | ")[0])}
    published = {str(name) for (name,) in demo.query("select table_name from duckdb_tables()")}
    assert named == {name for name in published if not name.startswith("dim_")}


def test_the_sql_of_the_page_has_rows(demo: Run) -> None:
    statements = re.findall(r"```sql\n(.*?)```", USING, flags=re.DOTALL)
    assert statements
    assert all(demo.query(statement) for statement in statements)
