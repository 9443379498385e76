"""What DuckDB may use of the machine, wherever it is opened."""

import json
import os
import subprocess
from pathlib import Path

import duckdb
import pytest
from conftest import BIN, PROJECT

from pipelines.errors import UsageError
from pipelines.warehouse import connect, resources

NAMES = ("threads", "memory_limit", "block_allocator_memory", "temp_directory", "preserve_insertion_order", "TimeZone")


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start from an environment that says nothing, and come back to the one that was there."""
    for name in (resources.THREADS, resources.MEMORY_LIMIT, resources.TEMP_DIRECTORY):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv(resources.PRESERVE_INSERTION_ORDER, raising=False)


def settings(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The settings of a connection."""
    return dict(connection.execute("select name, value from duckdb_settings() where name in $1", [NAMES]).fetchall())


def gibibytes(text: str) -> float:
    """A size as DuckDB writes it, in GiB."""
    number, unit = text.split()
    return float(number) * {"MiB": 2**-10, "GiB": 1, "TiB": 2**10}[unit]


def test_the_machine_decides_where_the_user_does_not(tmp_path: Path) -> None:
    """All cores that the process may use; of the memory a part of what DuckDB would take, at most 3 GiB a core."""
    with duckdb.connect() as connection:
        by_itself = settings(connection)
    with connect(tmp_path / "w.duckdb") as connection:
        chosen = settings(connection)
    assert 1 <= int(chosen["threads"]) <= int(by_itself["threads"])
    expected = min(gibibytes(by_itself["memory_limit"]) * 0.75, 3 * int(chosen["threads"]))
    assert gibibytes(chosen["memory_limit"]) == pytest.approx(expected, rel=0.1)
    assert chosen["temp_directory"] == f"{tmp_path / 'w.duckdb'}.tmp"
    assert gibibytes(chosen["block_allocator_memory"]) == pytest.approx(expected * 0.8, rel=0.1)
    assert (chosen["preserve_insertion_order"], chosen["TimeZone"]) == ("true", "UTC")


def test_many_threads_get_no_more_than_a_part_of_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest is for dbt, the checks and the system."""
    monkeypatch.setenv(resources.THREADS, "64")
    with duckdb.connect() as connection:
        by_itself = settings(connection)
    with connect(tmp_path / "w.duckdb") as connection:
        chosen = settings(connection)
    assert gibibytes(chosen["memory_limit"]) == pytest.approx(gibibytes(by_itself["memory_limit"]) * 0.75, rel=0.1)


def test_a_large_file_gets_as_much_as_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """But no more than a part of the memory; and still that when the file has shrunk, since blocks are kept."""
    monkeypatch.setenv(resources.THREADS, "1")
    with duckdb.connect() as connection:
        by_itself = settings(connection)
    file = tmp_path / "w.duckdb"
    duckdb.connect(file).close()
    for gib in (5, 4):
        os.truncate(file, gib * 2**30)
        with connect(file) as connection:
            chosen = settings(connection)
        expected = min(gibibytes(by_itself["memory_limit"]) * 0.75, 5)
        assert gibibytes(chosen["memory_limit"]) == pytest.approx(expected, rel=0.05)


def test_a_process_that_may_use_one_core_uses_one() -> None:
    """DuckDB by itself would not see that (the other cores are somebody else's)."""
    if not hasattr(os, "sched_setaffinity"):
        pytest.skip("This system binds no process to cores")
    code = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); "
    code += "from pipelines.warehouse.resources import threads; print(threads())"
    outcome = subprocess.run([BIN / "python", "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert outcome.stdout.strip() == "1"


def test_options_hold_for_every_connection_of_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an option says goes to the environment, which dbt reads too."""
    for name in (resources.THREADS, resources.MEMORY_LIMIT, resources.TEMP_DIRECTORY):
        monkeypatch.setenv(name, "")  # so that what `use` sets is taken back after the test
    resources.use(threads=3, memory_limit="512MiB", temp_directory=tmp_path / "it's spill")
    assert (tmp_path / "it's spill").is_dir()
    with connect(tmp_path / "w.duckdb") as connection:
        chosen = settings(connection)
    assert (chosen["threads"], chosen["memory_limit"]) == ("3", "512.0 MiB")
    assert chosen["temp_directory"] == str(tmp_path / "it's spill")


@pytest.mark.parametrize(("name", "value"), [("memory_limit", "3x"), ("temp_directory", Path("/dev/null/spill"))])
def test_an_illegal_setting_is_refused(name: str, value: str | Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what is legal."""
    monkeypatch.setenv(resources.MEMORY_LIMIT, "")
    monkeypatch.setenv(resources.TEMP_DIRECTORY, "")
    with pytest.raises(UsageError, match=r"--memory-limit one such as 4GB"):
        resources.use(**{name: value})  # type: ignore[arg-type]


def test_a_bare_dbt_uses_the_same(tmp_path: Path) -> None:
    """Without `ccw`, dbt's plugin sets them; and models may do without an order of rows."""
    query = f"select {', '.join(f'current_setting({name!r})::varchar as {name.lower()}' for name in NAMES)}"
    outcome = subprocess.run(
        [
            *(str(BIN / "dbt"), "--quiet", "--no-send-anonymous-usage-stats", "--log-path", str(tmp_path), "show"),
            *("--inline", query, "--output", "json", "--target-path", str(tmp_path / "target")),
        ],
        cwd=PROJECT,
        env={
            **os.environ,
            "CCW_WAREHOUSE": str(tmp_path / "w.duckdb"),
            "CCW_THREADS": "1",
            "CCW_MEMORY_LIMIT": "1GiB",
            "CCW_PRESERVE_INSERTION_ORDER": "false",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stdout
    assert json.loads(outcome.stdout)["show"] == [
        {
            "threads": "1",
            "memory_limit": "1.0 GiB",
            "block_allocator_memory": "819.1 MiB",
            "temp_directory": f"{tmp_path / 'w.duckdb'}.tmp",
            "preserve_insertion_order": "false",
            "timezone": "UTC",
        }
    ]
