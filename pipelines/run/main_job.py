"""The main job: land, check, build, check, report, publish. Each step has its own module; here is only their order."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import duckdb
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from pipelines import build as build_step
from pipelines import report
from pipelines.checks import CheckReport, check_landed, check_marts, raise_for_failures
from pipelines.errors import CheckFailed, RunnerError, Stopped, TooManyRejected, WarehouseDamaged, in_words
from pipelines.landing import FileResult, LandReport, create_raw_tables, land, reset, retry_rejected
from pipelines.landing.declarations import Declarations, load_declarations
from pipelines.logs import log
from pipelines.publish import (
    DATABASE,
    baseline,
    clear_leftovers,
    current_run,
    give_rights,
    let_enter,
    publish,
    readable_manifest,
    verify_run,
)
from pipelines.run.records import RunRecord
from pipelines.settings import PROJECT_DIR, RunSettings, code_version, require_pseudonym_key
from pipelines.warehouse import connect, hold
from pipelines.warehouse.private import keep_private
from pipelines.warehouse.trouble import in_words_of_ccw, told_apart, which_is_damaged

T = TypeVar("T")

_SHOWN_DAMAGES = 5


def run(settings: RunSettings, *, is_stopped: Callable[[], bool] = lambda: False) -> Path:
    """Run the main job and return the folder of what is published.

    Where nothing could have changed since it was, it stays. Each step begins only if `is_stopped` says no.

    Raises:
        Stopped: before a step, since `is_stopped` said so.
        RunnerError: of the step that failed; nothing was published.

    """
    with _recorded(settings, is_stopped) as job:
        job.step("land", job.land)
        job.look_at_published()
        if published := job.published_already():
            return published
        if job.can_be_published_as_built():
            return job.step("publish", job.publish)
        job.step("check", job.check_landed)
        job.step("build", job.build)
        job.step("check marts", job.check_marts)
        return job.step("publish", job.publish)


def run_step(settings: RunSettings, step: str) -> None:
    """Run one step of the main job by itself: land, check, build or publish.

    `check` checks both what has landed and the marts. `publish` publishes what the last build left, so it checks the
    marts first.

    Raises:
        RunnerError: of the step.

    """
    with _recorded(settings) as job:
        if step == "land":
            if settings.reset:
                job.step("reset", job.reset)
            if settings.retry_rejected:
                job.step("retry", job.retry_rejected)
            if settings.lands_files:
                job.step("land", job.land)
        elif step == "check":
            job.step("check", job.check_landed)
            job.step("check marts", job.check_marts)
        elif step == "build":
            job.step("build", job.build)
        elif step == "publish":
            job.step("check marts", job.check_marts)
            job.step("publish", job.publish)


class _Job:
    """One run: its settings, its record, and what its steps leave for one another."""

    def __init__(
        self,
        settings: RunSettings,
        record: RunRecord,
        declarations: Declarations,
        is_stopped: Callable[[], bool],
        let_go_of_warehouse: Callable[[], None],
    ) -> None:
        self.settings = settings
        self.record = record
        self.declarations = declarations
        self.is_stopped = is_stopped
        self.let_go_of_warehouse = let_go_of_warehouse
        self.status = "done"
        self.fingerprint: str | None = None
        self.damaged: Path | None = None
        self.is_repair = False
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
            disable=not Console(stderr=True).is_terminal,
        )

    def step(self, name: str, do: Callable[[], tuple[T, str]]) -> T:
        """Do a step, log how long it took, and record how it ended.

        Raises:
            Stopped: the user does not want another step.

        """
        if self.is_stopped():
            raise Stopped(f"The run was stopped before its step {name}; the next one goes on from there.")
        started_at, start = datetime.now(UTC).replace(tzinfo=None), time.monotonic()
        with self._progress:
            task = self._task = self._progress.add_task(name, total=None)
            try:
                result, message = do()
            except Exception as error:
                with suppress(RunnerError, duckdb.Error):  # of a full disk, or a damaged warehouse
                    self.record.step(name, started_at, time.monotonic() - start, failed=True, message=in_words(error))
                raise
            finally:
                self._progress.remove_task(task)
        seconds = time.monotonic() - start
        self.record.step(name, started_at, seconds, failed=False, message=message)
        log.info("%s: %s (%.1f s)", name, message, seconds)
        return result

    def _show_file(self, file: FileResult) -> None:
        self._progress.update(self._task, description=f"land {file.path}: {file.status}")

    def reset(self) -> tuple[tuple[int, int], str]:
        """Take back what has landed of an extract.

        Raises:
            UsageError: there is no such extract.

        """
        extract = str(self.settings.reset)
        with connect(self.settings.warehouse) as connection:
            files, rows = reset(
                connection,
                self.declarations,
                extract,
                run_id=self.record.run_id,
                now=datetime.now(UTC),
                landed=self.settings.landed,
            )
        message = f"{files} files of {extract} with {rows:,} rows were taken back"
        return (files, rows), message + (
            "" if self.settings.lands_files else "; `ccw run --extracts …` lands them anew"
        )

    def retry_rejected(self) -> tuple[LandReport, str]:
        """Land the rejected rows that the rules of now let in.

        Raises:
            UsageError: a type has changed of what landed, or the folder is missing or holds what no source declares.

        """
        with connect(self.settings.warehouse) as connection:
            report = retry_rejected(
                connection,
                self.declarations,
                run_id=self.record.run_id,
                now=datetime.now(UTC),
                as_of=self.settings.as_of,
                landed=self.settings.landed,
                extracts=self.settings.extracts if self.settings.lands_files else None,
            )
        for notice in report.notices:
            log.info("%s", notice)
        for file in report.files:
            log.info("%s: %s of %s rejected rows landed", file.path, f"{file.loaded:,}", f"{file.lines:,}")
        return report, f"{report.loaded:,} of {report.lines:,} rejected rows landed"

    def land(self) -> tuple[LandReport, str]:
        """Land the extract files.

        Raises:
            UsageError: the folder is missing, or holds what no source declares.
            CheckFailed: a file was refused.
            TooManyRejected: of the lines that wait to be published, more were rejected than the limit allows.

        """
        with connect(self.settings.warehouse) as connection:
            report = land(
                connection,
                self.settings.extracts,
                self.declarations,
                run_id=self.record.run_id,
                now=datetime.now(UTC),
                as_of=self.settings.as_of,
                landed=self.settings.landed,
                on_file=self._show_file,
            )
            waiting, rejected = self.record.unpublished_lines(connection)
            reason = self.record.commonest_reason(connection)
        for notice in report.notices:
            log.info("%s", notice)
        if report.refused:
            raise CheckFailed("Refused: " + " ".join(file.message for file in report.refused))
        if waiting and rejected / waiting > self.settings.max_rejected_share:
            raise TooManyRejected(
                f"{rejected:,} of {waiting:,} lines were rejected, more than the share of "
                f"{self.settings.max_rejected_share:.2%} that --max-rejected-share allows.{reason} `ccw status` shows "
                "all reasons. Correct the files and run again."
            )
        skipped = sum(file.status == "skipped" for file in report.files)
        return report, (
            f"{len(report.files) - skipped} files landed, {skipped} known already; "
            f"{report.loaded:,} lines loaded, {report.rejected:,} rejected"
        )

    def look_at_published(self) -> None:
        """Look whether the files of what is published are as they were written, and record what was found.

        Size and time tell; where they differ, or if that was not done for a while, the hash does.
        """
        settings = self.settings
        clear_leftovers(settings.published)
        self._let_read()
        run = current_run(settings.published)
        if run is None:
            return
        with connect(settings.warehouse) as connection:
            is_thorough = self.record.is_thorough_look_due(connection)
            found = verify_run(run, is_thorough=is_thorough)
            self.record.verified(connection, run.name, found, is_thorough=is_thorough)
        if found.damages:
            self.damaged = run
            more = len(found.damages) - _SHOWN_DAMAGES
            log.warning(
                "What is published is damaged: %s%s. It is published anew.",
                "; ".join(map(str, found.damages[:_SHOWN_DAMAGES])),
                f" and {more} more" if more > 0 else "",
            )

    def _let_read(self) -> None:
        """Let those read what is published whom the user lets, also where it lies among what is private."""
        settings = self.settings
        give_rights(settings.published, settings.published_mode)
        folder = settings.published.resolve().parent
        if folder == settings.state and folder.is_dir():
            let_enter(folder, settings.published_mode)

    def can_be_published_as_built(self) -> bool:
        """Whether only what is published is damaged: the marts are what it should be."""
        self.is_repair = (
            self.damaged is not None
            and not self.settings.full_refresh
            and build_step.is_up_to_date(self.settings, self.fingerprint or "")
        )
        return self.is_repair

    def published_already(self) -> Path | None:
        """The folder of what is published, if this run would publish the same; None if it might not."""
        settings = self.settings
        with connect(settings.warehouse) as connection:
            sources = self.record.landed_sources(connection)
            waiting, _ = self.record.unpublished_lines(connection)
            is_reset = self.record.has_unpublished_reset(connection)
            last_published = self.record.last_published(connection)
        self.fingerprint = build_step.settings_fingerprint(settings, sources)
        manifest = readable_manifest(settings.published)
        if (
            settings.full_refresh
            or self.damaged
            or waiting
            or is_reset
            or manifest is None
            or manifest.run_id != last_published
            or manifest.fingerprint != self.fingerprint
            or manifest.database.path != DATABASE  # an earlier version published it
        ):
            return None
        self.status = "unchanged"
        log.info("Nothing new since run %s; what it published stays.", manifest.run_id)
        return current_run(settings.published)

    def check_landed(self) -> tuple[CheckReport, str]:
        """Check what this run landed.

        Raises:
            CheckFailed: a check failed.

        """
        settings = self.settings

        def measure(checked_after_load: int) -> None:
            build_step.build_door(settings, self._landed_sources(), checked_after_load)

        report = check_landed(
            settings.warehouse,
            settings.state / "checks",
            measure,
            run_id=self.record.run_id,
            accept=settings.accept_loads,
        )
        return report, _checked(report)

    def build(self) -> tuple[build_step.BuildReport, str]:
        """Build and test the models with dbt.

        Raises:
            CheckFailed: a model or test failed.
            UsageError: the project does not compile with these settings.

        """
        if not self.settings.is_demo and not build_step.has_phone_country(self.settings):
            log.warning(
                "No phone_country is set, so phones compare on their last nine digits. Set it to the ISO code of the "
                "country whose numbers the extracts have without a calling code, such as --vars '{phone_country: GB}'."
            )
        report = build_step.build(self.settings, self._landed_sources())
        message = f"{report.models} models built, {report.tests} tests passed"
        if not (report.models or report.tests):
            message = "unchanged"
        if report.skipped_models or report.skipped_tests:
            message += f"; {report.skipped_models} models and {report.skipped_tests} tests skipped: nothing changed"
        return report, message

    def check_marts(self) -> tuple[CheckReport, str]:
        """Check the marts before anybody sees them.

        Raises:
            CheckFailed: a check failed.

        """
        report = check_marts(
            self.settings.warehouse,
            self.settings.state / "checks",
            baseline(self.settings.published),
            run_id=self.record.run_id,
            allow_missing_kpis=self.settings.allow_missing_kpis,
        )
        return report, _checked(report)

    def publish(self) -> tuple[Path, str]:
        """Publish the marts.

        Raises:
            RunnerError: publishing failed; what was published before is untouched.

        """
        settings = self.settings
        as_of, built = build_step.built_as_of(settings), build_step.last_build(settings)
        # What is published anew is read in full, so that nothing damaged comes from the warehouse either.
        unchanged = set() if self.damaged else build_step.unchanged_since(settings, self._build_of_published())
        self.let_go_of_warehouse()
        folder = publish(
            settings.warehouse,
            settings.published,
            run_id=self.record.run_id,
            as_of=as_of,
            code_version=code_version(),
            settings=build_step.built_vars(settings),
            tables=build_step.published_tables(settings),
            fingerprint=self.fingerprint,
            built=built,
            unchanged=unchanged,
            keep=settings.keep,
            before_switch=[self._add_report] if settings.report else [],
            mode=settings.published_mode,
            replaces=self.damaged if self.is_repair else None,
        )
        self._let_read()
        self.status = "published"
        return folder, f"published as {folder}"

    def _add_report(self, folder: Path) -> None:
        """Write the report into the folder of a run that nobody sees yet.

        Raises:
            RunnerError: it can't be built, so nothing is published.

        """
        before = current_run(self.settings.published)
        language = self.settings.report_language
        self.step("report", lambda: (None, report.add(folder, language=language, before=before)))

    def _landed_sources(self) -> dict[str, list[str]]:
        """The sources of which something has landed; each declared table is there to be read."""
        with connect(self.settings.warehouse) as connection:
            create_raw_tables(connection, self.declarations, self.settings.landed)
            return self.record.landed_sources(connection)

    def _build_of_published(self) -> int | None:
        """The build that made what is published; None unless it was one of this warehouse with the same fingerprint."""
        manifest = readable_manifest(self.settings.published)
        if manifest is None or self.fingerprint is None or manifest.fingerprint != self.fingerprint:
            return None
        with connect(self.settings.warehouse) as connection:
            last_published = self.record.last_published(connection)
        return manifest.built if manifest.run_id == last_published else None


def _checked(report: CheckReport) -> str:
    raise_for_failures(report)
    for warning in report.warnings:
        log.warning("%s", warning.message)
    if not report.checks:
        return "unchanged: nothing has landed since the last check"
    return f"{len(report.checks)} checks passed, {len(report.warnings)} warnings"


@contextmanager
def _recorded(settings: RunSettings, is_stopped: Callable[[], bool] = lambda: False) -> Iterator[_Job]:
    build_step.check_vars(settings.dbt_vars)
    if require_pseudonym_key(settings):
        log.warning("Pseudonyms are keyed with the demo's built-in secret, which protects nobody.")
    declarations = load_declarations(PROJECT_DIR, settings.source_time_zones, settings.dbt_vars)
    try:
        with told_apart(settings.warehouse), hold(settings.warehouse), ExitStack() as opened:
            keep_private(*_private(settings))
            # Each closing after a write costs a large warehouse (0.3 s with 4 GB), so it stays open until it is
            # published from, which reads the finished file.
            opened.enter_context(connect(settings.warehouse))
            record = RunRecord.start(settings.warehouse)
            job = _Job(settings, record, declarations, is_stopped, opened.close)
            with _ended(record, settings.warehouse):
                yield job
            record.end(job.status, "")
    except WarehouseDamaged as damaged:
        # Both files are closed only now, and can be looked at.
        raise which_is_damaged(settings.warehouse) from damaged


def _private(settings: RunSettings) -> list[Path]:
    """What says who the customers are, or may: files and folders that a run writes to beside what is published."""
    warehouse, state = settings.warehouse, settings.state
    return [
        *(warehouse.with_name(f"{warehouse.name}{of}") for of in ("", ".wal", ".marts", ".marts.wal", ".lock", ".tmp")),
        *(state / folder for folder in ("dbt", "checks", "spark")),
        *([settings.landed] if settings.landed and settings.landed_folder is None else []),
    ]


@contextmanager
def _ended(record: RunRecord, warehouse: Path) -> Iterator[None]:
    """Record how a run that failed has ended, if that can be written at all, and let the error say what to do."""
    try:
        yield
    except Exception as error:
        known = in_words_of_ccw(error, warehouse)
        told = error if known is None else known
        with suppress(RunnerError, duckdb.Error):  # of a full disk, or a damaged warehouse
            record.end("stopped" if isinstance(error, Stopped) else "failed", in_words(told))
        if told is error:
            raise
        raise told from error
