"""Which days a folder of simulated extracts holds already, as `truth/simulated.json` says."""

import json
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Self

from pipelines.errors import UsageError
from simulator.clock import EARLIEST_DAY, LAST_DAY, LATEST_DAY, Period

_FILE = Path("truth") / "simulated.json"


@dataclass(frozen=True)
class Simulated:
    """One call of `simulate`; `first_day` is an ISO date."""

    contacts: int
    days: int
    seed: int
    first_day: str

    @property
    def period(self) -> Period:
        """The period that it simulated."""
        return Period(self.days, date.fromisoformat(self.first_day))


@dataclass(frozen=True)
class Days:
    """The call that a folder is written by, and the calls before it, the earliest first."""

    call: Simulated
    before: tuple[Simulated, ...]

    @classmethod
    def of(cls, contacts: int, days: int, seed: int, start: date | None, out: Path) -> Self:
        """Read what there is. Without a start the period ends on LAST_DAY.

        Raises UsageError where `out` is no folder of extracts, or the days are not all later than its own.
        """
        first_day = start or LAST_DAY - timedelta(days=days - 1)
        call = Simulated(contacts, days, seed, first_day.isoformat())
        if not EARLIEST_DAY <= first_day <= call.period.last_day <= LATEST_DAY:
            raise UsageError(
                f"{days} days from {first_day} can't be simulated: ask for days from {EARLIEST_DAY} to {LATEST_DAY}."
            )
        if out.exists() and not out.is_dir():
            raise UsageError(f"{out} is a file: name a folder for the extracts.")
        if not out.is_dir() or not any(out.iterdir()):
            return cls(call, ())
        if not (out / _FILE).is_file():
            raise UsageError(
                f"The folder {out} is not empty and holds no simulated extracts: name a new or empty folder, "
                "or one that `ccw simulate` wrote, for further days."
            )
        listed = json.loads((out / _FILE).read_text(encoding="utf-8"))
        before = tuple(Simulated(**values) for values in listed)
        last_day = before[-1].period.last_day
        if first_day <= last_day:
            raise UsageError(
                f"The folder {out} holds days up to {last_day}: give further ones with --start, from "
                f"{last_day + timedelta(days=1)} on, or name another folder."
            )
        return cls(call, before)

    @property
    def file_name(self) -> str:
        """What stands between a table's name and its format: nothing, or a dot and the first day."""
        return f".{self.call.first_day}" if self.before else ""

    @property
    def tag(self) -> str:
        """What the ids of later calls begin with, so that they meet none of an earlier one."""
        return f"{date.fromisoformat(self.call.first_day):%y%m%d}-" if self.before else ""

    def note(self, out: Path) -> None:
        """Write down that the days are there now."""
        calls = [asdict(call) for call in (*self.before, self.call)]
        (out / _FILE).write_text(json.dumps(calls, indent=2) + "\n", encoding="utf-8")
