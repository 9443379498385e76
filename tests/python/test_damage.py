"""What is published is looked at by each run, and written anew where it is not as it was written."""

import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Run, run_ccw

from pipelines.publish import current_run, read_manifest
from pipelines.warehouse import connect


def flip(path: Path) -> None:
    """Change one bit in the middle of a file, and neither its size nor its rights."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    _write(path, bytes(content))


def cut(path: Path) -> None:
    """Keep the first half of a file."""
    content = path.read_bytes()
    _write(path, content[: len(content) // 2])


def _write(path: Path, content: bytes) -> None:
    """Write to the file itself, as what damages it does: other runs may share it."""
    path.chmod(0o600)
    path.write_bytes(content)
    path.chmod(0o400)


@pytest.fixture(scope="module")
def copy(demo: Run, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The demo's run in a folder that these tests may change, one after the other."""
    folder = tmp_path_factory.mktemp("damaged")
    shutil.copytree(demo.folder / "var", folder / "var", symlinks=True)
    return Run(folder, demo.outcome)


@pytest.mark.parametrize(
    ("path", "damage", "what"),
    [
        ("contact_centre.duckdb", Path.unlink, "contact_centre.duckdb is missing"),
        ("contact_centre.duckdb", flip, "contact_centre.duckdb was changed"),
        ("parquet/dim_agents/dim_agents.parquet", cut, r"dim_agents.parquet has"),
        ("manifest.json", cut, "manifest.json was changed or cut"),
    ],
)
def test_what_was_damaged_is_published_anew(copy: Run, path: str, damage: Callable[[Path], None], what: str) -> None:
    """It is named, and gone afterwards; nothing is built for that."""
    before = current_run(copy.published)
    assert before
    values = copy.query("select count(*), sum(numerator::decimal(38, 4)) from marts.kpi_values")
    damage(before / path)
    found = run_ccw(copy.folder, "verify", key=None)
    assert found.returncode == 1
    assert what in found.stderr
    outcome = run_ccw(copy.folder, "run", key=None)
    assert outcome.returncode == 0, outcome.stderr
    assert what in outcome.stderr
    assert "build:" not in outcome.stderr
    after = current_run(copy.published)
    assert after
    assert after != before
    assert not before.exists()
    assert copy.query("select count(*), sum(numerator::decimal(38, 4)) from marts.kpi_values") == values
    whole = run_ccw(copy.folder, "verify", key=None)
    assert whole.returncode == 0, whole.stderr
    assert "are as they were published" in whole.stdout
    with connect(copy.warehouse, read_only=True) as connection:
        published, damages = connection.execute(
            "select published_run, damages from ops.verifications where len(damages) > 0 order by rowid desc limit 1"
        ).fetchall()[0]
    assert published == before.name
    assert what in damages[0]


def test_a_repeat_run_looks_and_finds_nothing(copy: Run) -> None:
    """A file that was copied has another time, and the same hash; each link of the chain of runs is another folder."""
    run = current_run(copy.published)
    assert run
    os.utime(run / "contact_centre.duckdb")
    outcome = run_ccw(copy.folder, "run", key=None)
    assert outcome.returncode == 0, outcome.stderr
    assert "Nothing new" in outcome.stderr
    assert "damaged" not in outcome.stderr
    assert current_run(copy.published) == run


def test_what_a_run_writes_is_its_users_alone(demo: Run) -> None:
    paths = [path for path in (demo.folder / "var", *(demo.folder / "var").rglob("*")) if not path.is_symlink()]
    assert len(paths) > 100
    assert [path for path in paths if stat.S_IMODE(path.stat().st_mode) & 0o077] == []


def test_readers_are_let_in_by_the_published_mode(copy: Run) -> None:
    """To what is published, and through the folder that it lies in; not to the warehouse. And out again."""
    for mode, readers in (("640", 0o040), ("644", 0o044), ("600", 0)):
        outcome = run_ccw(copy.folder, "run", "--published-mode", mode, key=None)
        assert outcome.returncode == 0, outcome.stderr
        for path in (copy.published, *copy.published.rglob("*")):
            if not path.is_symlink():
                rights = stat.S_IMODE(path.stat().st_mode)
                assert rights & 0o044 == readers, path
                assert rights & 0o022 == 0, path
                assert not path.is_dir() or rights & 0o011 == readers >> 2, path
        assert stat.S_IMODE(copy.warehouse.stat().st_mode) == 0o600
        assert copy.warehouse.parent.stat().st_mode & 0o044 == 0
    assert read_manifest(copy.published) is not None


@pytest.mark.parametrize("mode", ["777", "abc", "666", ""])
def test_another_published_mode_is_refused(tmp_path: Path, mode: str) -> None:
    outcome = run_ccw(tmp_path, "run", "--published-mode", mode, key=None)
    assert outcome.returncode == 2
    assert "--published-mode must be 600" in outcome.stderr
    assert not (tmp_path / "var").exists()
