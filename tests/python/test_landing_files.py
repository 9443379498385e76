"""Files as a whole: landed exactly once, all or nothing, in every form; and what refuses one."""

import gzip
import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from random import Random

import duckdb
import pytest
from landing_support import NOW, SOURCES, Landing

from pipelines.errors import RunnerError, UsageError
from pipelines.landing import create_raw_tables, land_files, ledger
from pipelines.landing.load import load_rows

CAME_AT = "2026-03-01T10:00:00Z"
VISIT = f"visit_id,came_at\nv1,{CAME_AT}\n"


@pytest.fixture(params=["table", "parquet"])
def landing(tmp_path: Path, request: pytest.FixtureRequest) -> Landing:
    """An empty landing folder, for either place where what lands is kept."""
    return Landing(tmp_path, landed=tmp_path / "landed" if request.param == "parquet" else None)


def refusal(landing: Landing) -> str:
    """Land a folder whose one file is refused beside a good one; return the message, without the path."""
    landing.write("shop/votes/good.csv", "vote_id\n1\n")
    report = landing.land()
    (refused,) = report.refused
    assert [result.status for result in report.files].count("landed") == 1
    assert (refused.lines, refused.load_id) == (0, None)
    rows = landing.query("select run_id, path, reason, refused_at from ops.refused_files")
    assert rows == [("run", refused.path, refused.message, NOW.replace(tzinfo=None))]
    assert not landing.query("select * from raw.shop__visits")
    return refused.message.removeprefix(f"{refused.path} ")


# Exactly once


def test_the_ledger_says_what_was_landed(landing: Landing) -> None:
    file = landing.write("shop/visits/1.csv", VISIT + "v2,\n")
    report = landing.land()
    (row,) = landing.query("select * from ops.landed_files")
    assert row[:5] == (1, "run", "shop/visits/1.csv", "shop", "visits")
    assert len(str(row[5])) == 64
    assert row[6:12] == (file.stat().st_size, 2, 1, 1, NOW.replace(tzinfo=None), None)
    assert row[12:] == ('{"delimiter": ",", "names": ["visit_id", "came_at"]}', None)
    assert (report.lines, report.loaded, report.rejected, report.sources) == (2, 1, 1, {"shop"})
    assert landing.query("select load_id, path from ops.rejected_rows") == [(1, "shop/visits/1.csv")]


def test_the_same_content_is_skipped_and_a_changed_file_is_a_new_load(landing: Landing) -> None:
    landing.write("shop/visits.csv", VISIT)
    landing.land()
    again = landing.land()
    assert [(result.status, result.load_id, result.lines) for result in again.files] == [("skipped", 1, 0)]
    assert again.sources == {"shop"}
    assert not again.notices
    landing.write("shop/visits.csv", VISIT + f"v2,{CAME_AT}\n")
    assert landing.land().files[0].load_id == 2
    assert landing.visits("_load_id", "visit_id") == [(1, "v1"), (2, "v1"), (2, "v2")]


def test_the_same_content_under_another_name_is_skipped_with_a_notice(landing: Landing) -> None:
    landing.write("shop/visits/a.csv", VISIT)
    landing.write("shop/visits/b.csv", VISIT)
    report = landing.land()
    assert [result.status for result in report.files] == ["landed", "skipped"]
    assert report.notices == [
        "shop/visits/b.csv was skipped: the same content was landed as load 1, shop/visits/a.csv."
    ]


def test_the_same_content_for_another_table_is_landed(landing: Landing) -> None:
    for table in ("visits", "votes"):
        landing.write(f"shop/{table}.csv", f"vote_id,visit_id,came_at\n1,v1,{CAME_AT}\n")
    assert [result.status for result in landing.land().files] == ["landed", "landed"]


def test_a_file_is_landed_in_one_transaction(landing: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    landing.write("shop/visits.csv", VISIT + "v2,\n")
    landing.write("shop/votes.csv", "vote_id\n1\n")

    def die(connection: duckdb.DuckDBPyConnection, **_: object) -> None:
        assert connection.execute("select count(*) from raw.shop__visits").fetchone() == (1,)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "record_landed", die)
        with pytest.raises(KeyboardInterrupt):
            landing.land()
    for table in ("raw.shop__visits", "ops.rejected_rows", "ops.landed_files", "ops.refused_files"):
        assert landing.query(f"select count(*) from {table}") == [(0,)]
    assert landing.land().loaded == 2


def test_a_run_that_is_killed_in_the_middle_of_a_file_leaves_nothing_of_it(landing: Landing, tmp_path: Path) -> None:
    landing.write("shop/visits/1.csv", VISIT)
    landing.write("shop/visits/2.csv", VISIT + "v2,\n")
    warehouse = tmp_path / "warehouse.duckdb"
    dying = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
import duckdb
from pipelines.landing.declarations import load_declarations
from pipelines.landing import land, ledger
record_landed = ledger.record_landed
def die(connection, **entry):
    record_landed(connection, **entry)
    if entry["load_id"] == 2:
        os.kill(os.getpid(), signal.SIGKILL)
ledger.record_landed = die
warehouse, extracts, project, *landed = map(Path, sys.argv[1:])
landed = landed[0] if landed else None
land(duckdb.connect(warehouse), extracts, load_declarations(project), run_id="r", now=datetime.now(UTC), landed=landed)
"""
    arguments = [str(warehouse), str(landing.extracts), str(tmp_path / "project")]
    arguments += [str(landing.landed)] if landing.landed else []
    died = subprocess.run([sys.executable, "-c", dying, *arguments], check=False)
    assert died.returncode == -signal.SIGKILL
    landing.connection = duckdb.connect(warehouse)
    assert landing.query("select path from ops.landed_files") == [("shop/visits/1.csv",)]
    create_raw_tables(landing.connection, landing.declarations, landing.landed)  # as each step begins
    assert landing.visits("_load_id", "visit_id") == [(1, "v1")]
    assert not landing.rejects("line")
    assert [result.status for result in landing.land().files] == ["skipped", "landed"]
    assert landing.visits("_load_id", "visit_id") == [(1, "v1"), (2, "v1")]
    assert not Path(f"{warehouse}.landing").exists()


def test_a_warehouse_file_keeps_no_traces_beside_it(landing: Landing, tmp_path: Path) -> None:
    scratch = tmp_path / "it's a warehouse.duckdb.landing"
    scratch.mkdir()
    (scratch / "left by a run that died").write_text("x")
    landing.connection = duckdb.connect(tmp_path / "it's a warehouse.duckdb")
    landing.connection.execute("set disabled_optimizers = 'join_order'")
    landing.write("shop/visits.csv", VISIT)
    landing.land()
    assert not scratch.exists()
    assert landing.query("select current_setting('disabled_optimizers')") == [("join_order",)]


def test_a_file_that_changed_while_it_was_read_is_refused(landing: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    file = landing.write("shop/visits.csv", VISIT)

    def load_while_it_grows(*args: object, **settings: object) -> tuple[int, int]:
        counts = load_rows(*args, **settings)  # type: ignore[arg-type]
        if file.stat().st_size == len(VISIT):
            with file.open("a") as opened:
                opened.write(f"v2,{CAME_AT}\n")
        return counts

    monkeypatch.setattr(land_files, "load_rows", load_while_it_grows)
    report = landing.land()
    assert report.refused[0].message == (
        "shop/visits.csv changed while it was read; deliver it complete, then run again."
    )
    assert not landing.visits("visit_id")
    assert landing.land().loaded == 2


def test_a_full_disk_ends_the_run(landing: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    landing.write("shop/visits.csv", VISIT)

    def fail(*_: object, **__: object) -> None:
        raise duckdb.IOException("IO Error: Could not write file: No space left on device")

    monkeypatch.setattr(land_files, "load_rows", fail)
    with pytest.raises(RunnerError, match="disk is full"):
        landing.land()
    assert not landing.query("select * from ops.landed_files")


# Raw tables


def test_every_declared_table_is_there_even_if_nothing_landed(landing: Landing) -> None:
    create_raw_tables(landing.connection, landing.declarations)
    create_raw_tables(landing.connection, landing.declarations)
    columns = landing.query(
        """
        select column_name, data_type from information_schema.columns
        where table_schema = 'raw' and table_name = 'shop__visits' order by ordinal_position
        """
    )
    assert columns[:5] == [
        *(("visit_id", "VARCHAR"), ("people", "BIGINT"), ("mood", "BIGINT"), ("age", "BIGINT")),
        ("spent", "DECIMAL(18,6)"),
    ]
    assert columns[-4:] == [
        *(("is_deleted", "BOOLEAN"), ("_load_id", "BIGINT"), ("_line", "BIGINT"), ("_instance", "VARCHAR"))
    ]
    assert landing.query("select count(*) from raw.vendor__calls") == [(0,)]


def test_a_column_that_is_declared_later_is_added(landing: Landing) -> None:
    landing.write("shop/votes.csv", "vote_id,weight\n1,2\n")
    assert "column 2 'w…t' (6 characters)" in landing.land().notices[0]
    added = SOURCES.replace("{name: score,", "{name: weight, data_type: integer}\n          - {name: score,")
    other = Landing(landing.folder / "later", landing.connection, added, landing.landed)
    other.write("shop/votes.csv", "vote_id,weight\n2,3\n")
    other.land()
    assert landing.query("select vote_id, score, weight from raw.shop__votes order by 1") == [
        ("1", None, None),
        ("2", None, 3),
    ]


def test_what_landed_in_tables_moves_into_parquet_files(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    landing.write("shop/visits/1.csv", VISIT)
    landing.write("shop/visits/2.csv", "visit_id,came_at\n")
    landing.write("shop/votes.csv", "vote_id,score\n1,2\n")
    landing.land()
    before = landing.query("select * from raw.shop__visits")
    landing.landed = tmp_path / "landed"
    landing.write("shop/visits/3.csv", VISIT.replace("v1", "v2"))
    assert [result.status for result in landing.land().files] == ["skipped", "skipped", "landed", "skipped"]
    assert landing.query("select * from raw.shop__visits where _load_id < 3") == before
    assert landing.visits("_load_id", "visit_id") == [(1, "v1"), (4, "v2")]
    assert landing.query("select score, _load_id, _line from raw.shop__votes") == [(2, 3, 2)]
    ledger_copy = tmp_path / "landed" / "landed_files" / "landed_files.parquet"
    assert landing.query(f"select * from '{ledger_copy}'") == landing.query("select * from ops.landed_files")


def test_a_new_warehouse_takes_up_what_landed_as_parquet(tmp_path: Path) -> None:
    """The one before it was lost; its ledger lies beside the files."""
    landing = Landing(tmp_path, landed=tmp_path / "landed")
    landing.write("shop/votes.csv", "vote_id,score\n1,2\n")
    landing.land()
    before = landing.query("select * from ops.landed_files"), landing.query("select * from raw.shop__votes")
    landing.connection = duckdb.connect()
    landing.write("shop/votes2.csv", "vote_id,score\n2,3\n")
    (landing.extracts / "shop" / "votes").mkdir()
    (landing.extracts / "shop" / "votes2.csv").rename(landing.extracts / "shop" / "votes" / "2.csv")
    assert [result.status for result in landing.land().files] == ["skipped", "landed"]
    assert landing.query("select * from ops.landed_files where load_id = 1") == before[0]
    assert landing.query("select * from raw.shop__votes where _load_id = 1") == before[1]
    assert landing.query("select max(load_id) from ops.landed_files") == [(2,)]


def test_landed_files_that_are_gone_are_named(tmp_path: Path) -> None:
    landing = Landing(tmp_path, landed=tmp_path / "landed")
    landing.write("shop/votes.csv", "vote_id,score\n1,2\n")
    landing.land()
    (tmp_path / "landed" / "shop__votes" / "load=1").rename(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match=r"rows\.parquet in .*/load=1 is gone.*--reset shop\.votes"):
        landing.land()
    landing.landed = None
    with pytest.raises(UsageError, match="their folder is gone"):
        landing.land()


def test_a_column_that_has_another_type_now_is_named(landing: Landing) -> None:
    landing.write("shop/votes.csv", "vote_id\n1\n")
    landing.land()
    changed = SOURCES.replace("{name: score, data_type: integer}", "{name: score, data_type: text}")
    other = Landing(landing.folder / "later", landing.connection, changed, landing.landed)
    other.write("shop/votes.csv", "vote_id\n2\n")
    with pytest.raises(UsageError, match=r"raw.shop__votes has the column score as BIGINT"):
        other.land()


def test_a_declaration_that_the_engine_can_not_read_is_named(landing: Landing) -> None:
    other = Landing(landing.folder / "other", sources=SOURCES.replace("^[A-Z]{2}", "^(?=[A-Z]{2})"))
    other.write("shop/votes.csv", "vote_id\n2\n")
    with pytest.raises(UsageError, match=r"shop\.visits\.code"):
        other.land()


# Headers


def test_columns_may_stand_in_any_order_and_others_are_kept_out_with_a_notice(landing: Landing) -> None:
    landing.write("shop/visits.csv", f"extra,came_at,Note,visit_id\nx,{CAME_AT},y,v1\n")
    report = landing.land()
    assert landing.visits("visit_id", "note") == [("v1", None)]
    assert report.notices == [
        "shop/visits.csv has columns that are not declared and were kept out: column 1 'e…a' (5 characters), "
        "column 3 'N…e' (4 characters) for note."
    ]


def test_a_vendors_column_is_renamed(landing: Landing) -> None:
    landing.write("vendor/calls.csv", "the+line\nx\n")
    landing.write("vendor/calls_2.csv", "line\ny\n")
    landing.land()
    assert landing.query("select line from raw.vendor__calls order by 1") == [("x",), ("y",)]


def test_a_parquet_column_of_json_is_text(landing: Landing) -> None:
    file = landing.write("shop/visits.parquet", "")
    landing.connection.execute(
        f"""
        copy (select 'v1' as visit_id, '2026-03-01 10:00:00'::timestamp as came_at, '{{"a": 1}}'::json as note)
        to '{file}'
        """
    )
    landing.land()
    assert landing.visits("visit_id", "note") == [("v1", '{"a": 1}')]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty, without even a header; deliver it again."),
        ("\n\n\n", "is empty, without even a header; deliver it again."),
        ("came_at,note\nx,y\n", "lacks the required column 'visit_id'; it has 'came_at', 'note'."),
        ("note\nx\n", "lacks the required column 'visit_id', 'came_at'; it has 'note'."),
        (
            "visit_id;came_at\nx;y\n",
            "lacks the required column 'visit_id', 'came_at'; it has 'v…t' (16 characters) "
            "(it seems to be separated by semicolons).",
        ),
        (
            "v1,2026-03-01T10:00:00Z\n",
            "lacks the required column 'visit_id', 'came_at'; it has '…' (2 characters), '2…Z' (20 characters).",
        ),
        (
            " visit_id,came_at\n",
            "lacks the required column 'visit_id'; it has ' …d' (9 characters) for visit_id, 'came_at'.",
        ),
        ("visit_id,came_at,note,note\n", "has the column 'note' twice; rename one of them."),
        ('visit_id,"came_at\n', "has a header whose quotes don't match; mend the first line."),
        (b"visit_id,came_at,\xff\n", "has a header that is no UTF-8; save the file as UTF-8."),
        (VISIT.encode("utf-16"), "is no UTF-8 text (UTF-16 perhaps); save it as UTF-8."),
        (VISIT + "x" * 9_000_000, "has a line of more than 8,388,608 bytes; is it text?"),
        (gzip.compress(VISIT.encode(), mtime=0), "is a gzip file; add .gz to its name, as in .csv.gz."),
        (b"PAR1" + b"x" * 9, "is a Parquet file; give it the extension .parquet."),
    ],
)
def test_a_csv_file_that_is_unfit_is_refused(landing: Landing, content: str | bytes, message: str) -> None:
    landing.write("shop/visits.csv", content)
    assert refusal(landing).startswith(message)


def test_a_forbidden_column_refuses_the_file(landing: Landing) -> None:
    landing.write("shop/votes.csv", "vote_id,Agent_Name\n1,x\n")
    (refused,) = landing.land().refused
    assert refused.message == (
        "shop/votes.csv has the column 'A…e' (10 characters), but votes takes none whose name contains 'agent'; "
        "leave it out of the extract."
    )


def test_a_column_under_two_names_refuses_the_file(landing: Landing) -> None:
    landing.write("vendor/calls.csv", "the+line,line\n1,2\n")
    assert "has the column line twice, as 'the+line', 'line'." in landing.land().refused[0].message


def test_a_file_with_a_header_only_is_landed_with_a_notice(landing: Landing) -> None:
    landing.write("shop/visits.csv", "visit_id,came_at\n")
    report = landing.land()
    assert (report.files[0].status, report.lines) == ("landed", 0)
    assert report.notices == ["shop/visits.csv has no rows."]


def test_a_refused_file_is_read_again_the_next_time(landing: Landing) -> None:
    landing.write("shop/visits.csv", "visit_id\n")
    assert landing.land().refused
    assert landing.land().refused


def test_an_unreadable_file_is_refused(landing: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    file = landing.write("shop/visits.csv", VISIT)

    def deny(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(file))

    monkeypatch.setattr(land_files, "fingerprint_text", deny)
    assert (
        landing.land().refused[0].message
        == "shop/visits.csv can't be read: Permission denied; let this user read it, or deliver it again."
    )


# Forms


def test_a_byte_order_mark_is_no_part_of_the_header(landing: Landing) -> None:
    landing.write("shop/visits.csv", "\ufeff" + VISIT)
    assert landing.land().loaded == 1


def test_tabs_separate_a_tsv(landing: Landing) -> None:
    landing.write("shop/visits.tsv", f'visit_id\tcame_at\tnote\nv1\t{CAME_AT}\ta, b\nv2\t{CAME_AT}\t"a\tb"\n')
    landing.land()
    assert landing.visits("note") == [("a, b",), ("a\tb",)]


@pytest.mark.parametrize("name", ["visits.csv.gz", "it's [1] really*?.csv.gz"])
def test_a_gzip_file_is_unpacked(landing: Landing, name: str) -> None:
    content = gzip.compress(VISIT.encode(), mtime=0) + gzip.compress(
        f"v2,{CAME_AT}\n".encode(), mtime=0
    )  # of two members
    landing.write(f"shop/visits/{name}", content)
    assert landing.land().loaded == 2


@pytest.mark.parametrize("kept", [-1, -9, 30])
def test_a_truncated_gzip_file_is_refused(landing: Landing, kept: int) -> None:
    landing.write("shop/visits.csv.gz", gzip.compress(os.urandom(1000).hex().encode(), mtime=0)[:kept])
    assert refusal(landing) == "is a truncated gzip file: its end is missing; deliver it again."


@pytest.mark.parametrize("content", [b"visit_id,came_at\n", gzip.compress(b"x" * 1000, mtime=0)[:-8] + b"12345678"])
def test_a_corrupt_gzip_file_is_refused(landing: Landing, content: bytes) -> None:
    landing.write("shop/visits.csv.gz", content)
    assert refusal(landing).startswith("is no readable gzip file (")


def test_an_empty_gzip_file_is_refused(landing: Landing) -> None:
    landing.write("shop/visits.csv.gz", gzip.compress(b"", mtime=0))
    assert refusal(landing) == "is empty, without even a header; deliver it again."


def test_json_lines(landing: Landing) -> None:
    objects = [
        {"visit_id": "v1", "came_at": CAME_AT, "people": 2, "spent": 1.5, "is_member": True, "note": None},
        {"came_at": CAME_AT, "visit_id": "v2", "people": "3", "note": {"a": [1]}, "extra": 1},
        {"visit_id": "v3", "came_at": CAME_AT, "people": 4.0, "note": ""},
        {"visit_id": "v4", "came_at": CAME_AT, "people": 4.5},
        {"came_at": CAME_AT},
    ]
    lines = [json.dumps(row) for row in objects] + ["", "{oops", "[1]", '{"visit_id": "v5", "visit_id": "v6"}']
    landing.write("shop/visits.jsonl", "\n".join(lines) + '\n{"visit_id": "v7", "ca')
    report = landing.land()
    assert landing.visits("_line", "visit_id", "people", "spent", "is_member", "note") == [
        (1, "v1", 2, Decimal("1.5"), True, None),
        (2, "v2", 3, None, None, '{"a":[1]}'),
        (3, "v3", 4, None, None, None),
    ]
    rejects = landing.rejects("line", "reason", "raw_line")
    assert [reject[:2] for reject in rejects[:-1]] == [
        (4, "people: '4.5' is no integer (of at most 64 bits)"),
        (5, "visit_id: it is required, but empty"),
        (7, "the line is no valid JSON"),
        (8, "the record is no JSON object"),
        (9, "the object has a key twice"),
    ]
    assert rejects[2][2] == "{oops"
    assert rejects[-1][0] == 10
    assert str(rejects[-1][1]).endswith("looks half-written")
    assert "'e…a' (5 characters)" in report.notices[0]


def test_json_lines_without_any_object_are_all_rejected(landing: Landing) -> None:
    landing.write("shop/visits.jsonl", "{}\nx\n")
    report = landing.land()
    assert (report.loaded, report.rejected) == (0, 2)


@pytest.mark.parametrize(
    "content",
    [
        f'[{{"visit_id": "v1", "came_at": "{CAME_AT}"}},\n {{"visit_id": "v2", "came_at": "{CAME_AT}"}}]\n',
        f'\ufeff[{{"visit_id": "v1", "came_at": "{CAME_AT}"}},{{"visit_id": "v2", "came_at": "{CAME_AT}"}}]',
        f'{{"visit_id": "v1", "came_at": "{CAME_AT}"}}\n{{"visit_id": "v2", "came_at": "{CAME_AT}"}}\n',
    ],
)
def test_json_files(landing: Landing, content: str) -> None:
    landing.write("shop/visits.json", content)
    landing.land()
    assert landing.visits("_line", "visit_id") == [(1, "v1"), (2, "v2")]


def test_a_json_file_of_one_object(landing: Landing) -> None:
    landing.write("shop/visits.json", json.dumps({"visit_id": "v1", "came_at": CAME_AT}, indent=2))
    landing.land()
    assert landing.visits("_line", "visit_id") == [(1, "v1")]


def test_a_record_of_a_json_array_is_rejected_by_its_number(landing: Landing) -> None:
    landing.write("shop/visits.json", json.dumps([{"visit_id": "v1", "came_at": CAME_AT}, {"visit_id": "v2"}, 3]))
    landing.land()
    assert landing.rejects("line", "reason") == [
        (2, "came_at: it is required, but empty"),
        (3, "the record is no JSON object"),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('[{"visit_id": "v1"}, {"visit_id": "v2"', "is a JSON array without its end; deliver it again."),
        ('[{"visit_id": "v1"},\n', "is a JSON array without its end; deliver it again."),
        ('[{"visit_id": "v1"} {"visit_id": "v2"}]', "is no readable JSON file ("),
        ('{"visit_id": \n "v1"', "is no readable JSON file ("),
        ('[{"visit_id": "\xff"}]'.encode("latin-1"), "is no readable JSON file ("),
        ("visit_id\n", "is no JSON array or object, nor an object a line; deliver one of these."),
        ('[{"visit_id": "v1"}]', "lacks the required column 'came_at'; it has 'visit_id'."),
        ("", "is empty, without even a header; deliver it again."),
    ],
)
def test_a_malformed_json_file_is_refused(landing: Landing, content: str | bytes, message: str) -> None:
    landing.write("shop/visits.json", content)
    assert refusal(landing).startswith(message)


def write_parquet(landing: Landing, path: str, select: str) -> None:
    """Write the rows of a query as an extract."""
    landing.write(path, "")
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"copy ({select}) to $file (format parquet)", {"file": str(landing.extracts / path)})


def test_parquet_columns_that_fit(landing: Landing) -> None:
    write_parquet(
        landing,
        "shop/visits/it's [1]*.parquet",
        """
        select
            7 as visit_id, 2::UTINYINT as people, 3.0::DOUBLE as mood, 40::DECIMAL(5, 1) as age, 0.1::DOUBLE as spent,
            true as is_member, date '2000-01-02' as born_on, timestamp '2026-03-01 10:00:00' as came_at,
            timestamptz '2026-03-01 12:00:00+02' as left_at, '' as note, null::INTEGER as code, [1] as extra
        union all
        select 8, 3, 3.5, 40.5, 'inf'::DOUBLE, null, null, timestamp '2026-03-01 10:00:00', null, null, null, null
        """,
    )
    report = landing.land()
    columns = ("visit_id", "people", "mood", "age", "spent", "is_member", "born_on", "came_at", "left_at", "note")
    assert landing.visits(*columns) == [
        (
            *("7", 2, 3, 40, Decimal("0.1"), True, datetime(2000, 1, 2).date()),
            *(datetime(2026, 3, 1, 10), datetime(2026, 3, 1, 10), None),
        )
    ]
    ((line, raw_line, column, reason),) = landing.rejects("line", "raw_line", '"column"', "reason")
    assert (line, column) == (2, "mood")
    assert json.loads(str(raw_line))["visit_id"] == 8
    assert "mood: '3.5' is no integer" in str(reason)
    assert "age: '40.5' is no integer" in str(reason)
    assert "spent: 'inf' is no decimal number" in str(reason)
    assert report.notices == [
        "shop/visits/it's [1]*.parquet has columns that are not declared and were kept out: "
        "column 12 'e…a' (5 characters)."
    ]


def test_parquet_columns_of_text_are_read_like_csv(landing: Landing) -> None:
    write_parquet(
        landing,
        "shop/visits.parquet",
        f"select 'v1' as visit_id, '{CAME_AT}' as came_at, '5' as people, 'yes' as is_member, '2000-01-02' as born_on",
    )
    landing.land()
    assert landing.visits("came_at", "people", "is_member") == [(datetime(2026, 3, 1, 10), 5, True)]


def test_parquet_timestamps_without_zone_are_local(landing: Landing) -> None:
    write_parquet(
        landing,
        "vendor/calls.parquet",
        """
        select '1' as line, timestamp_ns '2026-07-01 12:00:00' as began_at
        union all select '2', timestamp_ns '2026-03-29 03:30:00'
        """,
    )
    landing.land()
    assert landing.query("select began_at from raw.vendor__calls") == [(datetime(2026, 7, 1, 9),)]
    assert "does not exist in Europe/Bucharest" in str(landing.rejects("reason"))


def test_a_parquet_column_that_is_null_throughout_may_have_any_type(landing: Landing) -> None:
    write_parquet(
        landing,
        "shop/visits.parquet",
        f"select 'v1' as visit_id, '{CAME_AT}' as came_at, null::INTEGER as left_at, null::DOUBLE as note",
    )
    landing.land()
    assert landing.visits("left_at", "note") == [(None, None)]


@pytest.mark.parametrize(
    ("column", "value", "found", "declared"),
    [
        ("came_at", "date '2026-03-01'", "DATE", "timestamp"),
        ("came_at", "1.5::DOUBLE", "DOUBLE", "timestamp"),
        ("came_at", "{'a': 1}", "STRUCT(a INTEGER)", "timestamp"),
        ("note", "'x'::BLOB", "BLOB", "text"),
        ("note", "['x']", "VARCHAR[]", "text"),
        ("note", "1.0::DOUBLE", "DOUBLE", "text"),
        ("people", "true", "BOOLEAN", "integer"),
    ],
)
def test_a_parquet_column_of_another_type_refuses_the_file(
    landing: Landing, column: str, value: str, found: str, declared: str
) -> None:
    columns = {"visit_id": "'v1'", "came_at": f"'{CAME_AT}'", column: value}
    select = ", ".join(f"{value} as {name}" for name, value in columns.items())
    write_parquet(landing, "shop/visits.parquet", f"select {select}")
    assert refusal(landing) == (
        f"has the column {column} as {found}, which is no {declared}; write it as {declared} or as text."
    )


@pytest.mark.parametrize("content", [b"PAR1", b"x" * 100])
def test_an_unreadable_parquet_file_is_refused(landing: Landing, content: bytes) -> None:
    landing.write("shop/visits.parquet", content)
    assert refusal(landing).startswith("is no readable Parquet file (")


def test_a_truncated_parquet_file_is_refused(landing: Landing) -> None:
    write_parquet(landing, "shop/visits.parquet", f"select 'v1' as visit_id, '{CAME_AT}' as came_at from range(9999)")
    file = landing.extracts / "shop/visits.parquet"
    file.write_bytes(file.read_bytes()[:-20])
    assert refusal(landing).startswith("is no readable Parquet file (")


def test_a_parquet_file_with_broken_pages_leaves_nothing(landing: Landing) -> None:
    write_parquet(
        landing, "shop/visits.parquet", f"select 'v' || range as visit_id, '{CAME_AT}' as came_at from range(200000)"
    )
    file = landing.extracts / "shop/visits.parquet"
    content = bytearray(file.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 2000] = b"\xff" * 2000
    file.write_bytes(content)
    assert refusal(landing).startswith("is no readable Parquet file (")
    assert not landing.visits("visit_id")
    if landing.landed:
        assert [path.name for path in (landing.landed / "shop__visits").iterdir()] == ["load=0"]


def test_a_naive_now_is_taken_as_utc(landing: Landing) -> None:
    landing.write("shop/visits.csv", VISIT)
    now = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
    land_files.land(landing.connection, landing.extracts, landing.declarations, run_id="r", now=now)
    assert landing.query("select landed_at from ops.landed_files") == [(now,)]


def test_each_file_is_told_as_it_is_done(landing: Landing) -> None:
    landing.write("shop/visits.csv", VISIT)
    landing.write("shop/votes.csv", "x\n")
    told: list[str] = []
    land_files.land(
        landing.connection,
        landing.extracts,
        landing.declarations,
        run_id="r",
        now=NOW,
        on_file=lambda result: told.append(f"{result.path} {result.status}"),
    )
    assert told == ["shop/visits.csv landed", "shop/votes.csv refused"]


def test_folders_of_a_partitioned_table_add_no_columns(landing: Landing) -> None:
    write_parquet(landing, "shop/visits/note=x/1.parquet", f"select 'v1' as visit_id, '{CAME_AT}' as came_at")
    landing.write("shop/visits/note=y/1.csv", VISIT.replace("v1", "v2"))
    assert not landing.land().notices
    assert landing.visits("visit_id", "note") == [("v1", None), ("v2", None)]


def test_columns_without_a_name_are_kept_out(landing: Landing) -> None:
    landing.write("shop/visits.csv", f"visit_id,came_at,,\nv1,{CAME_AT},,\n")
    assert landing.land().loaded == 1


def test_a_thousand_small_files_within_seconds_are_each_read_as_they_are(tmp_path: Path) -> None:
    """DuckDB takes two files for one that have a path, a size and a second of writing in common; many here would."""
    landing, random, expected = Landing(tmp_path), Random(7), []
    for number in range(1000):
        rows = [(f"{number:03}{'v' * random.randint(0, 9)}{row}", row) for row in range(random.randint(1, 7))]
        landing.write(f"shop/votes/{number:03}.csv", "vote_id,score\n" + "".join(f"{id},{row}\n" for id, row in rows))
        expected += rows
    report = landing.land()
    assert {result.status for result in report.files} == {"landed"}
    assert landing.query("select vote_id, score from raw.shop__votes order by _load_id, _line") == expected


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_file_that_is_written_anew_with_the_same_size_is_read_anew(landing: Landing, form: str) -> None:
    for number in range(100, 130):
        if form == "csv":
            landing.write("shop/votes.csv", f"vote_id,score\nv{number},{number}\n")
        else:
            file = landing.extracts / "shop" / "votes.parquet"
            file.parent.mkdir(exist_ok=True)
            with duckdb.connect() as writer:
                writer.execute(f"copy (select 'v{number}' as vote_id, {number} as score) to '{file}' (format parquet)")
        landing.land()
        newest = landing.query("select vote_id, score from raw.shop__votes order by _load_id desc limit 1")
        assert newest == [(f"v{number}", number)]
