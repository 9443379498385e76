"""`ccw verify`: whether what is published is still as it was written."""

from pathlib import Path

from pipelines.errors import CheckFailed, UsageError
from pipelines.publish import current_run, verify_runs


def verify(published: Path) -> str:
    """Read all files of all published runs, and say how many there are.

    Raises:
        UsageError: nothing is published there.
        CheckFailed: a file is missing, cut or changed; the message lists all of them.

    """
    found = verify_runs(published)
    if not found.runs:
        raise UsageError(f"Nothing is published in {published} yet; `ccw run` publishes.")
    current = current_run(published)
    damages = [f"{published / 'runs'}/{damage}" for damage in found.damages]
    if current is None:
        damages.insert(0, f"{published / 'current'} leads to no run")
    if damages:
        raise CheckFailed(
            f"{len(damages)} of {found.files} files in {found.runs} runs are damaged:\n"
            + "".join(f"{damage}\n" for damage in damages)
            + "`ccw run` publishes what readers see anew, from the warehouse. Of earlier runs remove the folder."
        )
    return f"{found.runs} runs with {found.files} files are as they were published."
