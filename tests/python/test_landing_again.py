"""What landed before, once more: rejected rows by the rules of now, and a whole table after a reset."""

from pathlib import Path

import pytest
from landing_support import NOW, SOURCES, Landing

from pipelines.errors import UsageError
from pipelines.landing import LandReport, reset, retry_rejected
from pipelines.landing.declarations import load_declarations

CAME_AT = "2026-03-01T10:00:00Z"


@pytest.fixture(params=["table", "parquet"])
def landing(request: pytest.FixtureRequest, tmp_path: Path) -> Landing:
    """An empty landing folder; what lands is kept in tables or in Parquet files."""
    return Landing(tmp_path, landed=tmp_path / "landed" if request.param == "parquet" else None)


def declare(landing: Landing, old: str, new: str) -> None:
    """Change the declaration."""
    assert old in landing.sources
    landing.sources = landing.sources.replace(old, new)
    yaml = landing.folder / "project" / "models" / "staging" / "shop" / "_shop__sources.yml"
    yaml.write_text(landing.sources, encoding="utf-8")


def retry(landing: Landing, extracts: Path | None = None) -> LandReport:
    """Retry what was rejected, and check that nothing goes uncounted."""
    report = retry_rejected(
        landing.connection,
        landing.declarations,
        run_id="retry",
        now=NOW,
        landed=landing.landed,
        extracts=extracts,
    )
    for load_id, source, table, lines, loaded, rejected in landing.query(
        'select load_id, source, "table", lines, loaded, rejected from ops.landed_files'
    ):
        assert lines == loaded + rejected
        rows = landing.query(f"select count(*) from raw.{source}__{table} where _load_id = $id", id=load_id)
        assert rows == [(loaded,)]
        assert landing.query("select count(*) from ops.rejected_rows where load_id = $id", id=load_id) == [(rejected,)]
    return report


def ledger(landing: Landing) -> list[tuple[object, ...]]:
    """Return what the ledger says of each load."""
    return landing.query(
        "select load_id, run_id, path, lines, loaded, rejected, retried_load from ops.landed_files order by load_id"
    )


def test_what_a_rule_of_now_lets_in_lands_as_a_load_of_its_own(landing: Landing) -> None:
    """The header says in which order a line's values stand; what is still bad stays, by the reason of now."""
    landing.write(
        "shop/visits.csv",
        f'mood,note,visit_id,came_at\n3,"a, b",v1,{CAME_AT}\n6,"c, ""d""",v2,{CAME_AT}\n'
        f"9,,v3,{CAME_AT}\n7,,v4,{CAME_AT}\n",
    )
    landing.land()
    assert landing.rejects("line", "reason") == [
        (3, "mood: '6' is not between 1 and 5"),
        (4, "mood: '9' is not between 1 and 5"),
        (5, "mood: '7' is not between 1 and 5"),
    ]
    declare(landing, "min: 1, max: 5", "min: 1, max: 7")
    report = retry(landing)
    assert (report.lines, report.loaded, report.rejected) == (3, 2, 1)
    assert landing.visits("visit_id", "mood", "note", "_load_id", "_line") == [
        ("v1", 3, "a, b", 1, 2),
        ("v2", 6, 'c, "d"', 2, 3),
        ("v4", 7, None, 2, 5),
    ]
    assert landing.rejects("load_id", "line", "reason") == [(1, 4, "mood: '9' is not between 1 and 7")]
    assert ledger(landing) == [
        (1, "run", "shop/visits.csv", 2, 1, 1, None),
        (2, "retry", "shop/visits.csv", 2, 2, 0, 1),
    ]
    assert [file.status for file in landing.land().files] == ["skipped"]


def test_a_retry_that_lands_nothing_is_no_load(landing: Landing) -> None:
    landing.write("shop/visits.csv", f"visit_id,came_at,mood\nv1,{CAME_AT},6\n")
    landing.land()
    before = ledger(landing)
    assert retry(landing).loaded == 0
    assert ledger(landing) == before
    landing.write("shop/votes.csv", "vote_id\n1\n")
    landing.land()
    assert landing.query("select _load_id from raw.shop__votes") == [(2,)]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("shop/visits.jsonl", '{"mood": 6, "visit_id": "v1", "came_at": "2026-03-01T12:00:00+02:00"}\n'),
        ("shop/visits.json", '[{"mood": 6, "visit_id": "v1", "came_at": "2026-03-01T12:00:00+02:00"}]'),
        ("shop/visits.tsv", f"mood\tvisit_id\tcame_at\r\n6\tv1\t{CAME_AT}\r\n"),
    ],
)
def test_rows_of_every_form_can_be_retried(landing: Landing, path: str, content: str) -> None:
    landing.write(path, content)
    landing.land()
    assert len(landing.rejects("line")) == 1
    declare(landing, "min: 1, max: 5", "min: 1, max: 7")
    assert retry(landing).loaded == 1
    assert landing.visits("visit_id", "mood", "came_at::varchar") == [("v1", 6, "2026-03-01 10:00:00")]


def test_rows_of_a_parquet_file_can_be_retried(landing: Landing) -> None:
    file = landing.write("shop/visits.parquet", "")
    landing.connection.execute(
        f"copy (select 'v1' as visit_id, 6.0 as mood, timestamptz '{CAME_AT}' as came_at, true as is_member, "
        f"1.5::decimal(4, 2) as spent) to '{file}' (format parquet)"
    )
    landing.land()
    declare(landing, "min: 1, max: 5", "min: 1, max: 7")
    assert retry(landing).loaded == 1
    assert landing.visits("visit_id", "mood", "came_at::varchar", "is_member", "spent::varchar") == [
        ("v1", 6, "2026-03-01 10:00:00", True, "1.500000")
    ]


NOT_KEPT = ("key: [visit_id]", "key: [visit_id]\n            keeps_rejected: false")


def test_of_a_row_that_is_not_kept_only_its_place_and_its_rules_stay(landing: Landing) -> None:
    """Neither its text nor the values that broke rules."""
    declare(landing, *NOT_KEPT)
    rows = f"v1,{CAME_AT},6,,a secret\nv2,{CAME_AT},a secret,2026-03-01T09:00:00Z,\nv3,{CAME_AT},5,,a secret\n"
    landing.write("shop/visits.csv", f"visit_id,came_at,mood,left_at,note\n{rows}v4,{CAME_AT},a secret")
    landing.land()
    assert landing.visits("visit_id") == [("v3",)]
    found = landing.rejects("line", "raw_line", '"column"', "reason")
    assert [row[:3] for row in found] == [(2, None, "mood"), (3, None, "mood"), (5, None, None)]
    assert not [reason for *_, reason in found if "secret" in reason or "'6'" in reason or "09:00" in reason]
    assert "left_at is before came_at" in found[1][-1]
    assert "mood" in found[1][-1]
    assert landing.query("select count(*) from ops.rejected_rows where contains(rule, 'secret')") == [(0,)]


def test_what_was_kept_is_forgotten_once_a_table_keeps_nothing(landing: Landing) -> None:
    """With the next landing, whatever lands; other tables keep theirs."""
    landing.write("shop/visits.csv", f"visit_id,came_at,mood,note\nv1,{CAME_AT},6,a secret\n")
    landing.write("shop/votes.csv", "vote_id\nx,y\n")
    landing.land()
    kept = landing.rejects("path", "raw_line")
    assert [text for _, text in kept] == [f"v1,{CAME_AT},6,a secret", "x,y"]
    rules = landing.rejects("rule")
    declare(landing, *NOT_KEPT)
    landing.land()
    assert landing.rejects("raw_line") == [(None,), ("x,y",)]
    assert landing.rejects("reason")[0] == rules[0]
    declare(landing, "min: 1, max: 5", "min: 1, max: 7")
    assert retry(landing, landing.extracts).loaded == 1


@pytest.mark.parametrize("form", ["csv", "csv.gz", "tsv", "json", "jsonl", "parquet"])
def test_rows_that_are_not_kept_are_read_from_their_file(landing: Landing, form: str) -> None:
    """Only those that were rejected, with the numbers of their lines; what is still bad stays."""
    declare(landing, *NOT_KEPT)
    moods = (3, 6, 9, 5, 7)
    values = ", ".join(f"('v{number}', timestamptz '{CAME_AT}', {mood})" for number, mood in enumerate(moods, 1))
    options = {
        "csv": "format csv",
        "csv.gz": "format csv, compression gzip",
        "tsv": "format csv, delimiter '\t'",
        "json": "format json, array true",
        "jsonl": "format json",
        "parquet": "format parquet",
    }
    file = landing.write(f"shop/visits.{form}", "")
    rows = f"select * from (values {values}) as rows(visit_id, came_at, mood)"
    if form != "parquet":
        rows = f"select * replace (strftime(came_at, '%Y-%m-%dT%H:%M:%SZ') as came_at) from ({rows})"
    landing.connection.execute("set timezone = 'UTC'")
    landing.connection.execute(f"copy ({rows}) to '{file}' ({options[form]})")
    landing.land()
    places = landing.rejects("line")
    assert len(places) == 3
    declare(landing, "min: 1, max: 5", "min: 1, max: 7")
    report = retry(landing, landing.extracts)
    assert (report.loaded, report.rejected, report.notices) == (2, 1, [])
    assert landing.visits("visit_id", "mood", "_load_id") == [
        *(("v1", 3, 1), ("v4", 5, 1)),
        *(("v2", 6, 2), ("v5", 7, 2)),
    ]
    assert landing.query("select _line from raw.shop__visits where _load_id = 2 order by 1") == [places[0], places[2]]
    assert landing.rejects("line", "raw_line") == [(*places[1], None)]
    declare(landing, "min: 1, max: 7", "min: 1, max: 9")
    assert retry(landing, landing.extracts).loaded == 1
    assert landing.rejects("line") == []


def test_rows_that_are_not_kept_need_the_file_as_it_landed(landing: Landing) -> None:
    """Without it, or where it is another one by now, they stay, and what to do is said."""
    declare(landing, *NOT_KEPT)
    file = landing.write("shop/visits.csv", f"visit_id,came_at,mood\nv1,{CAME_AT},6\n")
    landing.land()
    before = landing.rejects("load_id", "line", "reason")
    declare(landing, "min: 1, max: 5", "min: 1, max: 7")
    landing.write("shop/votes.csv", "vote_id\n1\n")
    changed = "It has changed since: put it into the folder of --extracts as it was"
    for change, remedy in {
        None: "Name its folder with --extracts",
        f"visit_id,came_at,mood\nv2,{CAME_AT},7\n": changed,
        "": changed,
        "gone": "It is not in the folder of --extracts: put it there",
    }.items():
        if change == "gone":
            file.unlink()
        elif change is not None:
            landing.write("shop/visits.csv", change)
        report = retry(landing, None if change is None else landing.extracts)
        assert report.files == []
        assert report.notices == [
            "What the rejected rows of shop/visits.csv hold is not kept, so they are retried from the file as it "
            f"landed. {remedy}, or take shop.visits back with --reset and land it again."
        ]
        assert landing.rejects("load_id", "line", "reason") == before


def test_a_file_whose_rows_are_not_kept_may_have_been_moved(landing: Landing) -> None:
    """It is known by its content, of its table and its system alone; another file may lie where it was."""
    declare(landing, *NOT_KEPT)
    content = f"visit_id,came_at,mood\nv1,{CAME_AT},6\n"
    landing.write("shop/visits.csv", content)
    landing.land()
    declare(landing, "min: 1, max: 5", "min: 1, max: 7")
    landing.write("shop/visits.csv", content.replace("v1", "v2"))
    for elsewhere in ("shop/votes.csv", "shop@north/visits.csv"):
        landing.write(elsewhere, content)
    assert "It has changed since" in retry(landing, landing.extracts).notices[0]
    landing.write("shop/visits/2026/old.csv", content)
    report = retry(landing, landing.extracts)
    assert [(file.path, file.loaded) for file in report.files] == [("shop/visits.csv", 1)]
    assert landing.visits("visit_id", "_line") == [("v1", 2)]


@pytest.mark.parametrize(
    "other",
    ["update ops.rejected_rows set line = 9 where line = 3", "update ops.landed_files set lines = lines + 1"],
)
def test_rows_that_are_counted_otherwise_by_now_stay_rejected(landing: Landing, other: str) -> None:
    """A version may take a file apart in another way: then a number is that of another row, or of none."""
    declare(landing, *NOT_KEPT)
    landing.write("shop/visits.csv", f"visit_id,came_at,mood\nv1,{CAME_AT},6\nv2,{CAME_AT},7\nv3,{CAME_AT},5\n")
    landing.land()
    landing.query(other)
    before = landing.rejects("*"), ledger(landing)
    declare(landing, "min: 1, max: 5", "min: 1, max: 7")
    declarations, extracts = landing.declarations, landing.extracts
    report = retry_rejected(
        landing.connection, declarations, run_id="r", now=NOW, landed=landing.landed, extracts=extracts
    )
    assert "This version counts its rows otherwise" in report.notices[0]
    assert (landing.rejects("*"), ledger(landing)) == before


def test_a_folder_that_holds_what_nobody_reads_ends_a_retry_before_it_begins(landing: Landing) -> None:
    landing.write("shop/visits.csv", f"visit_id,came_at,mood\nv1,{CAME_AT},6\n")
    landing.write("shop/votes.csv", "vote_id,score\n1,x\n")
    declare(landing, "{key: [vote_id],", "{key: [vote_id], keeps_rejected: false,")
    landing.land()
    before = ledger(landing)
    declare(landing, "min: 1, max: 5", "min: 1, max: 7")
    landing.write("nobody/reads.csv", "x\n")
    with pytest.raises(UsageError, match=r"nobody/ in .* is no declared source"):
        retry(landing, landing.extracts)
    assert ledger(landing) == before


def test_a_row_that_could_not_be_taken_apart_stays_rejected(landing: Landing) -> None:
    """Nor does the last line of a file that lacks its end, whatever is declared now."""
    rows = f'v1,{CAME_AT},5,x\nv2,{CAME_AT},"6\nv3,{CAME_AT},'.encode() + b"\xff\n" + f"v4,{CAME_AT},6".encode()
    landing.write("shop/visits.csv", b"visit_id,came_at,mood\n" + rows)
    landing.land()
    before = landing.rejects("load_id", "line", "reason")
    assert len(before) == 4
    declare(landing, "min: 1, max: 5", "min: 1, max: 7")
    assert retry(landing).files == []
    assert landing.rejects("load_id", "line", "reason") == before


def test_rows_of_a_load_without_its_header_are_named(landing: Landing) -> None:
    landing.write("shop/visits.csv", f"visit_id,came_at,mood\nv1,{CAME_AT},6\n")
    landing.land()
    landing.query("update ops.landed_files set header = null")
    (notice,) = retry(landing).notices
    assert notice.startswith("shop/visits.csv landed before headers were recorded")


def test_a_reset_takes_back_one_table_and_no_number_is_given_twice(landing: Landing) -> None:
    landing.write("shop/visits.csv", f"visit_id,came_at,mood\nv1,{CAME_AT},6\n")
    landing.write("shop/votes/1.csv", "vote_id,score\n1,2\n2,x\n")
    landing.write("shop/votes/2.csv", "vote_id,score\n3,4\n")
    landing.land()
    taken = reset(landing.connection, landing.declarations, "shop.votes", run_id="r", now=NOW, landed=landing.landed)
    assert taken == (2, 2)
    assert landing.query("select path from ops.landed_files") == [("shop/visits.csv",)]
    assert landing.rejects("path") == [("shop/visits.csv",)]
    declare(landing, "{name: score, data_type: integer}", "{name: score, data_type: text}")
    landing.land()
    assert landing.query("select score, _load_id from raw.shop__votes order by all") == [("2", 5), ("4", 6), ("x", 5)]


def test_a_reset_needs_the_name_of_an_extract(landing: Landing) -> None:
    with pytest.raises(
        UsageError, match=r"shop\.visits, shop\.votes, switch\.stints, vendor\.calls, vendor\.orders; it is 'votes'"
    ):
        reset(landing.connection, landing.declarations, "votes", run_id="r", now=NOW)


def test_a_table_without_rows_takes_a_new_type_by_itself(landing: Landing) -> None:
    """Even if files of it landed: without a row, or with rejected ones only."""
    landing.write("shop/votes/1.csv", "vote_id,score\n")
    landing.write("shop/votes/2.csv", "vote_id,score\n1,x\n")
    landing.land()
    declare(landing, "{name: score, data_type: integer}", "{name: score, data_type: text}")
    assert retry(landing).loaded == 1
    assert landing.query("select score, _load_id from raw.shop__votes") == [("x", 3)]


def test_builds_of_what_was_taken_back_are_forgotten(landing: Landing) -> None:
    landing.write("shop/votes.csv", "vote_id\n1\n")
    landing.land()
    landing.connection.execute(
        """
        create schema incremental;
        create table incremental.builds as select unnest(['of_votes', 'of_visits']) as model;
        create table incremental.reads as
        select unnest(['of_votes', 'of_visits']) as model, unnest(['shop.votes', 'shop.visits']) as input;
        """
    )
    reset(landing.connection, landing.declarations, "shop.votes", run_id="r", now=NOW, landed=landing.landed)
    assert landing.query("select model from incremental.builds") == [("of_visits",)]


def test_every_system_of_a_kind_lands_beside_the_others(landing: Landing) -> None:
    """The same content of two systems is no file that landed already."""
    for folder in ("shop", "shop@north", "shop@south"):
        landing.write(f"{folder}/visits.csv", f"visit_id,came_at\nv1,{CAME_AT}\n")
    assert [file.status for file in landing.land().files] == ["landed"] * 3
    landing.write("shop@north/visits/again.csv", f"visit_id,came_at\nv1,{CAME_AT}\n")
    assert [file.status for file in landing.land().files] == ["skipped"] * 4
    assert landing.visits("visit_id", "_instance") == [("v1", None), ("v1", "north"), ("v1", "south")]
    assert landing.query("select path, instance from ops.landed_files order by load_id") == [
        ("shop/visits.csv", None),
        ("shop@north/visits.csv", "north"),
        ("shop@south/visits.csv", "south"),
    ]


def test_a_warehouse_of_an_earlier_version_gets_the_columns_of_instances(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    landing.write("shop/visits.csv", f"visit_id,came_at\nv1,{CAME_AT}\n")
    landing.land()
    for table, column in (
        ("raw.shop__visits", "_instance"),
        *(("ops.landed_files", column) for column in ("instance", "header", "retried_load")),
    ):
        landing.connection.execute(f"alter table {table} drop column {column}")
    landing.write("shop@north/visits.csv", f"visit_id,came_at\nv1,{CAME_AT}\n")
    assert [file.status for file in landing.land().files] == ["skipped", "landed"]
    assert landing.visits("visit_id", "_instance") == [("v1", None), ("v1", "north")]


def test_a_rename_that_matches_nothing_is_a_notice(landing: Landing) -> None:
    landing.write("vendor/calls.csv", "line,began_at\n1,2026-03-01T10:00:00Z\n")
    (notice,) = landing.land().notices
    assert notice.startswith("vendor/calls.csv has no column 'the+line', which the rename of vendor.calls names")


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("{name: people, data_type: integer, config: {meta: {min: 1}}}", "", "own_id is for text columns"),
        ("key: [visit_id]", "key: [visit_id], lasts: [came_at, note]", "lasts: note is no timestamp column"),
        ("key: [visit_id]", "key: [visit_id], refers_to_instance: 'no:rth'", "refers_to_instance"),
    ],
)
def test_a_slip_in_what_is_declared_of_instances_is_named(tmp_path: Path, old: str, new: str, named: str) -> None:
    landing = Landing(tmp_path)
    text = SOURCES
    if not new:
        new = old.replace("min: 1", "min: 1, own_id: true")
    text = text.replace(old, new.replace(", lasts", "\n            lasts").replace(", refers", "\n            refers"))
    (landing.folder / "project" / "models" / "staging" / "shop" / "_shop__sources.yml").write_text(text, "utf-8")
    with pytest.raises(UsageError, match=named):
        load_declarations(landing.folder / "project")
