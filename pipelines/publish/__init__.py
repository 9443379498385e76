"""Publishing: the audited marts become what readers see, in one atomic step.

A run is written into a folder that nobody reads, made durable, renamed to `runs/<run id>`, and only then
does the link `current` move to it. Dying at any instant leaves `current` where it was, and the next run
clears what is left.
"""

import shutil
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from pipelines.errors import RunnerError, UsageError
from pipelines.publish.before import RunBefore
from pipelines.publish.described import PublishedTable
from pipelines.publish.folders import (
    current_run,
    finish_run,
    next_number,
    remove_old_runs,
    start_run,
    switch_to,
)
from pipelines.publish.manifest import (
    DATABASE,
    MANIFEST,
    Manifest,
    PublishedFile,
    TableManifest,
    load_manifest,
    utc,
)
from pipelines.publish.tables import write_tables
from pipelines.warehouse import marts_file

__all__ = [
    "DATABASE",
    "Manifest",
    "PublishedFile",
    "PublishedTable",
    "TableManifest",
    "current_database",
    "current_run",
    "publish",
    "read_manifest",
]


def publish(
    warehouse: Path,
    published: Path,
    *,
    run_id: str,
    as_of: datetime,
    code_version: str,
    settings: dict[str, Any],
    tables: list[PublishedTable],
    fingerprint: str | None = None,
    built: int | None = None,
    unchanged: Collection[str] = (),
    keep: int = 7,
    before_switch: Sequence[Callable[[Path], None]] = (),
) -> Path:
    """Publish the marts of the warehouse as run `run_id` and return the run's folder.

    `tables` describes every table of schema `marts`; `fingerprint` stands for all that they depend on besides
    what landed, `built` is the number of the build that made them. `unchanged` names tables that are known to be as
    they were published last: they are taken over without a look at their rows. Each of `before_switch` is called
    with the folder of the run before anybody can see it, and may add files to it (a report, databases of clients).
    The last `keep` runs stay.

    Raises:
        UsageError: the warehouse has no marts, the run id is no folder name or is published already, or
            `keep` is below 1.
        CheckFailed: a table or column of the marts has no description, or is described but was not built; or is a view.
        WarehouseBusy: another connection holds the warehouse.
        RunnerError: the database or the disk failed; what was published before is untouched.

    """
    _refuse_bad_arguments(warehouse, published, run_id, keep)
    try:
        partial = start_run(published, run_id)
        database, table_manifests = write_tables(warehouse, partial, tables, _run_before(published), unchanged)
        manifest = Manifest(
            run_id=run_id,
            as_of=utc(as_of),
            published_at=datetime.now(UTC),
            code_version=code_version,
            settings=settings,
            fingerprint=fingerprint,
            built=built,
            number=next_number(published),
            database=database,
            tables=table_manifests,
        )
        (partial / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
        for add_files in before_switch:
            add_files(partial)
        run = finish_run(published, run_id)
        switch_to(published, run_id)
    except (duckdb.Error, OSError, shutil.Error) as error:
        raise RunnerError(
            f"Run {run_id} could not be published: {error}. What was published before is untouched; "
            "solve the cause (a full disk? the rights of the folder?) and run again."
        ) from error
    remove_old_runs(published, current=run_id, keep=keep)
    return run


def current_database(published: Path) -> Path | None:
    """Find the database that readers see now; None before the first publication.

    The manifest names it, since earlier versions published it under another name.

    Raises:
        RunnerError: the manifest is there but damaged.

    """
    run = current_run(published)
    database = run / load_manifest(run).database.path if run and (run / MANIFEST).is_file() else None
    return database if database and database.is_file() else None


def read_manifest(published: Path) -> Manifest | None:
    """Read the manifest of the run that readers see now; None before the first publication.

    Raises:
        RunnerError: the manifest is there but damaged.

    """
    run = current_run(published)
    return load_manifest(run) if run and (run / MANIFEST).is_file() else None


def _refuse_bad_arguments(warehouse: Path, published: Path, run_id: str, keep: int) -> None:
    if not marts_file(warehouse).is_file():
        raise UsageError(f"There are no marts at {marts_file(warehouse)}; build them with `ccw build` first.")
    if keep < 1:
        raise UsageError(f"{keep} runs can't be kept; keep at least 1, the one that is published.")
    if not run_id or Path(run_id).name != run_id or run_id.startswith("."):
        raise UsageError(f"{run_id!r} can't be the name of a run's folder; use letters, digits, - and _.")
    run = current_run(published)
    if run and run.name == run_id:
        raise UsageError(f"Run {run_id} is published already; publish under another run id.")


def _run_before(published: Path) -> RunBefore | None:
    run = current_run(published)
    if run is None:
        return None
    try:
        return RunBefore(run, load_manifest(run))
    except (RunnerError, OSError):
        return None  # nothing to link to, so everything is written again
