"""A clock that is set back: what is new and what is newest is told by numbers that only ever grow."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from landing_support import SOURCES

from pipelines.checks import verdicts
from pipelines.checks.landed import SUITE
from pipelines.checks.report import Check, create_table, record
from pipelines.landing import land, reset
from pipelines.landing.declarations import load_declarations
from pipelines.run import records
from pipelines.run.records import RunRecord
from pipelines.warehouse import connect

NOON = datetime(2026, 4, 10, 12, 0, tzinfo=UTC)
BACK = [timedelta(hours=2), timedelta(days=400)]


class Job:
    """The steps of a run that the clock could mislead, at any time of its clock."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Write a project of a few extracts, and an empty landing folder."""
        self.folder, self.warehouse, self.monkeypatch = folder, folder / "warehouse.duckdb", monkeypatch
        yaml = folder / "project" / "models" / "staging" / "shop" / "_shop__sources.yml"
        yaml.parent.mkdir(parents=True)
        yaml.write_text(SOURCES, encoding="utf-8")
        seed = folder / "project" / "seeds" / "settings" / "channels.csv"
        seed.parent.mkdir(parents=True)
        seed.write_text("channel,channel_name\nvoice,Voice\n", encoding="utf-8")
        self.declarations = load_declarations(folder / "project")
        (folder / "extracts" / "shop" / "votes").mkdir(parents=True)

    def start(self, now: datetime) -> RunRecord:
        """Begin a run at a time."""
        self.monkeypatch.setattr(records, "_now", lambda: now.replace(tzinfo=None))
        return RunRecord.start(self.warehouse)

    def land(self, run: RunRecord, now: datetime, votes: int) -> None:
        """Let a file of that many votes land at a time."""
        number = len(list((self.folder / "extracts" / "shop" / "votes").iterdir()))
        rows = "".join(f"{number}-{vote},1\n" for vote in range(votes))
        (self.folder / "extracts" / "shop" / "votes" / f"{number}.csv").write_text(f"vote_id,score\n{rows}")
        with connect(self.warehouse) as connection:
            land(connection, self.folder / "extracts", self.declarations, run_id=run.run_id, now=now)

    def waiting(self, run: RunRecord) -> int:
        """Lines that wait to be published."""
        with connect(self.warehouse) as connection:
            return run.unpublished_lines(connection)[0]


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    return Job(tmp_path, monkeypatch)


@pytest.mark.parametrize("back", BACK)
def test_what_lands_by_a_clock_that_was_set_back_waits_to_be_published(job: Job, back: timedelta) -> None:
    first = job.start(NOON)
    job.land(first, NOON, votes=3)
    assert job.waiting(first) == 3
    first.end("published", "")
    second = job.start(NOON - back)
    assert job.waiting(second) == 0
    job.land(second, NOON - back, votes=5)
    assert job.waiting(second) == 5
    second.end("failed", "")
    third = job.start(NOON - 2 * back)
    assert job.waiting(third) == 5
    third.end("published", "")
    with connect(job.warehouse) as connection:
        assert third.last_published(connection) == third.run_id
        assert connection.execute("select load_id from ops.landed_files order by rowid").fetchall() == [(1,), (2,)]
        assert connection.execute("select number from ops.runs order by rowid").fetchall() == [(1,), (2,), (3,)]


@pytest.mark.parametrize("back", BACK)
def test_a_reset_by_a_clock_that_was_set_back_is_seen(job: Job, back: timedelta) -> None:
    first = job.start(NOON)
    job.land(first, NOON, votes=3)
    first.end("published", "")
    second = job.start(NOON - back)
    with connect(job.warehouse) as connection:
        assert not second.has_unpublished_reset(connection)
        reset(connection, job.declarations, "shop.votes", run_id=second.run_id, now=NOON - back)
        assert second.has_unpublished_reset(connection)
    job.land(second, NOON - back, votes=1)
    with connect(job.warehouse) as connection:
        assert connection.execute("select min(load_id) from ops.landed_files").fetchall() == [(3,)]


@pytest.mark.parametrize("back", BACK)
def test_checks_by_a_clock_that_was_set_back_look_at_what_is_new(job: Job, back: timedelta) -> None:
    """Also where an earlier version checked last, which recorded the time only."""
    checks = [Check("volume", "shop.votes", "warning", True, "", "")]
    for load in (1, 2, 3):
        now = NOON - (load - 1) * back
        run = job.start(now)
        job.land(run, now, votes=load)
        with connect(job.warehouse) as connection:
            create_table(connection)
            verdicts.create_verdicts(connection, SUITE)
            assert verdicts.first_to_check(connection, "another run") == load
            record(connection, SUITE, checks, run_id=run.run_id, checked_at=now, load_id=load)
            verdicts.write(connection, {load: "passed"}, run_id=run.run_id, at=now)
            assert verdicts.first_to_check(connection, "another run") is None
            assert verdicts.first_to_check(connection, run.run_id) == load
            if load == 1:
                connection.execute("alter table ops.checks drop column load_id; drop table ops.load_verdicts")


def test_runs_of_an_earlier_version_are_numbered_in_their_order(job: Job) -> None:
    run = job.start(NOON)
    job.land(run, NOON, votes=3)
    run.end("published", "")
    with connect(job.warehouse) as connection:
        connection.execute("alter table ops.runs drop column number; alter table ops.runs drop column load_id")
    later = job.start(NOON + timedelta(hours=1))
    assert job.waiting(later) == 0
    job.land(later, NOON + timedelta(hours=1), votes=2)
    assert job.waiting(later) == 2
    with connect(job.warehouse) as connection:
        assert connection.execute("select number from ops.runs order by rowid").fetchall() == [(1,), (2,)]
        assert later.last_published(connection) == run.run_id
