"""How each type of value is taken from text, and that local times become the right instants."""

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
    good = ["7", "+8", "007", "9223372036854775807"]
    bad = ["1.5", " 5", "1e3", "1_000", "9223372036854775808", "abc", "٣", "0x10"]
    landed, rejected = land_column(landing, "people", good + bad)
    assert landed == [7, 8, 7, 9223372036854775807]
    assert list(rejected) == bad
    assert rejected["abc"] == "people: 'abc' is no integer (of at most 64 bits)"


def test_numbers(landing: Landing) -> None:
    good = ["1", "+1.5", ".5", "5.", "1.5e2", "1E-3", "0.1234564", "0.1234565", "999999999999.999999"]
    bad = ["1,5", "1e12", "999999999999.9999995", "nan", "inf", "1_0", "1 000", "€5"]
    landed, rejected = land_column(landing, "spent", [value for value in good + bad if "," not in value])
    assert landed == [
        *(Decimal("1"), Decimal("1.5"), Decimal("0.5"), Decimal("5"), Decimal("150"), Decimal("0.001")),
        *(Decimal("0.123456"), Decimal("0.123457"), Decimal("999999999999.999999")),
    ]
    assert list(rejected) == [value for value in bad if "," not in value]
    assert "'1e12' is no decimal number" in rejected["1e12"]


def test_booleans(landing: Landing) -> None:
    good = ["true", "TRUE", "1", "yes", "Yes", "false", "0", "No", "FALSE"]
    landed, rejected = land_column(landing, "is_member", [*good, "t", "2", "on"])
    assert landed == [True] * 5 + [False] * 4
    assert list(rejected) == ["t", "2", "on"]
    assert "is_member: 't' is none of true, false, 1, 0, yes, no" in rejected["t"]


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
    }
    bad = [
        *("2026-02-30T01:37:00Z", "2026-03-02", "2026-03-02T25:00:00", "2026-03-02T23:59:60", "2026-3-2 1:37:00"),
        *("2026-03-02T01:37:00.1234567", "2026-03-02T01:37:00+25:00", "2026-03-02T01:37:00 +02:00", "now"),
        *("0000-01-01T00:00:00Z", "2026-03-02T01:37:00Europe/Bucharest", "02.03.2026 01:37", "1772415420"),
    ]
    landed, rejected = land_column(landing, "left_at", ["2030-01-01T00:00:00Z", *bad])
    assert landed == [datetime(2030, 1, 1)]
    assert list(rejected) == bad
    assert "left_at: '2026-02-30T01:37:00Z' is no ISO 8601 timestamp" in rejected["2026-02-30T01:37:00Z"]
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
        (7, "began_at: '2026-07-01' is no ISO 8601 timestamp such as 2026-03-29T14:05:00Z"),
    ]


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
