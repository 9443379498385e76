"""What can go wrong in a run, each kind with the exit code that it ends the command with."""


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


class WarehouseBusy(RunnerError):
    """Another run holds the warehouse."""

    exit_code = 75
