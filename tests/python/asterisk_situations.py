"""The situations of tests/fixtures/asterisk/situations.txt: lines of a queue log, and what must become of them."""

import csv
import gzip
import io
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from conftest import PROJECT

SITUATIONS = PROJECT / "tests" / "fixtures" / "asterisk" / "situations.txt"
FIRST_DAY = date(2026, 2, 1)
VARS = "{exit_key_reasons: {'1': callback_requested, '2': voicemail}, wrap_up_pause_reasons: [wrap-up]}"

Row = tuple[str | None, ...]


@dataclass
class Situation:
    """A situation: its log, and the rows that must come of it, as texts."""

    number: int
    title: str
    lines: list[str] = field(default_factory=list)
    legs: list[Row] = field(default_factory=list)
    states: dict[str, list[Row]] = field(default_factory=dict)
    kpis: list[Row] = field(default_factory=list)

    def named(self, name: str) -> str:
        """A name of a call, queue or agent as the log has it, so that no two situations share one."""
        if name in ("NONE", "MANAGER") or "/" in name:
            return name
        return f"s{self.number:02}-{name}"

    def instant(self, time: str) -> datetime:
        """An instant of the situation's day."""
        day = FIRST_DAY + timedelta(days=self.number - 1)
        return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=UTC)

    def take_log(self, line: str) -> None:
        """Take a line of the log; an instant is written as date and time or as seconds, with a fraction or without."""
        time, call, queue, agent, *rest = line.split("|")
        instant = self.instant(time)
        seconds = f"{instant.timestamp():.0f}{'' if self.number % 4 else '.000000'}"
        written = f"{instant:%Y-%m-%d %H:%M:%S}" if self.number % 2 else seconds
        self.lines.append("|".join([written, *map(self.named, (call, queue, agent)), *rest]))

    def take_expected(self, line: str) -> None:
        """Take a row of what must come of the log."""
        kind, *values = line.split()
        if kind == "leg":
            self.legs.append(self._leg(values))
        elif kind == "state":
            agent, state, start, end = values
            rows = self.states.setdefault(self.named(agent), [])
            if state != "none":
                rows.append((state.replace("~", " "), self._at(start), self._at(end)))
        elif kind == "kpi":
            where, kpi, value = values
            level, _, member = where.rpartition(":")
            self.kpis.append((level or "queue", self.named(member), kpi, value))
        else:
            raise ValueError(f"situation {self.number}: {line}")

    def _leg(self, values: list[str]) -> Row:
        call, number, queue, agent, enqueued, answered, ended, ring, talk, acw, reason, *others = values
        given = dict(other.split("=") for other in others if "=" in other)
        return (
            self.named(call),
            number,
            self.named(queue),
            None if agent == "-" else self.named(agent),
            *(self._at(time) for time in (enqueued, answered, ended)),
            *(None if value == "-" else value for value in (ring, talk, acw, reason)),
            "internal" if "internal" in others else "inbound",
            "transfer" if "transfer" in others else "customer",
            given.get("caller"),
            given.get("dialled"),
        )

    def _at(self, time: str) -> str | None:
        return None if time == "-" else f"{self.instant(time):%Y-%m-%d %H:%M:%S}"


def situations() -> list[Situation]:
    """All situations, in order."""
    found: list[Situation] = []
    for line in SITUATIONS.read_text(encoding="utf-8").splitlines():
        if heading := re.fullmatch(r"== (\d+) (.+)", line):
            found.append(Situation(int(heading[1]), heading[2]))
        elif found and "|" in line:
            found[-1].take_log(line)
        elif found and line:
            found[-1].take_expected(line)
        elif found and found[-1].lines and not found[-1].legs and not found[-1].states:
            found[-1].lines.append("")
    return found


def write_log(folder: Path, given: list[Situation]) -> Path:
    """Write the log as a system leaves it: older days rotated and packed, newer ones out of the database.

    Returns the file of the newest days.
    """
    asterisk = folder / "asterisk"
    asterisk.mkdir(parents=True)
    older, old, new = (
        [line for each in part for line in each.lines] for part in (given[:25], given[25:50], given[50:])
    )
    (asterisk / "queue_log-20260301.gz").write_bytes(gzip.compress(("\n".join(older) + "\n").encode()))
    (asterisk / "queue_log.1").write_text("\n".join(old) + "\n", encoding="utf-8")
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["id", "time", "callid", "queuename", "agent", "event", *(f"data{n}" for n in range(1, 6))])
    for number, line in enumerate(new, 1):
        values = line.split("|", 9)
        writer.writerow([number, *values, *[""] * (10 - len(values))])
    newest = asterisk / "queue_log.csv"
    newest.write_text(table.getvalue(), encoding="utf-8")
    return newest
