"""The folders of published runs: begun out of sight, made durable, switched to, and in the end removed.

A name that starts with a dot is never read: it belongs to a run that is being written or removed.
"""

import logging
import shutil
from datetime import UTC, datetime
from pathlib import Path

from pipelines.errors import RunnerError
from pipelines.publish.manifest import load_manifest, utc
from pipelines.warehouse.durable import sync

_CURRENT = "current"
_RUNS = "runs"
_PARTIAL = ".{}.partial"
_REMOVED = ".{}.removed"

_log = logging.getLogger(__name__)


def current_run(published: Path) -> Path | None:
    """Find the folder of the run that readers see now; None before the first one.

    The link is resolved, so a caller that goes on with the returned path stays in one run.
    """
    current = published / _CURRENT
    return current.resolve() if current.is_dir() else None


def start_run(published: Path, run_id: str) -> Path:
    """Clear what runs that died have left, and return the empty folder to write the run into."""
    runs = published / _RUNS
    runs.mkdir(parents=True, exist_ok=True)
    clear_leftovers(published)
    if (runs / run_id).exists():  # complete, but its run died before it was switched to
        _remove(runs / run_id)
    partial = _partial(published, run_id)
    partial.mkdir()
    return partial


def clear_leftovers(published: Path) -> None:
    """Remove what runs that failed or died have left, which nobody reads."""
    runs = published / _RUNS
    for pattern in (_PARTIAL, _REMOVED):
        for leftover in runs.glob(pattern.format("*")):
            shutil.rmtree(leftover)
    for link in published.glob(f".{_CURRENT}.*"):
        link.unlink()


def remove_unless_current(published: Path, run_id: str) -> None:
    """Remove a run if it is there, and is not the one that readers see."""
    run, current = published / _RUNS / run_id, current_run(published)
    if run.is_dir() and (current is None or current.name != run_id):
        _remove(run)


def finish_run(published: Path, run_id: str) -> Path:
    """Make the files of a run durable, and return the folder under its final name."""
    partial = _partial(published, run_id)
    for path in sorted(partial.rglob("*"), reverse=True):  # contents before the folder that names them
        sync(path)
    sync(partial)
    run = partial.rename(published / _RUNS / run_id)
    sync(run.parent)
    return run


def switch_to(published: Path, run_id: str) -> None:
    """Show the run to readers; who has a file of the run before open keeps reading that one."""
    link = published / f".{_CURRENT}.{run_id}"
    link.symlink_to(Path(_RUNS) / run_id, target_is_directory=True)
    link.replace(published / _CURRENT)
    sync(published)


def remove_old_runs(published: Path, *, current: str, keep: int) -> None:
    """Remove all runs but the current one and the newest others, `keep` in all.

    What can't be removed now is left to the next run, with a warning: the new run is published either way.
    """
    others = [run for run in kept_runs(published) if run.name != current]
    for run in others[keep - 1 :]:
        try:
            _remove(run)
        except OSError as error:
            _log.warning("The old run %s could not be removed: %s", run.name, error)


def _partial(published: Path, run_id: str) -> Path:
    return published / _RUNS / _PARTIAL.format(run_id)


def _remove(run: Path) -> None:
    # Renamed first, so that a run which is half removed is never taken for a whole one.
    shutil.rmtree(run.rename(run.with_name(_REMOVED.format(run.name))))


def next_number(published: Path) -> int:
    """The number of the next run, above those of all that are there."""
    return max((_order(run)[0] for run in kept_runs(published)), default=0) + 1


def kept_runs(published: Path) -> list[Path]:
    """Folders of the runs that are there, the newest first."""
    runs = published / _RUNS
    found = (run for run in runs.iterdir() if run.is_dir() and not run.name.startswith(".")) if runs.is_dir() else ()
    return sorted(found, key=_order, reverse=True)


def _order(run: Path) -> tuple[int, datetime]:
    """What orders runs: their numbers, and the time of those that have none; a damaged one is older than all others."""
    try:
        manifest = load_manifest(run)
        return manifest.number, utc(manifest.published_at)
    except (RunnerError, OSError):
        return -1, datetime.fromtimestamp(run.stat().st_mtime, UTC)
