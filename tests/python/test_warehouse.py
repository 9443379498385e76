"""The warehouse and its marts, which are two files and read as one."""

import random
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from pipelines.errors import DiskFull, WarehouseBusy, WarehouseDamaged
from pipelines.warehouse import attach_marts, connect, marts_file


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """A warehouse with a table, and no marts."""
    path = tmp_path / "warehouse.duckdb"
    with connect(path) as connection:
        connection.execute("create schema ops; create table ops.runs as select 1 as run")
    return path


def test_marts_are_read_as_if_they_were_in_the_warehouse(warehouse: Path) -> None:
    assert not marts_file(warehouse).exists()
    with connect(warehouse) as connection:
        attach_marts(connection, warehouse)
        connection.execute("create table marts_file.marts.dim_sites as select 's1' as site_id")
    for read_only in (False, True):
        with connect(warehouse, read_only=read_only) as connection:
            assert connection.execute("select run, site_id from ops.runs, marts.dim_sites").fetchall() == [(1, "s1")]


def test_a_file_of_marts_in_which_nothing_was_built_is_no_hindrance(warehouse: Path) -> None:
    """A build that ended right after it made the file, and a command that only reads."""
    duckdb.connect(str(marts_file(warehouse))).close()
    with connect(warehouse, read_only=True) as connection:
        assert connection.execute("select run from ops.runs").fetchall() == [(1,)]


def test_marts_that_are_no_database_are_named_and_the_warehouse_is_let_go(warehouse: Path) -> None:
    marts_file(warehouse).write_text("no database" * 1000)
    with pytest.raises(WarehouseDamaged, match=r"warehouse\.duckdb\.marts"), connect(warehouse):
        pass
    marts_file(warehouse).unlink()
    with connect(warehouse) as connection:
        assert connection.execute("select run from ops.runs").fetchall() == [(1,)]


def flip(path: Path, seed: int, flips: int = 50) -> None:
    """Change single bits of a file, wherever they are."""
    chance, content = random.Random(seed), bytearray(path.read_bytes())
    for _ in range(flips):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


@pytest.mark.parametrize("seed", range(5))
def test_a_damaged_warehouse_is_told_from_one_that_is_in_use(warehouse: Path, seed: int) -> None:
    flip(warehouse, seed)
    with pytest.raises(WarehouseDamaged, match=r"backup.*move both away.*ccw run"), connect(warehouse) as connection:
        connection.execute("select run from ops.runs").fetchall()


@pytest.mark.parametrize("kept", [0.9, 0.5, 0.001, 0])
def test_a_warehouse_that_was_cut_is_damaged(warehouse: Path, kept: float) -> None:
    content = warehouse.read_bytes()
    warehouse.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(WarehouseDamaged, match="is damaged"), connect(warehouse) as connection:
        connection.execute("select run from ops.runs").fetchall()


def test_damaged_marts_are_told_from_a_damaged_warehouse(warehouse: Path) -> None:
    """Only what was built of what landed has to be built again."""
    with connect(warehouse) as connection:
        attach_marts(connection, warehouse)
        connection.execute("create table marts_file.marts.dim_sites as select range as site_id from range(100000)")
    flip(marts_file(warehouse), 1)
    with (
        pytest.raises(WarehouseDamaged, match=r"All that landed is whole.*--full-refresh"),
        connect(warehouse) as opened,
    ):
        opened.execute("select sum(hash(site_id)) from marts.dim_sites").fetchall()
    marts_file(warehouse).unlink()
    with connect(warehouse) as connection:
        assert connection.execute("select run from ops.runs").fetchall() == [(1,)]


def test_a_warehouse_in_another_process_is_busy(warehouse: Path) -> None:
    code = "import duckdb, sys; opened = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", code, str(warehouse)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        assert other.stdout.readline() == "open\n"
        with pytest.raises(WarehouseBusy, match="close it and try again"), connect(warehouse):
            pass


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), duckdb.IOException("Could not write: No space left on device")]
)
def test_a_full_disk_is_a_sentence(warehouse: Path, error: Exception) -> None:
    with pytest.raises(DiskFull, match=r"make room.*run again"), connect(warehouse):
        raise error
