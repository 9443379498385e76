"""What can go wrong in a run, each kind with the exit code that it ends the command with."""

from pipelines.masking import without_values


class RunnerError(Exception):
    """An error that the user can act on: one clear sentence that names the culprit and says what to do."""

    exit_code = 1


class UsageError(RunnerError):
    """Wrong usage or settings: a missing folder, an unknown extract, an illegal value of an option."""

    exit_code = 2


class CheckFailed(RunnerError):
    """A file was refused, or a check or test failed; nothing was published."""

    exit_code = 1


class TooManyRejected(RunnerError):
    """More rows were rejected than the limit allows; nothing was published."""

    exit_code = 3


class Stopped(RunnerError):
    """The user stopped the run between two of its steps; nothing was published."""

    exit_code = 1


class WarehouseBusy(RunnerError):
    """Another run holds the warehouse."""

    exit_code = 75


class WarehouseDamaged(RunnerError):
    """A file of the warehouse is not as it was written: the disk, or somebody, has changed it."""

    exit_code = 74


class DiskFull(RunnerError):
    """There is no room for what has to be written."""

    exit_code = 1


def in_words(error: Exception) -> str:
    """Say what went wrong in one sentence."""
    if isinstance(error, RunnerError):
        return str(error)
    said = without_values(str(error))
    return f"This is a fault of ccw itself: {type(error).__name__}: {said}. `ccw --debug` shows where."
