"""`ccw watch`: rounds in one process, that go on after a failure and end on a signal."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import BIN, DEMO, Run

from pipelines.errors import CheckFailed, Stopped, UsageError
from pipelines.run import watch as watching
from pipelines.run.watch import watch
from pipelines.settings import RunSettings

Round = Callable[[], object]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunSettings:
    """Settings of a folder with one file, with a secret as a run has it."""
    monkeypatch.setenv("CCW_PSEUDONYM_KEY", "a secret of the tests")
    (tmp_path / "extracts").mkdir()
    (tmp_path / "extracts" / "one.csv").write_text("a\n")
    return RunSettings(
        extracts=tmp_path / "extracts", warehouse=tmp_path / "w.duckdb", published=tmp_path / "published"
    )


def rounds(monkeypatch: pytest.MonkeyPatch, *each: Round) -> list[int]:
    """Put these in the place of the runs of the main job; the last one is to stop. Returns what has run."""
    ran: list[int] = []

    def run(*_: Any, **__: Any) -> None:
        ran.append(len(ran))
        each[len(ran) - 1]()

    monkeypatch.setattr(watching, "run", run)
    return ran


def stop() -> None:
    """Stop this process as `kill` does."""
    os.kill(os.getpid(), signal.SIGTERM)


def test_only_a_round_with_something_new_runs(settings: RunSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that was added, replaced or removed; a warehouse or a publication that somebody else changed."""
    file = settings.extracts / "one.csv"
    looks: list[float] = []
    ran: list[str] = []
    changes: dict[int, Callable[[], object]] = {
        3: lambda: (settings.extracts / "two.csv").write_text("b\n"),
        5: lambda: file.write_text("c\n"),
        7: file.unlink,
        9: lambda: settings.warehouse.write_text("changed"),
        11: stop,
    }
    look = watching._files

    def count(folder: Path) -> Any:
        looks.append(len(looks))
        changes.get(len(looks), lambda: None)()
        return look(folder)

    monkeypatch.setattr(watching, "_files", count)
    monkeypatch.setattr(watching, "run", lambda *_, **__: ran.append(f"look {len(looks)}"))
    watch(settings, every=0.01)
    assert ran == ["look 1", "look 3", "look 5", "look 7", "look 9"]


def test_a_file_that_arrives_during_a_run_is_for_the_next(
    settings: RunSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have been too late for the landing of the run."""
    ran = rounds(monkeypatch, lambda: (settings.extracts / "two.csv").write_text("b\n"), stop)
    watch(settings, every=0)
    assert len(ran) == 2


def test_a_round_that_failed_is_tried_again(
    settings: RunSettings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whether it was a check, a fault, or settings that were right once; each is logged."""

    def fail(error: Exception) -> Round:
        def run() -> None:
            raise error

        return run

    monkeypatch.setattr("pipelines.logs.log.propagate", True)
    ran = rounds(
        monkeypatch,
        fail(CheckFailed("A check failed.")),
        fail(ValueError("a fault")),
        fail(UsageError("The extracts folder is missing.")),
        stop,
    )
    watch(settings, every=0)
    assert len(ran) == 4
    said = " ".join(caplog.messages)
    assert "A check failed. The next round tries again." in said
    assert "fault of ccw itself: ValueError: a fault" in said
    assert "folder is missing. The next round tries again." in said


def test_stopped_after_a_failure_it_ends_as_the_run_did(settings: RunSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is published is not the newest, so the exit code is not 0."""

    def fail() -> None:
        stop()
        raise CheckFailed("A check failed.")

    rounds(monkeypatch, fail)
    with pytest.raises(CheckFailed):
        watch(settings, every=60)


def test_wrong_settings_end_the_first_round(settings: RunSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """They don't mend by waiting."""

    def fail() -> None:
        raise UsageError("No such option.")

    rounds(monkeypatch, fail)
    with pytest.raises(UsageError):
        watch(settings, every=60)


def test_the_demo_is_watched_without_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo's own key is in force from the first look on; extracts of your own are refused without one."""
    monkeypatch.setenv("CCW_PSEUDONYM_KEY", "so that what this test leaves is taken back")
    monkeypatch.delenv("CCW_PSEUDONYM_KEY")
    demo = RunSettings(warehouse=tmp_path / "w.duckdb", published=tmp_path / "published")
    ran = rounds(monkeypatch, stop)
    watch(demo, every=60)
    assert len(ran) == 1
    monkeypatch.delenv("CCW_PSEUDONYM_KEY")
    with pytest.raises(UsageError, match="CCW_PSEUDONYM_KEY"):
        watch(RunSettings(extracts=tmp_path, warehouse=tmp_path / "w.duckdb"), every=60)
    assert len(ran) == 1


def test_the_handlers_of_signals_come_back(settings: RunSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the first signal its own handler is back, so that a second ends the process at once."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    during: list[object] = []

    def interrupt() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        during.append(signal.getsignal(signal.SIGINT))
        raise Stopped("between two steps")

    rounds(monkeypatch, interrupt)
    watch(settings, every=60)
    assert during == [before[signal.SIGINT]]
    assert {number: signal.getsignal(number) for number in before} == before


def test_it_publishes_what_is_new_and_stops_after_its_step(tmp_path: Path) -> None:
    """By the command: published, nothing new, refused, published again in the same process, stopped."""
    legs = tmp_path / "extracts" / "acd" / "contact_legs"
    legs.mkdir(parents=True)
    lines = (DEMO / "acd" / "contact_legs.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (legs / "1.csv").write_text("".join(lines[:301]), encoding="utf-8")
    log_file = tmp_path / "log"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CCW_")}
    command = [str(BIN / "ccw"), "watch", "--every", "0.5", "--extracts", "extracts"]
    with log_file.open("w") as log:
        process = subprocess.Popen(
            command, cwd=tmp_path, env={**environment, "CCW_PSEUDONYM_KEY": "a secret of the tests"}, stderr=log
        )
    outcome = Run(tmp_path, subprocess.CompletedProcess(command, 0))

    def statuses() -> list[str]:
        # Read from a copy, since nobody may hold the warehouse while a round begins.
        shutil.copy(outcome.warehouse, tmp_path / "copy.duckdb")
        rows = outcome.query("select status from ops.runs order by started_at", tmp_path / "copy.duckdb")
        return [str(status) for (status,) in rows]

    def wait_for(text: str, times: int = 1) -> None:
        until = time.monotonic() + 400
        while log_file.read_text().count(text) < times:
            assert process.poll() is None, log_file.read_text()
            assert time.monotonic() < until, log_file.read_text()
            time.sleep(0.2)

    try:
        wait_for("publish: published as")
        time.sleep(2)  # rounds with nothing new
        (legs / "2.csv").write_text("", encoding="utf-8")
        wait_for("The next round tries again.")
        (legs / "2.csv").write_text(lines[0] + "".join(lines[301:601]), encoding="utf-8")
        wait_for("publish: published as", times=2)
        (legs / "3.csv").write_text(lines[0] + "".join(lines[601:901]), encoding="utf-8")
        wait_for("land: 1 files landed", times=3)
        process.terminate()
        assert process.wait(60) == 0, log_file.read_text()
    finally:
        process.kill()
        process.wait()
    found = statuses()
    assert (found[0], found[-2:]) == ("published", ["published", "stopped"])
    assert set(found[1:-2]) == {"failed"}
    assert len(list((outcome.published / "runs").iterdir())) == 2
