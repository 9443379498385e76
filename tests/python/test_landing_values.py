"""How each type of value is taken from text, and that local times become the right instants."""

import csv
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from landing_support import Landing

from pipelines.landing.values import create_macros

REQUIRED = "visit_id,came_at"
CAME_AT = "2026-03-01T10:00:00Z"


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    """An empty landing folder."""
    return Landing(tmp_path)


def land_column(landing: Landing, column: str, values: list[str]) -> tuple[list[Any], dict[str, str]]:
    """Land a visit for each value of a column; return the values landed and the reason for each rejected one."""
    rows = "".join(f"{value},{CAME_AT},{value}\n" for value in values)
    landing.write("shop/visits.csv", f"visit_id,came_at,{column}\n{rows}")
    landing.land()
    landed = [value for (value,) in landing.visits(column)]
    raw_lines = landing.rejects("raw_line", "reason")
    return landed, {str(raw).split(",", 1)[0]: str(reason) for raw, reason in raw_lines}


def test_integers(landing: Landing) -> None:
    good = ["7", "+8", "007", "9223372036854775807", "300.0", "1.000", " 5", "9223372036854775807.0"]
    bad = ["1.5", "300.", "1e3", "1_000", "9223372036854775808", "abc", "٣", "0x10", "0:05:00", "300.01"]
    landed, rejected = land_column(landing, "people", good + bad)
    assert landed == [7, 8, 7, 9223372036854775807, 300, 1, 5, 9223372036854775807]
    assert list(rejected) == bad
    assert rejected["abc"] == "people: 'abc' is no integer (of at most 64 bits)"
    assert rejected["0:05:00"] == (
        "people: '0:05:00' is no integer (or declare the column's format in the sources YAML, hms)"
    )


def test_numbers(landing: Landing) -> None:
    good = ["1", "+1.5", ".5", "5.", "1.5e2", "1E-3", "0.1234564", "0.1234565", "999999999999.999999"]
    bad = ["1,5", "1e12", "999999999999.9999995", "inf", "1_0", "1 000", "€5"]
    landed, rejected = land_column(landing, "spent", [value for value in good + bad if "," not in value])
    assert landed == [
        *(Decimal("1"), Decimal("1.5"), Decimal("0.5"), Decimal("5"), Decimal("150"), Decimal("0.001")),
        *(Decimal("0.123456"), Decimal("0.123457"), Decimal("999999999999.999999")),
    ]
    assert list(rejected) == [value for value in bad if "," not in value]
    assert "'1e12' is no decimal number" in rejected["1e12"]


def test_booleans(landing: Landing) -> None:
    good = {
        True: ["true", "TRUE", "1", "1.0", "yes", "Yes", "t", "T", "y", "Y"],
        False: ["false", "0", "0.0", "No", "FALSE", "f", "N"],
    }
    landed, rejected = land_column(landing, "is_member", [*good[True], *good[False], "2", "on", "1.5"])
    assert landed == [True] * 10 + [False] * 7
    assert list(rejected) == ["2", "on", "1.5"]
    assert "is_member: 'on' is none of true, false, 1, 0, yes, no, t, f, y, n" in rejected["on"]


def test_dates(landing: Landing) -> None:
    bad = ["2026-02-30", "2026-3-2", "20260302", "02/03/2026", "2026-03-02 00:00:00", "0000-01-01"]
    landed, rejected = land_column(landing, "born_on", ["2026-03-02", "2024-02-29", "9999-12-31", *bad])
    assert landed == [date(2026, 3, 2), date(2024, 2, 29), date(9999, 12, 31)]
    assert list(rejected) == bad
    assert "born_on: '2026-02-30' is no ISO 8601 date" in rejected["2026-02-30"]


def test_timestamps_with_and_without_offset(landing: Landing) -> None:
    good = {
        "2026-03-02T01:37:00Z": datetime(2026, 3, 2, 1, 37),
        "2026-03-02T01:37:00z": datetime(2026, 3, 2, 1, 37),
        "2026-03-02 01:37": datetime(2026, 3, 2, 1, 37),
        "2026-03-02T01:37Z": datetime(2026, 3, 2, 1, 37),
        "2026-03-02T01:37+02:00": datetime(2026, 3, 1, 23, 37),
        "2026-03-02 01:37:00-05:00": datetime(2026, 3, 2, 6, 37),
        "2026-03-02T01:37:00+0530": datetime(2026, 3, 1, 20, 7),
        "2026-03-02T01:37:00-00:30": datetime(2026, 3, 2, 2, 7),
        "2026-03-02T01:37:00+02": datetime(2026, 3, 1, 23, 37),
        "2026-03-02T01:37:00.5": datetime(2026, 3, 2, 1, 37, 0, 500000),
        "2026-03-02T01:37:00.123456+02:00": datetime(2026, 3, 1, 23, 37, 0, 123456),
        "2026-03-02T24:00:00": datetime(2026, 3, 3),
        "2026-03-02T01:37:00.1234567": datetime(2026, 3, 2, 1, 37, 0, 123456),
        "2026-03-02T01:37:00.123456789Z": datetime(2026, 3, 2, 1, 37, 0, 123456),
        "2026-03-02 01:37:00.999999999+02:00": datetime(2026, 3, 1, 23, 37, 0, 999999),
        "2026-03-02T01:37:00 +02:00": datetime(2026, 3, 1, 23, 37),
        "2026-03-02 01:37:00 +0200": datetime(2026, 3, 1, 23, 37),
        "2026-03-02 01:37:00 +02": datetime(2026, 3, 1, 23, 37),
        "2026-03-02 01:37:00 UTC": datetime(2026, 3, 2, 1, 37),
        "2026-03-02 01:37:00UTC": datetime(2026, 3, 2, 1, 37),
        "2026-03-02 01:37 utc": datetime(2026, 3, 2, 1, 37),
        "2026-03-02 01:37:00 Z": datetime(2026, 3, 2, 1, 37),
        "2026-03-02 01:37 -0500": datetime(2026, 3, 2, 6, 37),
        "0001-01-01T00:00:00Z": datetime(1, 1, 1),
        "9999-12-31 23:59:59.999999": datetime(9999, 12, 31, 23, 59, 59, 999999),
        "9999-12-31T23:59:59Z": datetime(9999, 12, 31, 23, 59, 59),
    }
    bad = [
        *("2026-02-30T01:37:00Z", "2026-03-02", "2026-03-02T25:00:00", "2026-03-02T23:59:60", "2026-3-2 1:37:00"),
        *("2026-03-02T01:37:00+25:00", "2026-03-02T01:37:00  +02:00", "2026-03-02T01:37:00 CET", "now"),
        *("2026-03-02T\t1:37:00Z", "2026-03-2T 01:37:00Z", "2026-03-02T 1:37:00Z", "2026-03-02T01:37:0.Z"),
        *("03/03/2026 10:00", "infinity", "-0001-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "290000-01-01 00:00:00"),
        *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-01:00", "9999-12-31T24:00:00"),
        *("0000-01-01T00:00:00Z", "2026-03-02T01:37:00Europe/Bucharest", "02.03.2026 01:37", "1772415420"),
    ]
    landed, rejected = land_column(landing, "left_at", ["2030-01-01T00:00:00Z", *bad])
    assert landed == [datetime(2030, 1, 1)]
    assert list(rejected) == bad
    assert rejected["1772415420"] == (
        "left_at: '1772415420' is no ISO 8601 timestamp such as 2026-03-29T14:05:00Z "
        "(or declare the column's format in the sources YAML)"
    )
    lines = "".join(f"{number},{value}\n" for number, value in enumerate(good))
    landing.write("shop/visits.csv", f"visit_id,came_at\n{lines}")
    landing.land()
    assert landing.query("select came_at from raw.shop__visits where _load_id = 2 order by _line") == [
        (instant,) for instant in good.values()
    ]


def test_empty_is_null_quoted_or_not(landing: Landing) -> None:
    landing.write("shop/visits.csv", f'{REQUIRED},people,note\nv1,{CAME_AT},,\nv2,{CAME_AT},"",""\n')
    landing.land()
    assert landing.visits("people", "note") == [(None, None), (None, None)]


def test_every_table_takes_is_deleted(landing: Landing) -> None:
    landing.write("shop/visits.csv", f"{REQUIRED},is_deleted\nv1,{CAME_AT},yes\nv2,{CAME_AT},\nv3,{CAME_AT},x\n")
    landing.land()
    assert landing.visits("visit_id", "is_deleted") == [("v1", True), ("v2", None)]
    assert landing.rejects('"column"') == [("is_deleted",)]


def test_a_local_time_is_in_the_zone_of_its_source(landing: Landing) -> None:
    landing.write(
        "vendor/calls.csv",
        "the+line,began_at\n"
        "1,2026-03-29T02:59:59\n"  # the last second before the clocks go from 3 to 4
        "2,2026-03-29T03:30:00\n"  # which they skip
        "3,2026-03-29T04:00:00\n"
        "4,2026-10-25T03:30:00\n"  # twice that night: the earlier one counts
        "5,2026-10-25T03:30:00+02:00\n"  # the later one, exactly
        "6,2026-07-01\n",
    )
    landing.land()
    assert landing.query("select line, began_at from raw.vendor__calls order by line") == [
        ("1", datetime(2026, 3, 29, 0, 59, 59)),
        ("3", datetime(2026, 3, 29, 1, 0)),
        ("4", datetime(2026, 10, 25, 0, 30)),
        ("5", datetime(2026, 10, 25, 1, 30)),
    ]
    assert landing.rejects("line", "reason") == [
        (
            3,
            "began_at: '2026-03-29T03:30:00' does not exist in Europe/Bucharest: the clocks were put forward over it",
        ),
        (
            7,
            "began_at: '2026-07-01' is no ISO 8601 timestamp such as 2026-03-29T14:05:00Z "
            "(or declare the column's format in the sources YAML)",
        ),
    ]


@pytest.mark.parametrize("form", ["shop/visits.csv", "shop/visits.tsv", "shop/visits.jsonl", "shop/visits.parquet"])
def test_values_are_trimmed_and_null_words_are_null(landing: Landing, form: str) -> None:
    rows = [
        {
            "visit_id": " v1 ",
            "people": "\t2",
            "came_at": f"{CAME_AT} ",
            "note": "\u00a0a b\u00a0",
            "outcome": " left, silent",
        },
        {"visit_id": "v2", "people": "NaN", "came_at": CAME_AT, "note": "N/A", "outcome": "NULL"},
        {"visit_id": "v3", "people": r"\N", "came_at": CAME_AT, "note": " None ", "outcome": "null"},
        {"visit_id": "v4", "people": "nan", "came_at": CAME_AT, "note": "n/a", "outcome": "NaT"},
        {"visit_id": "v5", "people": "1", "came_at": CAME_AT, "note": "None of it", "outcome": "   "},
    ]
    file = landing.write(form, "")
    if form.endswith("jsonl"):
        file.write_text("\n".join(map(json.dumps, rows)))
    elif form.endswith("parquet"):
        unnested = "select unnest(row) from (select unnest($rows) as row)"
        duckdb.execute(f"copy ({unnested}) to $file (format parquet)", {"rows": rows, "file": str(file)})
    else:
        with file.open("w", newline="") as out:
            writer = csv.DictWriter(out, rows[0], delimiter="\t" if form.endswith("tsv") else ",")
            writer.writeheader()
            writer.writerows(rows)
    landing.land()
    assert landing.rejects("reason") == []
    assert landing.visits("visit_id", "people", "note", "outcome") == [
        ("v1", 2, "a b", "left, silent"),
        *((name, None, None, None) for name in ("v2", "v3", "v4")),
        ("v5", 1, "None of it", None),
    ]


def test_a_required_null_word_is_empty(landing: Landing) -> None:
    landing.write("shop/visits.csv", f"{REQUIRED}\nNULL,{CAME_AT}\nv2,NaT\n")
    landing.land()
    assert landing.rejects("reason") == [
        ("visit_id: it is required, but empty",),
        ("came_at: it is required, but empty",),
    ]


def test_a_word_of_a_list_is_spelt_as_the_list_has_it(landing: Landing) -> None:
    landing.write(
        "shop/visits.csv",
        f"{REQUIRED},outcome,channel\nv1,{CAME_AT},BOUGHT,VOICE\nv2,{CAME_AT},It'S,whatsapp\nv3,{CAME_AT},,Fax\n",
    )
    landing.land()
    assert landing.visits("outcome", "channel") == [("bought", "voice"), ("it's", "WhatsApp"), (None, "Fax")]


def test_a_source_has_null_words_of_its_own_and_a_list_wins(landing: Landing) -> None:
    rows = "a,2026-03-02 10:00,-,None,-\nb,2026-03-02 10:00,NaN,-,NONE\n"
    landing.write(
        "switch/stints.csv", f"stint_id,started_at,answered_at,outcome,talk_seconds\n{rows}".replace("-,NONE", "none,-")
    )
    landing.land()
    assert landing.query("select stint_id, answered_at, outcome, talk_seconds from raw.switch__stints order by 1") == [
        ("a", None, "none", None),
        ("b", None, "none", None),
    ]


def test_a_column_has_a_format_of_its_own(landing: Landing) -> None:
    landing.write(
        "vendor/orders.csv",
        "order_id,ordered_on,ordered_at,packed_at,sent_at,came_at,took\n"
        "1,03.02.2026,03/02/2026 10:00,03/02/2026 10:00 -0500,1772532000,1772532000123.4567,0:05:00\n"
        "2,,26/10/2025 03:30,,1772532000.25,,100:00:01\n"
        "3,2026-02-03,2026-02-03 10:00,03/02/2026 10:00,2026-02-03T10:00:00Z,1e12,300\n"
        "4,,29/03/2026 03:30,,99999999999999,-99999999999999999,1:60:00\n",
    )
    landing.land()
    assert landing.query(
        "select * exclude (is_deleted, _instance, _load_id, _line) from raw.vendor__orders order by 1"
    ) == [
        (
            *("1", date(2026, 2, 3), datetime(2026, 2, 3, 8), datetime(2026, 2, 3, 15)),
            *(datetime(2026, 3, 3, 10), datetime(2026, 3, 3, 10, 0, 0, 123456), 300),
        ),
        ("2", None, datetime(2025, 10, 26, 0, 30), None, datetime(2026, 3, 3, 10, 0, 0, 250000), None, 360001),
    ]
    (third,), (fourth,) = landing.rejects("reason")
    assert third.startswith("ordered_on: '2026-02-03' is not in the format of the column, %d.%m.%Y; ordered_at: ")
    assert third.count("is not in the format of the column") == 5
    assert fourth.startswith("ordered_at: '29/03/2026 03:30' does not exist in Europe/Bucharest")
    assert "sent_at: '99999999999999' is not in the format of the column, epoch_seconds" in fourth
    assert "took: '1:60:00' is not in the format of the column, hms" in fourth


def test_epochs_may_be_numbers_in_parquet(landing: Landing) -> None:
    write_parquet(
        landing,
        "vendor/orders.parquet",
        """
        select 1 as order_id, 1772532000.5::DOUBLE as sent_at, 1772532000123 as came_at
        union all select 2, 'nan'::DOUBLE, null
        union all select 3, 'inf'::DOUBLE, 9223372036854775807
        """,
    )
    landing.land()
    assert landing.query("select order_id, sent_at, came_at from raw.vendor__orders order by 1") == [
        ("1", datetime(2026, 3, 3, 10, 0, 0, 500000), datetime(2026, 3, 3, 10, 0, 0, 123000)),
        ("2", None, None),
    ]
    ((reason,),) = landing.rejects("reason")
    assert reason == (
        "sent_at: 'inf' is not in the format of the column, epoch_seconds; "
        "came_at: '9223372036854775807' is not in the format of the column, epoch_milliseconds"
    )


def test_values_of_parquet_that_no_reader_could_take(landing: Landing) -> None:
    outcomes = {
        "came_at: 'infinity' is not within the years 0001 to 9999": "came_at := 'infinity'::TIMESTAMP",
        "came_at: '290000-01-01 00:00:00' is not within": "came_at := make_timestamp(290000, 1, 1, 0, 0, 0.0)",
        "came_at: '0002-01-01 (BC) 00:00:00' is not within": "came_at := make_timestamp(-1, 1, 1, 0, 0, 0.0)",
        "born_on: 'infinity' is no date of the years": "born_on := 'infinity'::DATE",
        "people: '9.223372036854776e+18' is no integer": "people := 9223372036854775808::DOUBLE",
        "people: '-inf' is no integer": "people := '-inf'::DOUBLE",
        "spent: '1e+300' is no decimal number": "spent := 1e300::DOUBLE",
        "is_member: '0.5' is none of true, false": "is_member := 0.5::DOUBLE",
    }
    good = {
        "came_at": "timestamp '2026-03-01 10:00:00'",
        **dict.fromkeys(("people", "spent", "is_member"), "null::DOUBLE"),
        "born_on": "null::DATE",
    }
    rows = []
    for number, broken in enumerate(outcomes.values()):
        name, value = broken.split(" := ")
        rows.append(
            f"select {number} as visit_id, " + ", ".join(f"{v} as {k}" for k, v in {**good, name: value}.items())
        )
    rows.append("select 98, timestamp '2026-03-01 10:00:00', 'nan', 'nan', 1.0, null")
    write_parquet(landing, "shop/visits.parquet", " union all ".join(rows))
    nanoseconds = "timestamp_ns '2026-03-01 10:00:00.123456789'"
    write_parquet(landing, "shop/visits.z.parquet", f"select 99 as visit_id, {nanoseconds} as came_at")
    landing.land()
    for expected, (reason,) in zip(outcomes, landing.rejects("reason"), strict=True):
        assert reason.startswith(expected)
    assert landing.visits("visit_id", "came_at", "people", "spent", "is_member") == [
        ("98", datetime(2026, 3, 1, 10), None, None, True),
        ("99", datetime(2026, 3, 1, 10, 0, 0, 123456), None, None, None),
    ]


def land_stints(landing: Landing, *rows: str) -> list[tuple[Any, ...]]:
    """Land stints of a switch in Berlin; return when they started, were answered and ended."""
    header = "stint_id,started_at,answered_at,ended_at,ring_seconds,talk_seconds,outcome,since"
    landing.write("switch/stints.csv", "\n".join([header, *(f"{n},{row}" for n, row in enumerate(rows))]) + "\n")
    landing.land()
    return landing.query("select started_at, answered_at, ended_at from raw.switch__stints order by stint_id")


def test_the_later_reading_of_a_time_that_comes_twice(landing: Landing) -> None:
    day = "2025-10-26"  # at 3:00 the clocks go back to 2:00, 1:00 UTC
    landed = land_stints(
        landing,
        f"{day} 02:55:00,{day} 02:55:10,{day} 02:05:00,,590,,",  # or the end would precede the start
        f"{day} 02:55:00,{day} 02:54:59,{day} 02:55:09,,,,",  # which the tolerance allows
        f"{day} 02:55:00,{day} 02:54:58,{day} 02:55:09,,,,",
        f"{day} 01:50:00,{day} 01:50:10,{day} 02:20:00,,1791,,",  # a second of talk is within the tolerance
        f"{day} 01:50:00,{day} 01:50:10,{day} 02:20:00,,1792,,",
        f"{day} 01:50:00,,{day} 02:20:00,1000,801,,",  # rung and talked since the start
        f"{day} 01:50:00,,{day} 02:20:00,1000,802,,",
        f"{day} 02:20:00,,{day} 02:10:00+01:00,,,,",  # an offset leaves no choice
        f"{day} 02:55:00,,{day} 03:05:00,,590,,",
    )
    at = datetime(2025, 10, 26)
    minutes = timedelta(minutes=1)
    assert landed == [
        (at + 55 * minutes, at + timedelta(minutes=55, seconds=10), at + 65 * minutes),
        (at + 55 * minutes, at + timedelta(minutes=54, seconds=59), at + timedelta(minutes=55, seconds=9)),
        (at + 55 * minutes, at + timedelta(minutes=114, seconds=58), at + timedelta(minutes=115, seconds=9)),
        (at - 10 * minutes, at - timedelta(minutes=9, seconds=50), at + 20 * minutes),
        (at - 10 * minutes, at - timedelta(minutes=9, seconds=50), at + 80 * minutes),
        (at - 10 * minutes, None, at + 20 * minutes),
        (at - 10 * minutes, None, at + 80 * minutes),
        (at + 20 * minutes, None, at + 70 * minutes),
        (at + 55 * minutes, None, at + 125 * minutes),
    ]


def test_an_end_that_is_still_open(landing: Landing) -> None:
    day = "2026-03-02"
    ends = ["9999-12-31", "9999-12-31 23:59:59", "9999-12-31T00:00:00Z", "open", "OPEN", "2999-12-31 00:00:00"]
    landed = land_stints(landing, *(f"{day} 10:00,,{end},,,," for end in ends), f"{day} 10:00,,,,,,9999-12-31 00:00:00")
    assert [end for _, _, end in landed] == [None] * 6
    ((reason,),) = landing.rejects("reason")
    assert reason.startswith("ended_at: '2999-12-31 00:00:00' is not within the calendar")


def test_an_end_that_is_still_open_in_parquet(landing: Landing) -> None:
    write_parquet(
        landing,
        "switch/stints.parquet",
        """
        select 1 as stint_id, timestamp '2026-03-02 10:00:00' as started_at, timestamp '9999-12-31 23:59:59' as ended_at
        union all select 2, timestamp '2026-03-02 10:00:00', timestamp 'infinity'
        """,
    )
    landing.land()
    assert landing.query("select stint_id, ended_at from raw.switch__stints") == [("1", None)]
    assert "ended_at: 'infinity' is not within the years 0001 to 9999" in str(landing.rejects("reason"))


def write_parquet(landing: Landing, path: str, select: str) -> None:
    """Write what a query selects."""
    file = landing.write(path, "")
    with duckdb.connect() as connection:
        connection.execute(f"copy ({select}) to $file (format parquet)", {"file": str(file)})


def instant_of(wall: datetime, zone: ZoneInfo) -> datetime | None:
    """Return the earlier instant at which a zone's clocks show a time, by the standard library; null if none."""
    for fold in (0, 1):
        instant = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        if instant.astimezone(zone).replace(tzinfo=None) == wall:
            return instant.replace(tzinfo=None)
    return None


def changes_of_clocks(zone: ZoneInfo, first: datetime, last: datetime) -> list[datetime]:
    """Return the wall clock of each day's noon on which a zone's offset differs from the day before."""
    days = [first + timedelta(days=number) for number in range((last - first).days)]
    return [
        day
        for before, day in pairwise(days)
        if before.replace(tzinfo=zone).utcoffset() != day.replace(tzinfo=zone).utcoffset()
    ]


@pytest.mark.parametrize(
    "name",
    [
        *("Europe/Bucharest", "America/New_York", "Australia/Lord_Howe", "Asia/Jerusalem", "Asia/Kolkata"),
        *("Europe/London", "America/Sao_Paulo", "Antarctica/Troll", "Pacific/Apia", "America/St_Johns"),
    ],
)
def test_local_times_around_every_change_of_clocks_agree_with_the_standard_library(name: str) -> None:
    zone = ZoneInfo(name)
    walls = [
        day + timedelta(minutes=minutes)
        for day in changes_of_clocks(zone, datetime(1975, 1, 1, 12), datetime(2035, 1, 1, 12))
        for minutes in range(-36 * 60, 12 * 60, 15)
    ] or [datetime(2026, 1, 1)]
    with duckdb.connect() as connection:
        create_macros(connection)
        answers = connection.execute(
            f"select landing_timestamp(wall, '{name}') from (select unnest($walls) as wall)",
            {"walls": [wall.isoformat() for wall in walls]},
        ).fetchall()
    wrong = [
        (wall, answer, instant_of(wall, zone))
        for wall, (answer,) in zip(walls, answers, strict=True)
        if answer != instant_of(wall, zone)
    ]
    assert not wrong
