"""Situations of tickets, from a text that people read: what a connector exports of them, and what becomes of them."""

import csv
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

DAY_ZERO = datetime(2026, 3, 1)
AGENTS = {"ann": "agent", "bob": "agent", "cyd": "agent", "adm": "admin"}
SOLVED = ("solved", "closed")

_TIME = r"\d+ \d\d:\d\d(?::\d\d)?"
_SETTING = re.compile(rf"(\w+)=({_TIME}|\S+)")
_EVENT = re.compile(rf"({_TIME}) (.+)")

Row = dict[str, object]


def instant(text: str) -> datetime | None:
    """Return the instant that `1 10:00` or `1 10:00:01` means: the day, counted from 2 March 2026, and the time."""
    if text == "-":
        return None
    day, _, clock = text.partition(" ")
    hours, minutes, seconds = (int(part) for part in (f"{clock}:00" if clock.count(":") == 1 else clock).split(":"))
    return DAY_ZERO + timedelta(days=int(day), hours=hours, minutes=minutes, seconds=seconds)


def value(text: str) -> str | None:
    """Return a word of the text; `-` is null."""
    return None if text == "-" else text


@dataclass
class Ticket:
    """A ticket and what happened to it, in order."""

    number: str
    channel: str
    requester: str
    created: datetime
    settings: dict[str, str]
    events: list[tuple[datetime, str]] = field(default_factory=list)


@dataclass
class Call:
    """A call of Talk, and the agents whom it rang."""

    number: str
    direction: str
    customer: str
    created: datetime
    settings: dict[str, str]
    events: list[tuple[datetime, str]] = field(default_factory=list)


@dataclass
class Situation:
    """A situation: its tickets and calls, and what is expected of them."""

    number: str
    title: str
    tickets: list[Ticket] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    legs: list[tuple[object, ...]] = field(default_factory=list)
    cases: list[tuple[object, ...]] = field(default_factory=list)
    surveys: list[tuple[object, ...]] = field(default_factory=list)
    spent: list[tuple[object, ...]] = field(default_factory=list)
    replies: list[tuple[object, ...]] = field(default_factory=list)
    kpis: dict[str, str] = field(default_factory=dict)

    @property
    def is_airbyte(self) -> bool:
        """Whether it is exported as Airbyte does."""
        return self.title.endswith("(airbyte)")

    @property
    def reason(self) -> str:
        """The type of its tickets."""
        return f"s{self.number}"


def read_situations(file: Path) -> list[Situation]:
    """Read a text of situations."""
    situations: list[Situation] = []
    told: Ticket | Call | None = None
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            number, _, title = line.removeprefix("== ").partition(" ")
            situations.append(Situation(number, title))
        elif not situations or not line.strip():
            continue
        elif line.startswith("ticket "):
            told = Ticket(*_told(line))
            situations[-1].tickets.append(told)
        elif line.startswith("call "):
            told = Call(*_told(line))
            situations[-1].calls.append(told)
        elif line.startswith("> "):
            _expect(situations[-1], *line.removeprefix("> ").split(maxsplit=1))
        else:
            at, what = _EVENT.fullmatch(line.strip()).groups()  # type: ignore[union-attr]
            assert told is not None
            told.events.append((_known(at), what))
    return situations


def _known(text: str) -> datetime:
    at = instant(text)
    assert at is not None
    return at


def _told(line: str) -> tuple[str, str, str, datetime, dict[str, str]]:
    """Read the line of a ticket or a call: number, channel or direction, customer, when, and what else is known."""
    found = re.fullmatch(rf"\w+ (\S+) (\S+) (\S+) at ({_TIME})(.*)", line)
    assert found, line
    number, how, customer, created, settings = found.groups()
    return number, how, customer, _known(created), dict(_SETTING.findall(settings))


def _expect(situation: Situation, kind: str, text: str) -> None:
    cells = [cell.strip() for cell in text.split("|")]
    if kind == "leg":
        contact, leg, direction, queue, agent = cells[0].split()
        times = [instant(cell) for cell in cells[1:4]]
        situation.legs.append((contact, int(leg), direction, value(queue), value(agent), *times, value(cells[4])))
    elif kind == "case":
        reopened = value(cells[4])
        counted = None if reopened is None else int(reopened)
        situation.cases.append((cells[0], *(instant(cell) for cell in cells[1:4]), counted))
    elif kind == "survey":
        contact, agent = cells[0].split()
        score = value(cells[3])
        times = [instant(cell) for cell in cells[1:3]]
        situation.surveys.append((contact, value(agent), *times, None if score is None else int(score)))
    elif kind == "spent":
        contact, leg, initiation = cells[0].split()
        worked = [None if word == "-" else int(word) for word in cells[2].split()]
        situation.spent.append((contact, int(leg), initiation, instant(cells[1]), *worked))
    elif kind == "reply":
        ticket, _, seconds = text.partition(" ")
        situation.replies.append((ticket, *(int(each) for each in seconds.split("/"))))
    else:
        kpi, expected = text.split()
        situation.kpis[kpi] = expected


@dataclass
class Export:
    """Rows of an export, by table."""

    tables: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, table: str, **row: object) -> None:
        """Add a row; what is not said of it is null."""
        self.tables.setdefault(table, []).append(row)


def write_exports(situations: Iterable[Situation], folder: Path) -> None:
    """Write situations as Fivetran and Airbyte export them."""
    fivetran, airbyte = Export(), Export()
    users: dict[str, Export] = dict.fromkeys(AGENTS, fivetran)
    for situation in situations:
        export = airbyte if situation.is_airbyte else fivetran
        for ticket in situation.tickets:
            users.setdefault(ticket.requester, export)
            (_add_to_airbyte if situation.is_airbyte else _add_to_fivetran)(export, ticket, situation.reason)
            for _, what in ticket.events:
                if what.startswith("c"):
                    users.setdefault(what.split()[0], export)
        for call in situation.calls:
            users.setdefault(call.customer, export)
            _add_call(export, call, ("calls", "call_legs") if situation.is_airbyte else ("call_metric", "call_leg"))
    for name, export in users.items():
        row = {"id": name, "name": f"User {name}", "role": AGENTS.get(name, "end-user")}
        if export is fivetran:
            fivetran.add("user", **row, email=f"{name}@example.com", _fivetran_synced="2026-04-01 00:00:00.000")
        else:
            airbyte.add("users", **row, email=f"{name}@example.com", updated_at="2026-04-01T00:00:00Z")
    for group in ("support", "billing"):
        fivetran.add("group", id=group, name=group.title(), _fivetran_synced="2026-04-01 00:00:00.000")
    fivetran.add("organization", id="o1", name="Example", _fivetran_synced="2026-04-01 00:00:00.000")
    fivetran.add("brand", id="b1", name="not read")
    _add_schedule(fivetran)
    folder.mkdir(parents=True)
    for table, rows in fivetran.tables.items():
        _write_csv(folder / f"{table}.csv", rows)
    for table, rows in airbyte.tables.items():
        lines = "".join(f"{json.dumps(row)}\n" for row in rows)
        (folder / table).mkdir()
        (folder / table / "2026_04_01_0.jsonl").write_text(lines, encoding="utf-8")
    ratings = folder / "satisfaction_ratings"
    with duckdb.connect() as connection:  # Airbyte writes Parquet too
        connection.execute(f"copy (from read_json('{ratings}/*.jsonl')) to '{ratings}/2026_04_01_0.parquet'")
    (ratings / "2026_04_01_0.jsonl").unlink()


def _add_schedule(export: Export) -> None:
    """Add the office in Berlin, Monday to Friday from 9 to 17, with a holiday; minutes count from Sunday."""
    synced = {"_fivetran_synced": "2026-04-01 00:00:00.000"}
    for day in range(1, 6):
        begins, ends = 24 * 60 * day + 9 * 60, 24 * 60 * day + 17 * 60
        export.add(
            "schedule",
            **{"id": "office", "name": "Office", "time_zone": "Berlin", "created_at": "2025-01-01 00:00:00", **synced},
            **{"start_time": begins, "end_time": ends, "start_time_utc": begins - 60, "end_time_utc": ends - 60},
        )
    dates = {"start_date": "2026-12-24", "end_date": "2026-12-26"}
    export.add("schedule_holiday", id="h1", schedule_id="office", name="not read", **dates, **synced)
    export.add("ticket_schedule", ticket_id="6201", schedule_id="office", created_at="2026-03-06 15:30:00", **synced)
    export.add("time_zone", time_zone="Berlin", standard_offset="+01:00", **synced)
    summer = {"daylight_start_utc": "2026-03-29 01:00:00", "daylight_end_utc": "2026-10-25 01:00:00"}
    export.add("daylight_time", time_zone="Berlin", year=2026, daylight_offset=1, **summer, **synced)


def _write_csv(file: Path, rows: list[Row]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, names)
        writer.writeheader()
        writer.writerows(rows)


def _status(ticket: Ticket) -> str:
    changes = [what.removeprefix("status ") for _, what in ticket.events if what.startswith("status ")]
    return ticket.settings.get("status") or (changes[-1] if changes else "new")


def _updated(ticket: Ticket) -> datetime:
    given = ticket.settings.get("updated")
    return _known(given) if given else max([ticket.created, *(at for at, _ in ticket.events)])


def _add_to_fivetran(export: Export, ticket: Ticket, reason: str) -> None:
    of, synced = ticket.settings, "2026-04-01 00:00:00.000"
    number = ticket.number
    row: Row = {
        **{"id": number, "status": _status(ticket), "type": reason, "via_channel": ticket.channel},
        **{"via_source_rel": of.get("rel"), "requester_id": ticket.requester, "group_id": of.get("group")},
        **{"submitter_id": of.get("by", ticket.requester), "recipient": "help@centre.example"},
        "merged_ticket_ids": f"[{of.get('merged', '')}]",
        **{"created_at": ticket.created, "updated_at": _updated(ticket), "subject": "not read"},
        **{"_fivetran_synced": synced, "_fivetran_deleted": "removed" in of},
    }
    export.add("ticket", **row)
    if "stale" in of:
        export.add("ticket.2", **{**row, "status": of["stale"], "_fivetran_synced": "2026-03-02 10:01:00.000"})
    _add_surveys(export, ticket)
    changes = [(at, what) for at, what in ticket.events if not re.search("(writes|notes|called)$|^answers ", what)]
    if not any(at == ticket.created and what.startswith("status ") for at, what in changes):
        changes.insert(0, (ticket.created, "status new"))
    for at, what in changes:
        name, _, changed = what.partition(" ")
        fields = {"status": "status", "group": "group_id"}
        to = changed if name in fields else name
        export.add(
            "ticket_field_history",
            **{"ticket_id": number, "field_name": fields.get(name, "satisfaction_score"), "updated": at, "value": to},
            **{"user_id": None, "_fivetran_synced": synced},
        )
    for count, (at, what) in enumerate(ticket.events, 1):
        who, _, did = what.partition(" ")
        if did in ("writes", "notes", "called"):
            export.add(
                "ticket_comment",
                **{"id": f"{number}{count:03}", "ticket_id": number, "user_id": who, "public": did != "notes"},
                **{"voice_comment": did == "called", "body": "not read", "created": at, "_fivetran_synced": synced},
            )


def _answers(at: datetime, what: str) -> list[Row]:
    """Return the answers to a survey such as `answers 4 of 5 fine`: the point of the scale, and a comment."""
    _, picked, _, points, *words = what.split()
    times = {"created_at": _z(at), "updated_at": _z(at)}
    scale = {"type": "rating_scale_numeric", "sub_type": "customer_satisfaction", "id": f"scale{points}", "alias": "q"}
    rating = 0 if picked == "-" else int(picked)
    # Of five points the first two are bad and the last two good; of fewer, those at the ends.
    good, bad = (4, 2) if points == "5" else (int(points), 1)
    category = "good" if rating >= good else "bad" if rating <= bad else "neutral"
    given = {"type": "rating_scale", "rating": rating, "rating_category": category} if rating else {"type": "skipped"}
    other = {
        "type": "rating_scale",
        "rating": 1,
        "rating_category": "bad",
        "question": {"sub_type": "other", "id": "o"},
    }
    return [
        {**times, **other},
        {**times, **given, "question": scale},
        {
            **times,
            "type": "open_ended",
            "value": " ".join(words) or None,
            "question": {"type": "open_ended", "id": "c"},
        },
    ]


def _add_surveys(export: Export, ticket: Ticket) -> None:
    """Add responses to newer surveys as Fivetran does: the response, its answers, and the survey's questions."""
    number, synced = ticket.number, {"_fivetran_synced": "2026-04-01 00:00:00.000"}
    for count, (at, what) in enumerate(ticket.events, 1):
        if not what.startswith("answers "):
            continue
        response = f"R{number}{count:03}"
        export.add(
            "ticket_csat_survey",
            **{"survey_response_id": response, "ticket_id": number, "survey_id": "S1", "survey_version": 1, **synced},
            **{"subject_zrns": json.dumps([f"zen:ticket:{number}"]), "survey_state": "enabled"},
        )
        for answer in _answers(at, what):
            question = answer.pop("question")
            assert isinstance(question, dict)
            row = {"survey_response_id": response, "question_id": question["id"], **synced}
            export.add(
                "csat_survey_answer", **row, **{"rating": None, "rating_category": None, "value": None, **answer}
            )
            named = {"question_id": question["id"], "survey_id": "S1", "survey_version": 1}
            row = {**named, "sub_type": question.get("sub_type"), **synced}
            if row not in export.tables.get("csat_survey_question", []):
                export.add("csat_survey_question", **row)


_CALL_FIELDS = {
    **{"for": "duration", "ivr": "ivr_time_spent", "wait": "wait_time", "answer": "time_to_answer"},
    **{"talk": "talk_time", "hold": "hold_time", "wrap": "wrap_up_time", "status": "completion_status"},
    **{"ticket": "ticket_id", "group": "call_group_id", "agent": "agent_id"},
}
_CALL_FLAGS = {
    **{"voicemail": "voicemail", "callback": "callback", "overflowed": "overflowed"},
    **{"late": "exceeded_queue_wait_time", "closed": "outside_business_hours"},
}


def _add_call(export: Export, call: Call, tables: tuple[str, str]) -> None:
    """Add a call and its legs; only Fivetran's tables have no customer of a call."""
    is_fivetran = tables[0] == "call_metric"
    known = {"_fivetran_synced": "2026-04-01 00:00:00.000"} if is_fivetran else {"customer_id": call.customer}
    of = call.settings
    export.add(
        tables[0],
        **{"id": call.number, "direction": call.direction, "phone_number": "+15550100", "minutes_billed": 1, **known},
        **{name: of.get(setting) for setting, name in _CALL_FIELDS.items()},
        **{name: setting in of.get("is", "").split(",") for setting, name in _CALL_FLAGS.items()},
        **{"created_at": _z(call.created), "updated_at": _z(call.created + timedelta(hours=1))},
    )
    synced = {"_fivetran_synced": "2026-04-01 00:00:00.000"} if is_fivetran else {}
    customer = {"agent_id": 0, "type": "customer", "completion_status": "completed", "talk_time": of.get("talk")}
    legs = [(call.created, {**customer, "duration": of.get("for"), "user_id": call.customer})] if call.events else []
    for at, what in call.events:
        who, *words = what.split()
        told = dict(word.split("=") for word in words)
        leg: Row = {"agent_id": who, "type": told.get("type", "agent"), "user_id": None}
        leg |= {"completion_status": told.get("status", "completed"), "duration": told.get("for")}
        leg |= {"talk_time": told.get("talk", 0), "hold_time": told.get("hold", 0), "wrap_up_time": told.get("wrap")}
        leg |= {"transferred_to": told.get("to"), "conference_from": told.get("conference"), "available_via": "browser"}
        legs.append((at, leg))
    for count, (at, leg) in enumerate(legs, 1):
        times = {"created_at": _z(at), "updated_at": _z(at + timedelta(hours=1))}
        export.add(tables[1], **{"id": f"{call.number}{count:03}", "call_id": call.number, **times, **synced}, **leg)


def _add_to_airbyte(export: Export, ticket: Ticket, reason: str) -> None:
    of, number = ticket.settings, ticket.number
    rating = {"satisfaction_rating": {"score": of["rating"], "id": 1}} if "rating" in of else {}
    via = {"channel": ticket.channel, "source": {"rel": of.get("rel"), "from": {}, "to": {}}}
    export.add(
        "tickets",
        **{"id": number, "status": _status(ticket), "type": reason, "via": via, "requester_id": ticket.requester},
        **{"submitter_id": of.get("by", ticket.requester), "group_id": of.get("group"), **rating},
        **{"created_at": _z(ticket.created), "updated_at": _z(_updated(ticket))},
        **{"_airbyte_extracted_at": 1775001600000},
    )
    changes = [(at, what.split()[1]) for at, what in ticket.events if what.startswith("status ")]
    for count, (at, status) in enumerate([(ticket.created, "new"), *changes] if changes else []):
        export.add(
            "ticket_metric_events",
            **{"id": f"{number}{count:03}", "ticket_id": number, "metric": "resolution_time", "instance_id": 1},
            **{"type": "fulfill" if status in SOLVED else "activate", "time": _z(at)},
        )
    for count, (at, what) in enumerate(ticket.events, 1):
        who, _, did = what.partition(" ")
        if did in ("writes", "notes", "called") or did.startswith("merges"):
            merged = {"source": {"rel": "merge", "from": {"ticket_id": int(did.split()[1])}}} if "merges" in did else {}
            export.add(
                "ticket_comments",
                **{"id": f"{number}{count:03}", "ticket_id": number, "author_id": who, "public": did != "notes"},
                **{"type": "VoiceComment" if did == "called" else "Comment"},
                **{"via": {"channel": ticket.channel, **merged}, "created_at": _z(at)},
            )
        elif who in ("offered", "good", "bad"):
            answered = re.fullmatch(rf"(\w+) until ({_TIME}) (\w+)", did)
            score, until = (answered[3], _known(answered[2])) if answered else (who, at)
            export.add(
                "satisfaction_ratings",
                **{"id": f"{number}{count:03}", "ticket_id": number, "score": score},
                **{"assignee_id": answered[1] if answered else None, "comment": None},
                **{"created_at": _z(at), "updated_at": _z(until)},
            )


def write_pages(situations: Iterable[Situation], folder: Path) -> None:
    """Write situations as Zendesk's incremental export gives them: tickets and their updates, users and groups."""
    export = Export()
    names = dict.fromkeys(AGENTS)
    for situation in situations:
        for ticket in situation.tickets:
            names.setdefault(ticket.requester)
            names.update({what.split()[0]: None for _, what in ticket.events if what.startswith("c")})
            _add_ticket(export, ticket, situation.reason)
            _add_updates(export, ticket)
        for call in situation.calls:
            names.setdefault(call.customer)
            _add_call(export, call, ("calls", "legs"))
    for name in names:
        role, email = AGENTS.get(name, "end-user"), f"{name}@example.com"
        export.add("users", id=name, name=f"User {name}", role=role, email=email, updated_at="2026-04-01T00:00:00Z")
    for group in ("support", "billing"):
        export.add("groups", id=group, name=group.title(), updated_at="2026-04-01T00:00:00Z")
    for table, rows in export.tables.items():
        (folder / table).mkdir(parents=True)
        half = len(rows) // 2
        # A page as it came, on one line; an indented one; two in a file, of which the last is empty.
        pages = [_page(table, rows[:half]), _page(table, rows[half:-1], indent=2)]
        for count, text in enumerate(pages, 1):
            (folder / table / f"{count}.json").write_text(text, encoding="utf-8")
        lines = f"{_page(table, rows[-1:])}\n{_page(table, [])}\n"
        (folder / table / "3.jsonl").write_text(lines, encoding="utf-8")


def _page(table: str, rows: list[Row], indent: int | None = None) -> str:
    told = {"count": len(rows), "end_of_stream": not rows, "end_time": 1775001600, "next_page": None}
    return json.dumps({table: rows, **told}, indent=indent)


def _add_ticket(export: Export, ticket: Ticket, reason: str) -> None:
    of = ticket.settings
    via = {"channel": ticket.channel, "source": {"rel": of.get("rel"), "from": {}, "to": {}}}
    row: Row = {
        **{"id": ticket.number, "status": "deleted" if "removed" in of else _status(ticket), "type": reason},
        **{"via": via, "requester_id": ticket.requester, "submitter_id": of.get("by", ticket.requester)},
        **{"group_id": of.get("group"), "recipient": "help@centre.example", "subject": "not read", "tags": ["a"]},
        **{"created_at": _z(ticket.created), "updated_at": _z(_updated(ticket))},
    }
    export.add("tickets", **row)
    if "stale" in of:
        export.add("tickets", **{**row, "status": of["stale"], "updated_at": _z(ticket.created)})


def _add_updates(export: Export, ticket: Ticket) -> None:
    """Add an update for each thing that happened; the export of odd tickets was not asked for comments."""
    number, has_comments = ticket.number, int(ticket.number) % 2 == 0
    updates: list[tuple[datetime, str, Row]] = []
    if not any(at == ticket.created and what.startswith("status ") for at, what in ticket.events):
        updates.append((ticket.created, ticket.requester, {"event_type": "Create", "status": "new"}))
    if "merged" in ticket.settings:
        source = {"rel": "merge", "from": {"ticket_ids": [int(ticket.settings["merged"])]}}
        merge = {"event_type": "Comment", "public": False, "via": {"channel": "web", "source": source}}
        updates.append((_updated(ticket), "adm", merge))
    for at, what in ticket.events:
        who, _, did = what.partition(" ")
        if who == "answers":
            _add_response(export, ticket, at, what)
        elif did == "called":
            told = {"author_id": who, "public": True, "via": {"channel": "voice"}}
            updates.append((at, who, {"event_type": "VoiceComment", "type": "VoiceComment", **told}))
        elif did in ("writes", "notes") and has_comments:
            told = {"author_id": who, "public": did == "writes", "body": "not read", "via": {"channel": ticket.channel}}
            updates.append((at, "adm", {"event_type": "Comment", "type": "Comment", **told}))
        elif did in ("writes", "notes"):
            told = {"comment_present": True, "comment_public": did == "writes", "via": "Mail"}
            updates.append((at, who, {"event_type": "Comment", **told}))
        else:
            names = {"status": "status", "group": "group_id"}
            changed = {names[who]: did} if who in names else {"satisfaction_score": who}
            updates.append((at, "ann", {"event_type": "Change", "previous_value": "not read", **changed}))
    for count, (at, updater, change) in enumerate(updates, 1):
        export.add(
            "ticket_events",
            **{"id": f"{number}{count:03}", "ticket_id": number, "updater_id": updater, "created_at": _z(at)},
            **{"timestamp": 1775001600, "event_type": "Audit", "via": "Web form"},
            child_events=[{"id": f"{number}{count:03}1", **change}, {"id": f"{number}{count:03}2", "event_type": "Cc"}],
        )


def _add_response(export: Export, ticket: Ticket, at: datetime, what: str) -> None:
    """Add a response to a newer survey with its answers."""
    zrn = f"zen:ticket:{ticket.number}"
    export.add(
        "survey_responses",
        **{"id": f"R{ticket.number}{at:%d%H%M%S}", "responder_id": ticket.requester, "subject_zrns": [zrn]},
        **{"subjects": [{"id": ticket.number, "type": "ticket", "zrn": zrn}], "answers": _answers(at, what)},
        **{"survey": {"id": "S1", "version": 1, "state": "enabled"}, "expires_at": _z(at + timedelta(days=28))},
    )


def _z(at: datetime) -> str:
    return f"{at.isoformat()}Z"
