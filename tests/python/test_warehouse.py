"""The warehouse and its marts, which are two files and read as one."""

from pathlib import Path

import duckdb
import pytest

from pipelines.errors import UsageError
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
    with pytest.raises(UsageError, match=r"warehouse\.duckdb\.marts"), connect(warehouse):
        pass
    marts_file(warehouse).unlink()
    with connect(warehouse) as connection:
        assert connection.execute("select run from ops.runs").fetchall() == [(1,)]
