"""Log lines without a header: how they are found and taken apart, what a bad one gets, and that a line is one."""

import gzip
from datetime import datetime
from pathlib import Path

import pytest
from landing_support import SOURCES, Landing

from pipelines.errors import UsageError
from pipelines.landing import retry_rejected
from pipelines.landing.declarations import load_declarations

LOG = """
  - name: pbx
    config: {meta: {timezone: Europe/Berlin}}
    tables:
      - name: log
        identifier: pbx__log
        config:
          meta:
            key: [call, line_key]
            events: [came_at]
            files: ["log*"]
            rename: {time: came_at}
            lines:
              separator: "|"
              columns: [came_at, call, event, first, rest]
              number: line_number
              content: line_key
        columns:
          - {name: came_at, data_type: timestamp, config: {meta: {required: true, format: epoch_seconds_or_iso}}}
          - {name: call, data_type: text, config: {meta: {required: true, max_characters: 20}}}
          - {name: event, data_type: text, config: {meta: {required: true}}}
          - {name: first, data_type: text, config: {meta: {personal: true}}}
          - {name: rest, data_type: text, config: {meta: {personal: true}}}
          - {name: line_number, data_type: integer, config: {meta: {required: true, min: 1}}}
          - {name: line_key, data_type: integer, config: {meta: {required: true, min: 0}}}
"""


# The same log as CSV.
CSV_LOG = LOG.replace('separator: "|"', 'separator: ","\n              is_csv: true').replace("log*", "calls*.csv*")


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    """A project that has a log besides, whose dates are those of Berlin."""
    return Landing(tmp_path, sources=SOURCES + LOG)


def rows(landing: Landing, *columns: str) -> list[tuple[object, ...]]:
    """Columns of the log's rows, by load and line."""
    return landing.query(f"select {', '.join(columns)} from raw.pbx__log order by _load_id, _line")


def test_values_stand_in_the_declared_order_and_the_last_one_takes_the_rest(landing: Landing) -> None:
    landing.write("pbx/log", "1767225600|c1|IN|a|b|c\n\n1767225601.5|c1|OUT||\n1767225602|c1|GONE\n")
    assert landing.land().rejected == 0
    assert rows(landing, "came_at", "event", "first", "rest", "line_number") == [
        (datetime(2026, 1, 1), "IN", "a", "b|c", 1),
        (datetime(2026, 1, 1, 0, 0, 1, 500_000), "OUT", None, None, 3),
        (datetime(2026, 1, 1, 0, 0, 2), "GONE", None, None, 4),
    ]


@pytest.mark.parametrize("name", ["log", "log.1", "log-20260101", "log.txt", "log.2026-01-01.log", "log/any.thing"])
def test_a_log_is_found_under_whatever_name_it_is_rotated(landing: Landing, name: str) -> None:
    landing.write(f"pbx/{name}", "1767225600|c1|IN\n")
    landing.write(f"pbx/{name}.gz", gzip.compress(b"1767225601|c1|OUT\n"))
    assert landing.land().loaded == 2


def test_an_empty_log_has_no_rows(landing: Landing) -> None:
    landing.write("pbx/log", "")
    landing.write("pbx/log.1", "1767225600|c1|IN\n")
    report = landing.land()
    assert [file.status for file in report.files] == ["landed", "landed"]
    assert "pbx/log has no rows." in report.notices


def test_the_same_line_is_one_in_any_file(landing: Landing) -> None:
    """The bars at its end do not tell two apart."""
    landing.write("pbx/log", "1767225600|c1|IN|a|\n1767225600|c1|IN|a\n1767225600|c1|IN|b\n")
    landing.write("pbx/log.csv", "time,call,event,first,rest\n1767225600,c1,IN,a,\n")
    assert landing.land().loaded == 4
    assert landing.query("select count(distinct line_key) from raw.pbx__log") == [(2,)]
    assert landing.query("select count(*) from raw.pbx__log where line_key is null or line_number is null") == [(0,)]


def test_times_are_seconds_or_dates_line_by_line(landing: Landing) -> None:
    """A date without an offset is that of the source's zone; of the hour that comes twice it is the first."""
    times = {
        "1767225600": datetime(2026, 1, 1),
        "1767225600.000001": datetime(2026, 1, 1, 0, 0, 0, 1),
        "2026-01-01 01:00:00": datetime(2026, 1, 1),
        "2026-01-01 01:00:00.5": datetime(2026, 1, 1, 0, 0, 0, 500_000),
        "2026-01-01T00:00:00Z": datetime(2026, 1, 1),
        "2025-10-26 02:30:00": datetime(2025, 10, 26, 0, 30),
    }
    landing.write("pbx/log", "".join(f"{time}|c1|IN\n" for time in times))
    assert landing.land().rejected == 0
    assert [at for (at,) in rows(landing, "came_at")] == list(times.values())


def test_a_bad_line_gets_its_reason_and_the_rest_lands(landing: Landing) -> None:
    landing.write(
        "pbx/log",
        b"1767225600|c1|IN|a\n"
        b"17672\n"
        b"1767225600|c1\n"
        b"1776038400|c1|IN\n"  # 2026-04-13
        b"1767225600|" + b"c" * 300 + b"|IN\n"
        b"yesterday|c1|IN\n"
        b"2026-03-29 02:30:00|c1|IN\n"
        b"1767225600||IN\n"
        b"1767225600|c1|\xff\n"
        b"1767225600|c2|IN|b\n"
        b"1767",
    )
    report = landing.land()
    assert (report.loaded, report.rejected) == (2, 9)
    reasons = [f"{line} {reason}" for line, reason in landing.rejects("line", "reason")]
    expected = [
        "2 the line has 1 of the 3 values that a line begins with (came_at, call, event), so it looks cut",
        "3 the line has 2 of the 3 values that a line begins with (came_at, call, event), so it looks cut",
        "4 came_at: '1776038400' is ahead",
        f"5 call: '{'c' * 80}…' has more than 20 characters",
        "6 came_at: 'yesterday' is neither seconds since 1970 nor an ISO 8601 timestamp",
        "7 came_at: '2026-03-29 02:30:00' does not exist in Europe/Berlin",
        "8 call: it is required, but empty",
        "9 the line holds bytes that are no UTF-8",
        "11 the line has 1 of the 3 values",
    ]
    assert [reason.startswith(begin) for reason, begin in zip(reasons, expected, strict=True)] == [True] * 9, reasons
    assert "looks half-written" in reasons[-1]


def test_rejected_lines_can_be_retried(landing: Landing) -> None:
    landing.write("pbx/log", "1767225600|c1|IN|a\n1776038400|c1|OUT|b|c\n")
    assert landing.land().rejected == 1
    report = retry_rejected(
        landing.connection, landing.declarations, run_id="again", now=datetime.fromisoformat("2026-05-01T00:00:00Z")
    )
    assert report.loaded == 1
    assert rows(landing, "event", "rest", "line_number") == [("IN", None, 1), ("OUT", "c", 2)]


@pytest.mark.parametrize(
    ("slip", "message"),
    [
        (("columns: [came_at,", "columns: [when,"), "lines: there is no column when"),
        (("number: line_number", "number: event"), "lines: event is no integer column"),
        (('separator: "|"', 'separator: "||"'), "lines.separator: String should have at most 1 character"),
        (('separator: "|"', 'separator: "|"\n              is_csv: true'), "the separator of CSV is a comma"),
        (("number: line_", "other_columns: [[came_at]]\n              number: line_"), "other_columns are of CSV"),
    ],
)
def test_a_slip_in_the_declaration_is_named(tmp_path: Path, slip: tuple[str, str], message: str) -> None:
    landing = Landing(tmp_path, sources=SOURCES + LOG.replace(*slip))
    with pytest.raises(UsageError, match=message):
        load_declarations(landing.folder / "project")


@pytest.fixture
def csv_landing(tmp_path: Path) -> Landing:
    """A project that has a log besides, which is CSV without a header."""
    return Landing(tmp_path, sources=SOURCES + CSV_LOG)


def test_a_log_as_csv_has_quotes_and_may_lack_its_last_values(csv_landing: Landing) -> None:
    csv_landing.write("pbx/calls.csv", '1767225600,"c,1","say ""IN""","a\nb",c\n1767225601,c2,OUT\n')
    assert csv_landing.land().rejected == 0
    assert rows(csv_landing, "came_at", "call", "event", "first", "rest", "line_number") == [
        (datetime(2026, 1, 1), "c,1", 'say "IN"', "a\nb", "c", 1),
        (datetime(2026, 1, 1, 0, 0, 1), "c2", "OUT", None, None, 3),
    ]


def test_a_log_as_csv_may_have_a_header_after_all(csv_landing: Landing) -> None:
    """A database writes its names, in any order; the same line is the same record."""
    csv_landing.write("pbx/calls.csv", "1767225600,c1,IN,a\n")
    csv_landing.write("pbx/calls_of_the_database.csv", "event,first,call,time\nIN,a,c1,1767225600\n")
    assert csv_landing.land().loaded == 2
    assert len(set(rows(csv_landing, "came_at", "call", "event", "first", "line_key"))) == 1


@pytest.mark.parametrize("name", ["calls.csv", "calls.csv.1", "calls.csv.2.gz", "calls-20260101.csv.gz"])
def test_a_log_as_csv_is_found_under_whatever_name_it_is_rotated(csv_landing: Landing, name: str) -> None:
    content = b"1767225600,c1,IN\n"
    csv_landing.write(f"pbx/{name}", gzip.compress(content) if name.endswith(".gz") else content)
    assert csv_landing.land().loaded == 1


def test_a_line_of_csv_with_too_few_or_too_many_values_is_rejected(csv_landing: Landing) -> None:
    csv_landing.write("pbx/calls.csv", "1767225600,c1\n1767225600,c2,IN,a,b,c\n1767225600,c3,IN\nyesterday,c4,IN\n")
    assert csv_landing.land().rejected == 3
    assert csv_landing.rejects("line", "reason")[:2] == [
        (1, "the row has 2 columns, and should have 3 to 5"),
        (2, "the row has 6 columns, and should have 3 to 5"),
    ]


def test_rejected_lines_of_csv_can_be_retried(csv_landing: Landing) -> None:
    csv_landing.write("pbx/calls.csv", '1776038400,"c,1",OUT\n1767225600,c2,OUT,a\n')
    assert csv_landing.land().rejected == 1
    now = datetime.fromisoformat("2026-05-01T00:00:00Z")
    assert retry_rejected(csv_landing.connection, csv_landing.declarations, run_id="again", now=now).loaded == 1
    assert rows(csv_landing, "call", "line_number") == [("c2", 2), ("c,1", 1)]


@pytest.fixture
def landing_of_orders(tmp_path: Path) -> Landing:
    """A project whose log as CSV has its values in one of two orders, of which one has a value that nothing reads."""
    orders = "other_columns: [[call, came_at, first, '', event]]"
    return Landing(tmp_path, sources=SOURCES + CSV_LOG.replace("number: line", f"{orders}\n              number: line"))


def test_a_log_as_csv_has_the_order_in_which_its_first_line_makes_sense(landing_of_orders: Landing) -> None:
    """The same values are the same record in both; a line of the other order is a bad one."""
    landing_of_orders.write("pbx/calls.csv", "1767225600,c1,IN,a\nc1,1767225600,a,x,IN\n")
    landing_of_orders.write("pbx/calls_2.csv", '"c1","1767225600","a","x","IN"\nc2,,a,x,IN\n')
    report = landing_of_orders.land()
    assert [(file.loaded, file.rejected) for file in report.files] == [(1, 1), (1, 1)]
    found = rows(landing_of_orders, "came_at", "call", "event", "first", "rest", "line_key")
    assert found[0][:5] == (datetime(2026, 1, 1), "c1", "IN", "a", None)
    assert found[0] == found[1]
    assert not report.notices
    assert [reason for (reason,) in landing_of_orders.rejects("reason")][1] == "came_at: it is required, but empty"


def test_rejected_lines_of_another_order_can_be_retried(landing_of_orders: Landing) -> None:
    landing_of_orders.write("pbx/calls.csv", "c1,1767225600,a,x,IN\nc2,1776038400,b,x,OUT\n")
    assert landing_of_orders.land().rejected == 1
    declarations, now = landing_of_orders.declarations, datetime.fromisoformat("2026-05-01T00:00:00Z")
    assert retry_rejected(landing_of_orders.connection, declarations, run_id="again", now=now).loaded == 1
    assert rows(landing_of_orders, "call", "first", "event") == [("c1", "a", "IN"), ("c2", "b", "OUT")]


@pytest.mark.parametrize("first", ["25600,c1,IN,a", "1767225600,a,x,IN", ",1767225600,a,x,IN"])
def test_the_first_line_of_another_order_may_be_cut(landing_of_orders: Landing, first: str) -> None:
    """Most of the first lines say which order it is, even if the cut one makes sense in another."""
    landing_of_orders.write("pbx/calls.csv", f"{first}\n" + "c2,1767225600,a,x,IN\n" * 3)
    report = landing_of_orders.land()
    assert (report.loaded, report.rejected) == (3, 1)
    assert [line for (line,) in landing_of_orders.rejects("line")] == [1]


@pytest.mark.parametrize("first", ['7225600,"c1","IN', '225600","c1",IN,a', '"1767225600,c1,IN'])
def test_the_first_line_of_a_log_as_csv_may_be_cut(csv_landing: Landing, first: str) -> None:
    """Rotation may cut it in a value: it is a bad row, no header."""
    rest = "".join(f"176722560{second},c2,IN\n" for second in range(10))
    csv_landing.write("pbx/calls.csv", f"{first}\n{rest}")
    report = csv_landing.land()
    assert (report.loaded, report.rejected) == (10, 1)
    assert [line for (line,) in csv_landing.rejects("line")] == [1]


def test_a_log_is_unpacked_though_its_name_does_not_say_it(landing: Landing) -> None:
    landing.write("pbx/log-20260101", gzip.compress(b"1767225600|c1|IN\n"))
    assert landing.land().loaded == 1


def test_a_log_as_csv_that_was_just_rotated_has_no_rows(csv_landing: Landing) -> None:
    csv_landing.write("pbx/calls.csv", "")
    csv_landing.write("pbx/calls.csv.1", "1767225600,c1,IN\n")
    assert [file.status for file in csv_landing.land().files] == ["landed", "landed"]


@pytest.mark.parametrize("form", ["jsonl", "json", "parquet", "tsv"])
def test_only_as_csv_a_log_may_be_an_empty_file(csv_landing: Landing, form: str) -> None:
    csv_landing.write(f"pbx/calls.csv.{form}", "")
    (file,) = csv_landing.land().files
    assert (file.status, file.message.partition(" ")[2]) == (
        "refused",
        "is empty, without even a header; deliver it again.",
    )


def test_a_log_as_json_without_records_has_no_rows(csv_landing: Landing) -> None:
    csv_landing.write("pbx/calls.csv.json", "[]")
    report = csv_landing.land()
    assert [file.status for file in report.files] == ["landed"]
    assert report.notices == ["pbx/calls.csv.json has no rows."]


def test_a_table_of_a_log_may_lack_its_header(landing: Landing) -> None:
    """Databases write it or not; a header of other names is no row."""
    landing.write("pbx/log.csv", '"1767225600","c1","IN","a",\n"1767225601","c1","OUT","",""\n')
    assert landing.land().rejected == 0
    assert rows(landing, "came_at", "call", "event", "first", "line_number") == [
        (datetime(2026, 1, 1), "c1", "IN", "a", 1),
        (datetime(2026, 1, 1, 0, 0, 1), "c1", "OUT", None, 2),
    ]


@pytest.mark.parametrize(
    "first", ["when,which,what", "1,2026-01-01 00:00:00,c1,IN,a", f"1767225600,{'c' * 21},IN", "1767225600,c1,IN!,a"]
)
def test_a_table_of_a_log_without_its_columns_is_refused(tmp_path: Path, first: str) -> None:
    """Its first line is a header of other names, or its values stand in another order than a log's."""
    word = "{name: event, data_type: text, config: {meta: {required: true"
    landing = Landing(tmp_path, sources=SOURCES + LOG.replace(word, f'{word}, pattern: "^[A-Z]+$"'))
    landing.write("pbx/log.csv", f"{first}\n1767225600,c1,IN\n")
    (file,) = landing.land().files
    assert "lacks the required column" in file.message
