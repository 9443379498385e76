"""Which files are extracts, and that nothing in a landing folder stays unread unseen."""

from pathlib import Path

import pytest
from landing_support import Landing

from pipelines.errors import UsageError
from pipelines.landing.declarations import load_declarations
from pipelines.landing.find import find_extracts

VISIT = "visit_id,came_at\nv1,2026-03-01T10:00:00Z\n"


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    """An empty landing folder."""
    return Landing(tmp_path)


@pytest.mark.parametrize(
    ("path", "table", "form"),
    [
        ("shop/visits.csv", "visits", "csv"),
        ("shop/visits.csv.gz", "visits", "csv"),
        ("shop/visits.part1.csv", "visits", "csv"),
        ("shop/visits.2026-03-01.eu.tsv", "visits", "tsv"),
        ("shop/visits.parquet", "visits", "parquet"),
        ("shop/visits.jsonl", "visits", "jsonl"),
        ("shop/visits.json", "visits", "json"),
        ("shop/visits/anything.csv", "visits", "csv"),
        ("shop/visits/2026/03/it's 1 [new]*.csv.gz", "visits", "csv"),
        ("shop/shop__visits.csv", "visits", "csv"),
        ("vendor/calls_1999_02.tsv", "calls", "tsv"),
        ("vendor/calls/calls.csv", "calls", "csv"),
        ("vendor/2026/05/01/calls-1.csv", "calls", "csv"),
        ("vendor/2026/CALLS-1.csv", "calls", "csv"),
        ("vendor/2026/calls.csv", "calls", "csv"),
        ("vendor/2026/calls/1.csv", "calls", "csv"),
        ("shop/visits.jsonl.gz", "visits", "jsonl"),
        ("shop/visits/1.json.gz", "visits", "json"),
        ("shop@north-1/visits.csv", "visits", "csv"),
        ("shop@North_1/shop__visits/1.csv", "visits", "csv"),
    ],
)
def test_an_extract_is_found(landing: Landing, path: str, table: str, form: str) -> None:
    landing.write(path, "")
    there = find_extracts(landing.extracts, landing.declarations)
    (found,) = there.extracts
    assert (found.path, found.table.name, found.form) == (path, table, form)
    assert not there.notices
    assert not there.unfit


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("zzz/x.csv", ["zzz/", "shop, switch, vendor"]),
        ("x.csv", ["x.csv", "shop, switch, vendor"]),
        ("visits.csv", ["visits.csv", "put it into shop/"]),
        ("calls_1.csv", ["calls_1.csv", "put it into vendor/"]),
        ("shop/foo.csv", ["shop/foo.csv", "visits, votes", "a folder of that name in shop/."]),
        ("vendor/2026/05/other.csv", ["vendor/2026/05/other.csv", "calls", "a folder of that name in vendor/."]),
        ("shop/foo/x.csv", ["shop/foo/x.csv", "visits, votes"]),
        ("shop/visits_1.csv", ["shop/visits_1.csv", "visits, votes"]),
        ("shop/calls_1.csv", ["shop/calls_1.csv", "visits, votes"]),
        ("shop/visits.txt", ["shop/visits.txt", ".csv, .csv.gz"]),
        ("shop/visits/x.csv.zip", ["shop/visits/x.csv.zip", ".csv, .csv.gz"]),
        ("shop/visits/x", ["shop/visits/x", ".csv, .csv.gz"]),
        ("zzz@north/x.csv", ["zzz@north/", "shop, switch, vendor", "acd@berlin"]),
        ("shop@north/foo.csv", ["shop@north/foo.csv", "visits, votes"]),
        ("shop@/visits.csv", ["shop@/", "shop@berlin"]),
        ("shop@a@b/visits.csv", ["shop@a@b/", "letters, digits, - and _"]),
        ("shop@a b/visits.csv", ["shop@a b/", "letters, digits, - and _"]),
    ],
)
def test_what_belongs_to_no_table_is_named_before_anything_lands(landing: Landing, path: str, named: list[str]) -> None:
    landing.write("shop/visits.csv", VISIT)
    landing.write(path, VISIT)
    with pytest.raises(UsageError) as raised:
        landing.land()
    assert all(name in str(raised.value) for name in named), str(raised.value)
    assert not landing.query("select * from duckdb_tables() where schema_name in ('raw', 'ops')")


def test_a_missing_or_empty_folder_is_named(landing: Landing, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no extract"):
        find_extracts(landing.extracts, landing.declarations)
    with pytest.raises(UsageError, match="nowhere is missing"):
        find_extracts(tmp_path / "nowhere", landing.declarations)


def test_what_lies_there_for_others_is_left_out_with_a_notice(landing: Landing) -> None:
    for path in ("README.md", "truth/issues.csv", "shop/README", "shop/visits/_SUCCESS", "shop/_shop__seeds.yml"):
        landing.write(path, "x")
    for path in ("vendor/2026/README", "vendor/2026/05/_SUCCESS"):  # a folder that is named after no table
        landing.write(path, "x")
    for hidden in (".DS_Store", "shop/.tmp", "shop/visits/.x.crc"):
        landing.write(hidden, "x")
    landing.write("shop/visits/1.csv", VISIT)
    report = landing.land()
    assert [result.path for result in report.files] == ["shop/visits/1.csv"]
    assert len(report.notices) == 7
    assert not any(name in notice for notice in report.notices for name in (".DS_Store", ".tmp", ".crc"))


def test_files_come_in_the_order_of_their_paths(landing: Landing) -> None:
    for path in ("vendor/calls.csv", "shop/votes.csv", "shop/visits/b.csv", "shop/visits/a.csv", "shop/visits.csv"):
        landing.write(path, "x")
    found = find_extracts(landing.extracts, landing.declarations)
    paths = [extract.path for extract in found.extracts]
    assert paths == sorted(paths)
    assert len(paths) == 5


@pytest.mark.parametrize("path", ["vendor/chat_1.csv", "vendor/2026/05/chat_1.csv"])
def test_a_name_that_fits_two_tables_is_named(tmp_path: Path, path: str) -> None:
    sources = """
sources:
  - name: vendor
    tables:
      - name: calls
        config: {meta: {key: [id], files: ["c*"]}}
        columns: [{name: id, data_type: text, config: {meta: {required: true}}}]
      - name: chats
        config: {meta: {key: [id], files: ["ch*"]}}
        columns: [{name: id, data_type: text, config: {meta: {required: true}}}]
"""
    landing = Landing(tmp_path, sources=sources)
    landing.write(path, "id\n1\n")
    with pytest.raises(UsageError, match=f"{path} fits the declared file names of more than one table: calls, chats"):
        landing.land()


CONNECTED = """
sources:
  - name: vendor
    config: {meta: {unread: ["*_log", "brand*"]}}
    tables:
      - name: calls
        config: {meta: {key: [line], also_called: [call, call_data], also: {id: line, number: line, _gone: is_deleted}}}
        columns:
          - {name: line, data_type: text, config: {meta: {required: true}}}
"""


@pytest.mark.parametrize("path", ["vendor/call.csv", "vendor/call_data.2.csv", "vendor/call/1.csv", "vendor/calls.csv"])
def test_a_table_has_other_names_too(tmp_path: Path, path: str) -> None:
    landing = Landing(tmp_path, sources=CONNECTED)
    landing.write(path, "line\nx\n")
    (found,) = find_extracts(landing.extracts, landing.declarations).extracts
    assert found.table.name == "calls"


def test_tables_that_nobody_reads_are_named_and_left_out(tmp_path: Path) -> None:
    landing = Landing(tmp_path, sources=CONNECTED)
    for path in ("vendor/calls.csv", "vendor/brand_data.csv", "vendor/audit_log/1.parquet", "vendor/a/b/x_log/1.wav"):
        landing.write(path, "line\nx\n")
    report = landing.land()
    assert [result.path for result in report.files] == ["vendor/calls.csv"]
    assert report.notices == [
        "vendor/audit_log was left out: the warehouse reads nothing from this folder of vendor.",
        "vendor/brand_data.csv was left out: the warehouse reads nothing from this file of vendor.",
        "vendor/a/b/x_log was left out: the warehouse reads nothing from this folder of vendor.",
    ]
    landing.write("vendor/cals.csv", "line\nx\n")
    with pytest.raises(UsageError, match="belongs to no declared table"):
        landing.land()


def test_where_nothing_else_lies_what_was_left_out_is_named(tmp_path: Path) -> None:
    landing = Landing(tmp_path, sources=CONNECTED)
    for number in range(7):
        landing.write(f"vendor/{number}_log.csv", "line\nx\n")
    with pytest.raises(UsageError) as raised:
        landing.land()
    message = str(raised.value)
    assert "holds no extract" in message
    assert "vendor/4_log.csv was left out: the warehouse reads nothing from this file of vendor. …" in message


PROJECT = load_declarations(Path(__file__).parents[2])


@pytest.mark.parametrize(
    ("path", "table"),
    [
        ("asterisk/log/queue_log-20260301", "queue_log"),
        ("asterisk/log/cdr-custom/Master.csv.1", "cdr"),
        ("freeswitch/log/cdr-csv/Master.csv", "cdr"),
        ("amazon_connect/2026/ACME-CTR-1-2026-03-02", "contact_records"),
        ("amazon_connect/ctr-1-2026-03-02", "contact_records"),
        ("amazon_connect/2026/acme-agent-events-1-2026-03-02", "agent_events"),
        ("amazon_connect/connect/acme/Analysis/Voice/2026/03/02/c1_analysis_2026-03-02T09_00_00Z.json", "contact_lens"),
    ],
)
def test_a_file_of_a_vendor_has_its_table(tmp_path: Path, path: str, table: str) -> None:
    Landing(tmp_path).write(path, "x")
    (found,) = find_extracts(tmp_path / "extracts", PROJECT).extracts
    assert found.table.name == table


@pytest.mark.parametrize(
    "path",
    [
        *("asterisk/full", "asterisk/log/full.1", "asterisk/log/full-20260301.gz", "asterisk/messages-20260301"),
        *("asterisk/cel-custom/Master.csv", "asterisk/freepbx_security.log", "asterisk/fail2ban-20260301"),
        *("freeswitch/freeswitch.log", "freeswitch/log/freeswitch.log.1", "freeswitch/xml_cdr/a_1.cdr.xml"),
        "amazon_connect/connect/acme/CallRecordings/2026/a.wav",
    ],
)
def test_what_else_a_vendor_writes_is_left_out(tmp_path: Path, path: str) -> None:
    Landing(tmp_path).write(path, "x")
    with pytest.raises(UsageError, match="was left out: the warehouse reads nothing from this"):
        find_extracts(tmp_path / "extracts", PROJECT)


@pytest.mark.parametrize(
    "path", ["freeswitch/freeswitch_cdr.csv", "asterisk/full_queue_log.csv", "amazon_connect/electric-queues.json"]
)
def test_a_name_that_may_be_an_extracts_is_refused(tmp_path: Path, path: str) -> None:
    Landing(tmp_path).write(path, "x")
    with pytest.raises(UsageError, match=f"{path} belongs to no declared table"):
        find_extracts(tmp_path / "extracts", PROJECT)


def test_a_column_has_other_names_too_and_a_file_may_lack_them(tmp_path: Path) -> None:
    landing = Landing(tmp_path, sources=CONNECTED)
    landing.write("vendor/calls.csv", "id,_gone\na,true\n")
    landing.write("vendor/calls.2.jsonl", '{"number": "b"}\n')
    landing.write("vendor/calls.3.csv", "line\nc\n")
    landing.write("vendor/calls.4.csv", "id,number\nd,e\n")
    report = landing.land()
    assert landing.query("select line, is_deleted from raw.vendor__calls order by 1") == [
        ("a", True),
        ("b", None),
        ("c", None),
    ]
    assert [result.message for result in report.files if result.status == "refused"] == [
        "vendor/calls.4.csv has the column line twice, as 'id', 'number'."
    ]
    assert not report.notices
