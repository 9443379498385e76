"""Publishing: the audited marts become what readers see, in one atomic step.

A run is written into a folder that nobody reads, made durable, renamed to `runs/<run id>`, and only then
does the link `current` move to it. Dying at any instant leaves `current` where it was, and the next run
clears what is left.
"""

import shutil
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from pipelines.errors import RunnerError, UsageError
from pipelines.publish.before import RunBefore, described_file
from pipelines.publish.described import PublishedTable
from pipelines.publish.folders import (
    clear_leftovers,
    current_run,
    finish_run,
    next_number,
    remove_old_runs,
    remove_unless_current,
    start_run,
    switch_to,
)
from pipelines.publish.intact import Verified, verify_run, verify_runs, whole_database
from pipelines.publish.manifest import (
    DATABASE,
    MANIFEST,
    MANIFEST_HASH,
    Manifest,
    PublishedFile,
    TableManifest,
    load_manifest,
    utc,
    write_manifest,
)
from pipelines.publish.rights import has_rights, let_enter, let_read
from pipelines.publish.tables import write_tables
from pipelines.warehouse import marts_file

__all__ = [
    "DATABASE",
    "Manifest",
    "PublishedFile",
    "PublishedTable",
    "TableManifest",
    "Verified",
    "baseline",
    "clear_leftovers",
    "current_database",
    "current_run",
    "describe_others",
    "give_rights",
    "let_enter",
    "publish",
    "read_manifest",
    "readable_manifest",
    "verify_run",
    "verify_runs",
]

PRIVATE = 0o600


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
    mode: int = PRIVATE,
    replaces: Path | None = None,
) -> Path:
    """Publish the marts of the warehouse as run `run_id` and return the run's folder.

    `tables` describes every table of schema `marts`; `fingerprint` stands for all that they depend on besides
    what landed, `built` is the number of the build that made them. `unchanged` names tables that are known to be as
    they were published last: they are taken over without a look at their rows. Each of `before_switch` is called
    with the folder of the run before anybody can see it, and may add files to it (a report, databases of clients).
    The last `keep` runs stay. `mode` are the rights to read it. `replaces` is a damaged run with the same contents,
    which goes once this one is there.

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
        write_manifest(partial, manifest)
        for add_files in before_switch:
            add_files(partial)
        write_manifest(partial, _with_others(manifest, partial))
        let_read(partial, mode)
        run = finish_run(published, run_id)
        switch_to(published, run_id)
        give_rights(published, mode)
    except (duckdb.Error, OSError, shutil.Error) as error:
        with suppress(OSError):
            remove_unless_current(published, run_id)
        raise RunnerError(
            f"Run {run_id} could not be published: {error}. What was published before is untouched; "
            "solve the cause (a full disk? the rights of the folder?) and run again."
        ) from error
    finally:
        with suppress(OSError):
            clear_leftovers(published)
    if replaces:
        with suppress(OSError):  # what can't be removed is named by `ccw verify`
            remove_unless_current(published, replaces.name)
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


def readable_manifest(published: Path) -> Manifest | None:
    """Read the manifest of the run that readers see now; None before the first publication, or if it is damaged."""
    try:
        return read_manifest(published)
    except (RunnerError, OSError):
        return None


def baseline(published: Path) -> Path | None:
    """The newest published database that is whole, with which the next one is compared; None if there is none."""
    return whole_database(published, current_run(published))


def read_manifest(published: Path) -> Manifest | None:
    """Read the manifest of the run that readers see now; None before the first publication.

    Raises:
        RunnerError: the manifest is there but damaged.

    """
    run = current_run(published)
    return load_manifest(run) if run and (run / MANIFEST).is_file() else None


def describe_others(published: Path) -> None:
    """Describe the files of the current run besides its tables anew, such as those of a report that was rebuilt."""
    run = current_run(published)
    if run and (run / MANIFEST).is_file():
        mode = (run / DATABASE).stat().st_mode if (run / DATABASE).is_file() else PRIVATE
        write_manifest(run, _with_others(load_manifest(run), run))
        let_read(run, mode)


def _with_others(manifest: Manifest, run: Path) -> Manifest:
    known = {MANIFEST, MANIFEST_HASH, *(file.path for file in manifest.model_copy(update={"others": []}).files())}
    others = [
        described_file(run, path)
        for path in sorted(run.rglob("*"))
        if path.is_file() and path.relative_to(run).as_posix() not in known
    ]
    return manifest.model_copy(update={"others": others})


def give_rights(published: Path, mode: int) -> None:
    """Give the runs that are there the rights of `mode`, if they have others."""
    if published.is_dir() and not has_rights(published, mode):
        let_read(published, mode)


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
