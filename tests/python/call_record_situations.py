"""The situations of tests/fixtures/call_records/situations.txt: call records, and the legs that must come of them."""

import csv
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from conftest import PROJECT

SITUATIONS = PROJECT / "tests" / "fixtures" / "call_records" / "situations.txt"

ZONE = "Europe/Berlin"
DATABASE = "src,dst,channel,dstchannel,lastapp,calldate,duration,billsec,disposition,uniqueid"

Row = tuple[str | None, ...]


@dataclass
class Situation:
    """A situation: the lines of its files, and the legs that must come of them, as texts."""

    number: int
    title: str
    asterisk: list[list[str]] = field(default_factory=list)
    database: list[list[str]] = field(default_factory=list)
    freeswitch: list[list[str]] = field(default_factory=list)
    queue_log: list[str] = field(default_factory=list)
    legs: list[Row] = field(default_factory=list)

    def take(self, line: str) -> None:
        """Take a line of a file, or a leg."""
        kind, *given = line.split()
        values = ["" if value == "-" else value.replace("~", " ") for value in given]
        if kind == "asterisk":
            src, dst, channel, dstchannel, lastapp, start, answer, end, duration, billsec, disposition, *ids = values
            times = [self._local(time) for time in (start, answer, end)]
            record = ["", src, dst, "from-pstn", f'"Ana, née Pop" <{src}>', channel, dstchannel, lastapp, f"{dst},20"]
            uniqueid, linkedid = map(self._named, ids)
            record += [*times, duration, billsec, disposition, "DOCUMENTATION", uniqueid, "noted"]
            self.asterisk.append([*record, "", linkedid, "7"] if linkedid else record)
        elif kind == "database":
            *parties, calldate, duration, billsec, disposition, uniqueid = values
            self.database.append(
                [*parties, self._local(calldate), duration, billsec, disposition, self._named(uniqueid)]
            )
        elif kind == "freeswitch":
            caller, called, start, answer, end, duration, billsec, cause, uuid = values
            times = [self._local(time) for time in (start, answer, end)]
            record = ["Ana", caller, called, "public", *times, duration, billsec, cause, self._named(uuid)]
            self.freeswitch.append([*record, "", "", "PCMU", "PCMU"])
        elif kind == "queue_log":
            time, call, queue, agent, *event = values
            self.queue_log.append("|".join([self._local(time), self._named(call), queue, agent or "NONE", *event]))
        elif kind == "leg":
            contact, number, direction, initiation, agent, customer, *times_and_rest = values
            times = [self._at(time) or "" for time in times_and_rest[:3]]
            leg = [self._named(contact), number, direction, initiation, agent, customer, *times, *times_and_rest[3:]]
            self.legs.append(tuple(value or None for value in leg))
        else:
            raise ValueError(f"no such line: {line}")

    def _named(self, call: str) -> str:
        """An id as the files have it, so that no two situations share one."""
        return call and f"c{self.number:02}-{call}"

    def _at(self, time: str) -> str | None:
        if "T" in time:
            return time.replace("T", " ")
        return f"2026-03-{self.number:02} {time}" if time else None

    def _local(self, time: str) -> str:
        """A time as the systems write it: that of Berlin, where one with a date is given."""
        at = self._at(time)
        if at is None or "T" in time:
            return at or ""
        return str(datetime.fromisoformat(f"{at}+00:00").astimezone(ZoneInfo(ZONE)).replace(tzinfo=None))


def situations() -> list[Situation]:
    """All situations, in order."""
    found: list[Situation] = []
    for line in SITUATIONS.read_text("utf-8").splitlines():
        if line.startswith("=="):
            _, number, title = line.split(" ", 2)
            found.append(Situation(int(number), title))
        elif line and not line.startswith("#"):
            found[-1].take(line)
    return found


def write_call_records(extracts: Path, all_of_them: list[Situation]) -> None:
    """Write the records of all situations as the systems do, those of Asterisk in a file and its rotated one."""
    folder = extracts / "asterisk"
    folder.mkdir(parents=True, exist_ok=True)
    records = [record for situation in all_of_them for record in situation.asterisk]
    for name, part in (("Master.csv.1", records[:10]), ("Master.csv", records[10:])):
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n").writerows(part)
    lines = [line for situation in all_of_them for line in situation.queue_log]
    (folder / "queue_log.calls").write_text("\n".join([*lines, ""]), encoding="utf-8")
    rows = [",".join(row) for situation in all_of_them for row in situation.database]
    (folder / "cdr.csv").write_text("\n".join([DATABASE, *rows, ""]), encoding="utf-8")
    (extracts / "freeswitch").mkdir()
    with (extracts / "freeswitch" / "Master.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerows(record for situation in all_of_them for record in situation.freeswitch)
