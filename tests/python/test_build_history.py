"""Which builds count, so that the next one may leave out what nothing changed for."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.build.fingerprint import basis_fingerprint
from pipelines.build.history import BuildHistory
from pipelines.errors import CheckFailed
from pipelines.settings import KEY_VARIABLE
from pipelines.warehouse import connect

Dbt = Callable[..., None]


@pytest.fixture
def history(tmp_path: Path) -> BuildHistory:
    """A warehouse in which one file has landed."""
    with connect(tmp_path / "warehouse.duckdb") as connection:
        connection.execute(
            """
            create schema ops; create schema incremental;
            create table ops.landed_files as select 1 as load_id, 'acd' as source, 'contact_legs' as "table";
            create table incremental.runs (run bigint, invocation_id varchar);
            """
        )
    return BuildHistory(tmp_path / "warehouse.duckdb")


@pytest.fixture
def dbt(history: BuildHistory) -> Dbt:
    """What dbt does to the records, run by `ccw` or by hand."""

    def run() -> None:
        with connect(history.warehouse) as connection:
            connection.execute(
                "insert into incremental.runs select coalesce(max(run), 0) + 1, '' from incremental.runs"
            )

    def build(kind: str = "build", fingerprint: str = "f", *, fails: bool = False, starts: bool = True) -> None:
        if kind == "by hand":
            run()
            return
        with history.recorded(kind, fingerprint, "basis"):
            if starts:
                run()
            if fails:
                raise CheckFailed("a test failed")

    return build


def test_a_complete_build_is_what_the_next_goes_on_from(history: BuildHistory, dbt: Dbt) -> None:
    assert history.last_complete() is None
    dbt("door")
    dbt()
    last = history.last_complete()
    assert last is not None
    assert (last.run, last.load_id, last.fingerprint) == (2, 1, "f")
    assert history.landed_after(0) == ["acd.contact_legs"]
    assert history.landed_after(last.load_id) == []


def test_a_door_that_was_built_since_is_no_matter(history: BuildHistory, dbt: Dbt) -> None:
    dbt()
    dbt("door")
    last = history.last_complete()
    assert last is not None
    assert last.run == 1


@pytest.mark.parametrize("starts", [True, False])
def test_a_failed_build_with_the_same_settings_is_no_matter(history: BuildHistory, dbt: Dbt, *, starts: bool) -> None:
    """Whether dbt failed in the middle, or before it began: what it built, it built of the same code."""
    dbt()
    with pytest.raises(CheckFailed):
        dbt(fails=True, starts=starts)
    last = history.last_complete()
    assert last is not None
    assert (last.run, last.fingerprint) == (1, "f")


def test_after_a_failed_build_with_other_settings_everything_is_visited(history: BuildHistory, dbt: Dbt) -> None:
    dbt()
    with pytest.raises(CheckFailed):
        dbt(fingerprint="g", fails=True)
    assert history.last_complete() is None


def test_after_a_run_by_hand_everything_is_visited(history: BuildHistory, dbt: Dbt) -> None:
    dbt()
    dbt("by hand")
    assert history.last_complete() is None


def test_what_changed_is_known_from_one_build_to_the_next_only(history: BuildHistory, dbt: Dbt) -> None:
    """A run by hand between two builds, or a failed one, may have changed what the second one finds unchanged."""
    dbt()
    dbt("door")
    dbt()
    assert history.is_next(1, 3)
    dbt("by hand")
    dbt()
    assert not history.is_next(3, 5)
    with pytest.raises(CheckFailed):
        dbt(fails=True)
    dbt()
    assert not history.is_next(5, 7)


def test_another_secret_key_is_another_basis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All models are visited then, since dbt's comparison of states sees no key."""
    remembered = tmp_path / "digests.json"
    monkeypatch.setenv(KEY_VARIABLE, "one key")
    first = basis_fingerprint(["vars"], remembered)
    assert basis_fingerprint(["vars"], remembered) == first
    assert basis_fingerprint(["other vars"], remembered) != first
    monkeypatch.setenv(KEY_VARIABLE, "another key")
    assert basis_fingerprint(["vars"], remembered) != first
