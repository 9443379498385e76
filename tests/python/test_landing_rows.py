"""What a bad row gets: its reason, its line in the file and its text, while the rest of the file goes on."""

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from landing_support import Landing

CAME_AT = "2026-03-01T10:00:00Z"


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    """An empty landing folder."""
    return Landing(tmp_path)


def reject(landing: Landing, header: str, row: str) -> tuple[str | None, str]:
    """Land one good row and one other; return column and reason of the reject."""
    names = header.split(",")
    good = ",".join({"visit_id": "v0", "came_at": CAME_AT}.get(name, "") for name in names)
    landing.write("shop/visits.csv", f"{header}\n{good}\n{row}\n")
    report = landing.land()
    assert (report.lines, report.loaded, report.rejected) == (2, 1, 1)
    ((line, raw_line, column, reason),) = landing.rejects("line", "raw_line", '"column"', "reason")
    assert (line, raw_line) == (3, row)
    return column, reason


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("people", "abc", "people: 'abc' is no integer (of at most 64 bits)"),
        ("people", "0", "people: '0' is less than 1"),
        ("mood", "6", "mood: '6' is not between 1 and 5"),
        ("mood", "0", "mood: '0' is not between 1 and 5"),
        ("age", "151", "age: '151' is more than 150"),
        ("spent", "0", "spent: '0' is not greater than 0"),
        ("spent", "x", "spent: 'x' is no decimal number (of at most 12 digits before the point)"),
        ("is_member", "maybe", "is_member: 'maybe' is none of true, false, 1, 0, yes, no, t, f, y, n"),
        ("outcome", "stole", "outcome: 'stole' is none of bought, left, silent, it's"),
        ("code", "ab1", "code: 'ab1' does not match ^[A-Z]{2}[0-9]+$"),
        ("zone", "Mars/Olympus", "zone: 'Mars/Olympus' is no IANA time zone such as Europe/Bucharest"),
        ("card", "4111x", "card: the value (personal, not shown) is no integer (of at most 64 bits)"),
        ("outcome", "x" * 100, f"outcome: '{'x' * 80}…' is none of bought, left, silent, it's"),
        ("note", "a,b", "the row has 4 columns, the header has 3"),
        ("note", 'a"b', None),
        ("note", '"a"b', "a quote never closes, or text follows a closing quote"),
        ("note", '"ab', "a quote never closes, or text follows a closing quote"),
    ],
)
def test_each_rule_has_its_own_reason(landing: Landing, column: str, value: str, reason: str | None) -> None:
    if reason is None:  # a quote within a value that does not begin with one is text
        landing.write("shop/visits.csv", f"visit_id,came_at,{column}\nv1,{CAME_AT},{value}\n")
        assert landing.land().rejected == 0
        assert landing.visits(column) == [(value,)]
        return
    of_column = column if reason.startswith(f"{column}: ") else None
    assert reject(landing, f"visit_id,came_at,{column}", f"v1,{CAME_AT},{value}") == (of_column, reason)


def test_a_value_on_the_boundary_is_good(landing: Landing) -> None:
    landing.write(
        "shop/visits.csv",
        f"visit_id,came_at,left_at,people,mood,age,spent,zone\nv1,{CAME_AT},{CAME_AT},1,5,150,0.000001,UTC\n",
    )
    assert landing.land().loaded == 1


def test_a_missing_required_value_is_a_reason(landing: Landing) -> None:
    assert reject(landing, "visit_id,came_at", f",{CAME_AT}") == ("visit_id", "visit_id: it is required, but empty")


def test_an_end_before_its_begin_is_a_reason(landing: Landing) -> None:
    row = "v1,2026-03-01T10:00:00Z,2026-03-01T11:59:57.9+02:00"
    assert reject(landing, "visit_id,came_at,left_at", row) == (
        "left_at",
        "left_at 2026-03-01 09:59:57.9 is before came_at 2026-03-01 10:00:00",
    )


def test_clocks_may_disagree_by_the_tolerance(landing: Landing) -> None:
    landing.write("shop/visits.csv", f"visit_id,came_at,left_at\nv1,{CAME_AT},2026-03-01T09:59:58Z\n")
    assert landing.land().loaded == 1


def reject_stint(landing: Landing, *rows: str) -> list[str]:
    """Land stints of a switch in Berlin, begun after 2026-03-01 10:00 UTC; return their reasons."""
    header = "stint_id,started_at,answered_at,ended_at,talk_seconds,outcome"
    landing.write("switch/stints.csv", "\n".join([header, *(f"{n},{row}" for n, row in enumerate(rows))]) + "\n")
    landing.land()
    return [str(reason) for (reason,) in landing.rejects("reason")]


def test_events_lie_within_the_calendar_and_at_most_a_day_ahead(landing: Landing) -> None:
    reasons = reject_stint(
        landing,
        "1970-01-01T00:00:00Z,,,,",
        "1990-01-01T23:59:59Z,,,,",
        "1990-01-02T00:00:00Z,,,,",
        "2026-04-11T12:00:00Z,,,,",
        "2026-04-11T12:00:01Z,,,,",
        "2049-12-30T00:00:00Z,,,,",
    )
    assert reasons == [
        *(
            f"started_at: '{given}' is not within the calendar, whose days count from 1990-01-02 to before 2049-12-30 "
            "(vars calendar_starts_on and calendar_ends_before)"
            for given in ("1970-01-01T00:00:00Z", "1990-01-01T23:59:59Z")
        ),
        "started_at: '2026-04-11T12:00:01Z' is ahead: an event may lie at most a day after the landing or --as-of, "
        "so not after 2026-04-11 12:00:00 UTC",
        "started_at: '2049-12-30T00:00:00Z' is not within the calendar, whose days count from 1990-01-02 to before "
        "2049-12-30 (vars calendar_starts_on and calendar_ends_before)",
    ]


def test_what_is_now_may_be_later_than_the_clock(landing: Landing) -> None:
    landing.write(
        "switch/stints.csv",
        "stint_id,started_at\n1,2027-01-02T00:00:00Z\n2,2027-01-02T00:00:01Z\n3,2026-03-01T00:00Z\n",
    )
    landing.land(as_of=datetime(2027, 1, 1, tzinfo=UTC))
    assert landing.rejects("line") == [(3,)]


def test_a_duration_has_a_limit(landing: Landing) -> None:
    begin = "2026-03-01T10:00:00Z,,,"
    assert reject_stint(landing, f"{begin}3600,", f"{begin}3601,", f"{begin}4294967295,", f"{begin}-1,") == [
        "talk_seconds: '3601' is not between 0 and 3600",
        "talk_seconds: '4294967295' is not between 0 and 3600",
        "talk_seconds: '-1' is not between 0 and 3600",
    ]


def test_a_duration_of_thirty_days_is_the_default_limit(landing: Landing) -> None:
    row = f"v1,{CAME_AT},2592000.000001"
    assert reject(landing, "visit_id,came_at,stayed_seconds", row) == (
        "stayed_seconds",
        "stayed_seconds: '2592000.000001' is not between 0 and 2592000",
    )


def test_times_of_a_row_stand_in_their_order(landing: Landing) -> None:
    begin, day = "2026-03-01T10:00:00Z", "2026-03-01T"
    reasons = reject_stint(
        landing,
        f"{begin},{day}09:59:59Z,{day}10:00:00Z,,",
        f"{begin},{day}09:59:58.999999Z,{day}10:00:00Z,,",
        f"{begin},{day}10:05:00Z,{day}10:04:58Z,,",
    )
    assert reasons == [
        "answered_at 2026-03-01 09:59:58.999999 is before started_at 2026-03-01 10:00:00",
        "ended_at 2026-03-01 10:04:58 is before answered_at 2026-03-01 10:05:00",
    ]


def test_a_value_that_only_some_rows_must_have(landing: Landing) -> None:
    begin = "2026-03-01T10:00:00Z"
    reasons = reject_stint(
        landing,
        f"{begin},,,1,done",
        f"{begin},,,0,done",
        f"{begin},,,,done",
        f"{begin},,,1,none",
        f"{begin},{begin},,1,done",
    )
    assert reasons == ["answered_at: it is required where outcome = 'done' and talk_seconds > 0, but empty"]
    landing.write("switch/stints.2.csv", f"stint_id,started_at,talk_seconds,outcome\n1,{begin},1,Done\n")
    landing.land()
    assert landing.rejects("reason")[-1] == (
        "answered_at: it is required where outcome = 'done' and talk_seconds > 0, but missing",
    )


def test_all_reasons_are_given_and_the_first_names_the_column(landing: Landing) -> None:
    column, reason = reject(landing, "visit_id,came_at,people,mood", ",x,y,9")
    assert column == "visit_id"
    assert reason.count("; ") == 3
    assert reason.startswith("visit_id: it is required, but empty; people: 'y' is no integer")


def test_too_few_columns_are_a_reason(landing: Landing) -> None:
    assert reject(landing, "visit_id,came_at,note", f"v1,{CAME_AT}") == (
        None,
        "the row has 2 columns, the header has 3",
    )


def test_a_half_written_last_line_says_so(landing: Landing) -> None:
    landing.write("shop/visits.csv", f"visit_id,came_at,note\nv1,{CAME_AT},x\nv2,2026-0")
    report = landing.land()
    assert (report.loaded, report.rejected) == (1, 1)
    ((line, raw_line, reason),) = landing.rejects("line", "raw_line", "reason")
    assert (line, raw_line) == (3, "v2,2026-0")
    assert reason == (
        "the row has 2 columns, the header has 3; "
        "the file ends in this line without a line end, so it looks half-written"
    )


def test_a_last_line_without_line_end_that_is_whole_is_good(landing: Landing) -> None:
    landing.write("shop/visits.csv", f"visit_id,came_at\nv1,{CAME_AT}")
    assert landing.land().loaded == 1


def test_a_half_written_quoted_value_says_so(landing: Landing) -> None:
    landing.write("shop/visits.csv", f'visit_id,came_at,note\nv1,{CAME_AT},x\nv2,{CAME_AT},"half\nwr')
    report = landing.land()
    assert (report.loaded, report.rejected) == (1, 2)
    rejects = landing.rejects("line", "reason")
    assert [line for line, _ in rejects] == [3, 4]
    assert "looks half-written" in rejects[1][1]


def test_bytes_that_are_no_utf8_cost_their_row_only(landing: Landing) -> None:
    header = b"visit_id,came_at,note\n"
    rows = [b"v1,2026-03-01,\xc3\xa4\n", b"v2,2026-03-01T10:00:00Z,\xe4\xff\n", b"v3,2026-03-01T10:00:00Z,\xc3\xa4\n"]
    landing.write("shop/visits.csv", header + b"".join(rows))
    landing.land()
    assert landing.visits("visit_id", "note", "_line") == [("v3", "ä", 4)]
    rejects = landing.rejects("line", "raw_line", "reason")
    assert rejects[1] == (3, "v2,2026-03-01T10:00:00Z,��", "the row holds bytes that are no UTF-8")
    assert rejects[0][:2] == (2, "v1,2026-03-01,ä")


def test_a_hole_in_a_file_costs_its_line_only(landing: Landing) -> None:
    landing.write("shop/visits.csv", f"visit_id,came_at\nv1,{CAME_AT}\n\x00\x00\x00\x00\nv2,{CAME_AT}\n")
    landing.land()
    assert landing.visits("visit_id") == [("v1",), ("v2",)]
    assert landing.rejects("line") == [(3,)]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_numbers_and_texts_are_right_whatever_lies_between(landing: Landing, line_end: str) -> None:
    lines = [
        "visit_id,came_at,note,people",  # 1
        f"v1,{CAME_AT},plain,1",  # 2
        f'v2,{CAME_AT},"two',  # 3
        'lines",2',  # 4
        "",  # 5
        f"short,{CAME_AT}",  # 6
        f'v3,{CAME_AT},"a ""quoted"" word, and a comma",3',  # 7
        f'v4,{CAME_AT},"three',  # 8
        "",  # 9
        'lines, a ""quote"" and a wrong number",x',  # 10
        "",  # 11
        f"long,{CAME_AT},a,1,2",  # 12
        f'long,{CAME_AT},"a',  # 13
        'b",1,2',  # 14
        f'open,{CAME_AT},"never closed,1',  # 15
        f"v5,{CAME_AT},after it,5",  # 16
        f'"v6","{CAME_AT}","all quoted","6"',  # 17
        f'"v7" , "{CAME_AT}", "spaces around" ,7',  # 18
        f'v8,{CAME_AT},5" screen,8',  # 19
        f"v9,{CAME_AT},bad,0",  # 20
    ]
    landing.write("shop/visits.csv", line_end.join(lines) + line_end)
    report = landing.land()
    inner = "\r\n" if line_end == "\r\n" else "\n"
    assert landing.visits("_line", "visit_id", "note", "people") == [
        (2, "v1", "plain", 1),
        (3, "v2", f"two{inner}lines", 2),
        (7, "v3", 'a "quoted" word, and a comma', 3),
        (16, "v5", "after it", 5),
        (17, "v6", "all quoted", 6),
        (18, "v7", "spaces around", 7),
        (19, "v8", '5" screen', 8),
    ]
    assert [(line, raw) for line, raw in landing.rejects("line", "raw_line")] == [
        (6, lines[5]),
        (8, inner.join(lines[7:10])),
        (12, lines[11]),
        (13, inner.join(lines[12:14])),
        (15, lines[14]),
        (20, lines[19]),
    ]
    assert (report.lines, report.loaded, report.rejected) == (13, 7, 6)


def test_line_ends_may_be_mixed(landing: Landing) -> None:
    landing.write(
        "shop/visits.csv",
        f'\ufeffvisit_id,came_at,note\r\nv1,{CAME_AT},"as a\nspreadsheet writes"\r\nv2,{CAME_AT},a\rb\nbad\r\n',
    )
    landing.land()
    assert landing.visits("_line", "note") == [(2, "as a\nspreadsheet writes"), (4, "a\rb")]
    assert landing.rejects("line", "raw_line") == [(5, "bad")]


def test_a_header_may_take_several_lines_and_stand_after_blank_ones(landing: Landing) -> None:
    landing.write("shop/visits.csv", f'\n\nvisit_id,"a\nb",came_at\nv1,,{CAME_AT}\nv2,,\n')
    landing.land()
    assert landing.visits("_line", "visit_id") == [(5, "v1")]
    assert landing.rejects("line") == [(6,)]


def test_a_record_in_a_value_is_no_record(landing: Landing) -> None:
    forged = f"forged,{CAME_AT},1"
    landing.write("shop/visits.csv", f'visit_id,came_at,note\nv1,{CAME_AT},"mine\n{forged}\n"\nv2,,\n')
    landing.land()
    assert landing.visits("visit_id", "note") == [("v1", f"mine\n{forged}")]
    assert landing.rejects("line") == [(5,)]


def test_many_broken_quotes_cost_their_lines_only(landing: Landing) -> None:
    rows = [f'open{n},{CAME_AT},"x\nv{n},{CAME_AT},"y ""z"""' for n in range(500)]
    landing.write("shop/visits.csv", "visit_id,came_at,note\n" + "\n".join(rows) + "\n")
    report = landing.land()
    assert (report.loaded, report.rejected) == (500, 500)


def _record(chance: random.Random, number: int) -> tuple[list[str], tuple[object, ...] | None]:
    """Return a record's lines and the row that should be landed of it, or null if none should."""
    kind = chance.choice(["plain", "quoted", "lines", "spaced", "short", "long", "open", "text after", "bad value"])
    name, people = f"v{number}", chance.randint(1, 99)
    # A quoted value that began with a comma or a quote might close a quote that is open before it, quite lawfully.
    note = "n" + "".join(chance.choice(["a", " ", "ä", "5", ",", '"', "'", "\t", "🙂"]) for _ in range(8))
    escaped = note.replace('"', '""')
    plain = note.translate({ord(","): "_", ord('"'): "_"}).strip(" ")
    good = {
        "plain": f"{name},{CAME_AT},{people},{plain}",
        "quoted": f'"{name}","{CAME_AT}","{people}","{escaped}"',
        "spaced": f'{name},{CAME_AT}, "{people}" ,"{escaped}"',
    }
    if kind in good:
        return [good[kind]], (name, people, (plain if kind == "plain" else note).strip())
    if kind == "lines":
        return [f'{name},{CAME_AT},{people},"{escaped}', "", f'{escaped}"'], (name, people, f"{note}\n\n{note}".strip())
    bad = {
        "short": f'{name},"{escaped}"',
        "long": f'{name},{CAME_AT},{people},"{escaped}",x',
        "open": f'{name},{CAME_AT},{people},"never closed',
        "text after": f'{name},{CAME_AT},{people},"closed"x',
        "bad value": f'{name},{CAME_AT},x,"{escaped}"',
    }
    return [bad[kind]], None


@pytest.mark.parametrize("seed", range(12))
def test_any_mixture_of_records_is_told_apart(landing: Landing, seed: int) -> None:
    chance = random.Random(seed)
    lines, good, bad = ["visit_id,came_at,people,note"], [], []
    for number in range(300):
        if chance.random() < 0.1:
            lines.append("")
        record, row = _record(chance, number)
        if row:
            good.append((len(lines) + 1, *row))
        else:
            bad.append((len(lines) + 1, record[0]))
        lines.extend(record)
    lines.append(f'last,{CAME_AT},1,"a quote, so that one that is open before it is seen to be wrong"')
    good.append((len(lines), "last", 1, "a quote, so that one that is open before it is seen to be wrong"))
    landing.write("shop/visits.csv", "\n".join(lines) + "\n")
    landing.land()
    assert landing.visits("_line", "visit_id", "people", "note") == good
    assert landing.rejects("line", "raw_line") == bad
