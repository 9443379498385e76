"""`ccw watch`: the main job again and again in one process, so that what is slow to load is loaded once.

A round in which no file, setting or published run differs from the last good one runs nothing and is not recorded.
"""

import os
import select
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.build import check_vars, settings_fingerprint
from pipelines.errors import Stopped, UsageError, in_words
from pipelines.logs import log
from pipelines.publish import current_run
from pipelines.run.main_job import run
from pipelines.settings import RunSettings, require_pseudonym_key

_SIGNALS = (signal.SIGINT, signal.SIGTERM)

Wait = Callable[[float], bool]


def watch(settings: RunSettings, every: float) -> None:
    """Run the main job every `every` seconds until SIGINT or SIGTERM, which ends it after the step that it is in.

    A round that takes longer delays the next. One that fails is logged, and the next tries again.

    Raises:
        UsageError: of the first round: wrong settings don't mend by waiting.
        Exception: of the last round, when it is stopped after one that failed.

    """
    check_vars(settings.dbt_vars)
    require_pseudonym_key(settings)  # what a round depends on is keyed with it
    with _signals() as stopped_within:
        log.info("Watching %s every %g seconds.", settings.extracts, every)
        seen: object = None
        failure: Exception | None = None
        first = True
        while True:
            next_round = time.monotonic() + every
            try:
                waiting = _files(settings.extracts)
                if failure or seen != (waiting, *_state(settings)):
                    run(settings, is_stopped=lambda: stopped_within(0))
                    failure, seen = None, (waiting, *_state(settings))
            except Stopped:
                break
            except Exception as error:
                if first and isinstance(error, UsageError):
                    raise
                failure = error
                is_debugged = bool(os.environ.get("CCW_DEBUG"))
                log.error("%s The next round tries again.", in_words(error), exc_info=is_debugged)
            first = False
            if stopped_within(max(0, next_round - time.monotonic())):
                break
    log.info("Stopped; what is published stays.")
    if failure:
        raise failure


@contextmanager
def _signals() -> Iterator[Wait]:
    """Give what waits for a signal to stop, for so many seconds, and tells whether one has come.

    A second signal does at once what it does by itself: a run may die at any instant.
    """
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def stop(number: int, _: object) -> None:
        signal.signal(number, before[signal.Signals(number)])
        log.info("%s: stops after this step.", signal.Signals(number).name)

    wakeup = signal.set_wakeup_fd(writer.fileno())
    for number in _SIGNALS:
        signal.signal(number, stop)
    try:
        yield lambda seconds: bool(select.select([reader], [], [], seconds)[0])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(wakeup)
        reader.close()
        writer.close()


def _files(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Size and times of each file: what a changed file differs in, without reading it."""
    found = {}
    for path in folder.rglob("*"):
        try:
            status = path.stat()
        except OSError:  # gone meanwhile
            continue
        found[str(path)] = (status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    return found


def _state(settings: RunSettings) -> tuple[object, ...]:
    """What else a round depends on: the project and settings, the warehouse, and what is published."""
    warehouse = settings.warehouse
    changed_at = warehouse.stat().st_mtime_ns if warehouse.exists() else None
    run = current_run(settings.published)
    return settings_fingerprint(settings, {}), changed_at, run, _files(run) if run else None
