"""The report: a static site on what is published, which opens as files, without a server and offline.

`pages.py` says what it shows, `database.py` and `tables.py` read it, `site.py` writes it; `assets` draws it in the
browser, in the words of `languages`.
"""

import shutil
from pathlib import Path

from pipelines.errors import RunnerError, UsageError
from pipelines.masking import without_values
from pipelines.publish import DATABASE, current_run, describe_others
from pipelines.report.site import build

__all__ = ["REPORT", "add", "build", "rebuild"]

REPORT = "report"


def add(run: Path, *, language: str, before: Path | None = None) -> str:
    """Write the report into the folder of a run, beside its database, and say what was written.

    `before` is the folder of the run before; files of its report that are the same are linked.

    Raises:
        RunnerError: it can't be built.

    """
    folder = run / REPORT
    try:
        folder.mkdir()
        return build(run / DATABASE, folder, language=language, before=before / REPORT if before else None)
    except RunnerError:
        raise
    except Exception as error:
        raise RunnerError(
            f"The report could not be built ({type(error).__name__}: {without_values(str(error))}), so nothing was "
            "published; `--no-report` publishes without it."
        ) from error


def rebuild(published: Path, out: Path | None = None, *, language: str) -> Path:
    """Write the report on what is published into `out`, else into the folder of its run; return the report's folder.

    Readers of the report before see it until the new one is complete.

    Raises:
        UsageError: nothing is published there, or `out` holds something already.
        RunnerError: it can't be built.

    """
    run = current_run(published)
    if run is None:
        raise UsageError(f"Nothing is published in {published} yet; `ccw run` publishes.")
    folder = out or run / REPORT
    if out and out.exists() and any(out.iterdir()):
        raise UsageError(f"{out} is not empty; name an empty folder, or one that is not there yet.")
    partial, removed = (folder.with_name(f".{folder.name}.{state}") for state in ("partial", "removed"))
    for leftover in (partial, removed):
        shutil.rmtree(leftover, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        build(run / DATABASE, partial, language=language)
    except Exception as error:
        shutil.rmtree(partial, ignore_errors=True)
        if isinstance(error, RunnerError):
            raise
        raise RunnerError(
            f"The report could not be built: {type(error).__name__}: {without_values(str(error))}."
        ) from error
    if folder.exists():
        folder.rename(removed)
    partial.rename(folder)
    shutil.rmtree(removed, ignore_errors=True)
    if out is None:
        describe_others(published)
    return folder
