"""JSON documents of a vendor: every way to write them lands, and what is wrong with one is its own fault alone."""

import gzip
import json
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from landing_support import NOW, Landing

from pipelines.errors import UsageError
from pipelines.landing.again import retry_rejected
from pipelines.landing.documents import split_documents

SOURCES = """
version: 2
sources:
  - name: stream
    tables:
      - name: records
        identifier: stream__records
        config: {meta: {key: [record_id], format: json, events: [began_at]}}
        columns:
          - {name: record_id, data_type: text, config: {meta: {required: true, path: $.Id, max_characters: 10}}}
          - {name: queue, data_type: text, config: {meta: {path: $.Queue.ARN}}}
          - {name: waited, data_type: integer, config: {meta: {path: $.Queue.Duration, min: 0}}}
          - {name: began_at, data_type: timestamp, config: {meta: {path: $.Began}}}
          - {name: attributes, data_type: text, config: {meta: {path: $.Attributes, json_value: true, personal: true}}}
          - {name: document, data_type: text, config: {meta: {whole: true, personal: true}}}
      - name: pages
        identifier: stream__pages
        config: {meta: {key: [record_id], format: json, records: $.conversations}}
        columns:
          - {name: record_id, data_type: text, config: {meta: {required: true, path: $.Id}}}
      - name: updates
        identifier: stream__updates
        config:
          meta:
            key: [record_id]
            format: json
            mistaken_for: {$.Began: is no update; put it into stream/records/, '$."a type"': is an event}
        columns:
          - {name: record_id, data_type: text, config: {meta: {required: true, path: $.Id}}}
          - {name: changes, data_type: text, config: {meta: {required: true, json_value: true, keys: [a, "b c"]}}}
      - name: visits
        identifier: stream__visits
        config: {meta: {key: [visit_id], records: $.visits, also: {id: visit_id}}}
        columns:
          - {name: visit_id, data_type: text, config: {meta: {required: true}}}
          - {name: waited, data_type: integer}
"""
A = {"Id": "a", "Queue": {"ARN": "arn/q", "Duration": 7}, "Began": "2026-03-02T09:00:00Z", "Attributes": {"k": "v"}}
B = {"Id": "b", "Queue": None, "New": [1, {"x": "}{"}]}
C = {"Id": "c", "Text": 'a "quote" and \\ and {', "Nothing": {}}


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    """A landing folder for documents."""
    return Landing(tmp_path, sources=SOURCES)


def _ids(landing: Landing, table: str = "records") -> list[str]:
    return [found for (found,) in landing.query(f"select record_id from raw.stream__{table} order by _line")]


TEXTS = {
    "a document a line": "\n".join(map(json.dumps, (A, B, C))) + "\n",
    "without a last line end": "\n".join(map(json.dumps, (A, B, C))),
    "lines of Windows": "\r\n".join(map(json.dumps, (A, B, C))) + "\r\n",
    "blank lines": "\n\n".join(map(json.dumps, (A, B, C))) + "\n\n",
    "nothing between": "".join(map(json.dumps, (A, B, C))),
    "several on a line": json.dumps(A) + "\n" + json.dumps(B) + json.dumps(C) + "\n",
    "indented": "\n".join(json.dumps(each, indent=1) for each in (A, B, C)),
    "an array": json.dumps([A, B, C]),
    "an indented array": json.dumps([A, B, C], indent=2),
    "a byte order mark": "\ufeff" + "\n".join(map(json.dumps, (A, B, C))),
}


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("file", ["records.json", "records.jsonl", "records/2026/04/08/15/stream-1-2026-04-08-15-00"])
def test_every_way_to_write_documents_lands(landing: Landing, name: str, file: str) -> None:
    """Three documents, whichever form and extension they have, or none, as streams write."""
    landing.write(f"stream/{file}", TEXTS[name])
    report = landing.land()
    assert [(result.loaded, result.rejected) for result in report.files] == [(3, 0)]
    assert _ids(landing) == ["a", "b", "c"]


@pytest.mark.parametrize("file", ["records.json.gz", "records.jsonl.gz", "records/part-00.gz"])
def test_packed_documents_land(landing: Landing, file: str) -> None:
    """Packed with gzip, as streams may be told to."""
    landing.write(f"stream/{file}", gzip.compress(TEXTS["nothing between"].encode()))
    landing.land()
    assert _ids(landing) == ["a", "b", "c"]


def test_values_come_from_their_paths(landing: Landing) -> None:
    """A path that leads nowhere is null; objects are JSON; the document is there as it came."""
    landing.write("stream/records.json", TEXTS["an array"])
    landing.land()
    rows = landing.query(
        "select record_id, queue, waited, began_at::varchar, attributes, document from raw.stream__records order by 1"
    )
    assert [row[:5] for row in rows] == [
        ("a", "arn/q", 7, "2026-03-02 09:00:00", '{"k":"v"}'),
        ("b", None, None, None, None),
        ("c", None, None, None, None),
    ]
    assert [json.loads(row[5]) for row in rows] == [A, B, C]


def test_values_are_trimmed_and_null_words_are_null(landing: Landing) -> None:
    """As in any extract, though few documents have any."""
    landing.write("stream/records.jsonl", json.dumps({"Id": " a ", "Queue": {"ARN": "N/A"}}) + "\n" + json.dumps(B))
    landing.land()
    assert landing.query("select record_id, queue from raw.stream__records order by 1") == [("a", None), ("b", None)]


@pytest.mark.parametrize("began", ["2026-03-2T09:00:00Z", "2026-3-02T09:00:00Z", "2026-3-2T09:00:00.000Z"])
def test_a_day_may_have_one_digit(landing: Landing, began: str) -> None:
    """Some systems write days and months so."""
    landing.write("stream/records.json", json.dumps({"Id": "a", "Began": began}))
    landing.land()
    assert landing.query("select began_at::varchar from raw.stream__records") == [("2026-03-02 09:00:00",)]


LONG = {"Id": "12345678901"}
AHEAD = {"Id": "d", "Began": "2026-04-12T09:00:00Z"}
HUGE = {"Id": "e", "Attributes": {"k": "x" * 1_100_000}}
MANY = {"Id": "f", "Values": [[]] * 100_001}


def test_what_is_wrong_with_a_document_is_a_reason_and_the_rest_lands(landing: Landing) -> None:
    """An id too long, an event ahead, too large, too much in it, no object, no id, and cut."""
    lines = [json.dumps(each) for each in (A, LONG, AHEAD, HUGE, MANY, [1], {}, B)]
    landing.write("stream/records.jsonl", "\n".join([*lines, json.dumps(C)[:-9]]))
    landing.land()
    assert _ids(landing) == ["a", "b"]
    reasons = landing.rejects("line", "reason")
    assert [line for line, _ in reasons] == [2, 3, 4, 5, 6, 7, 9]
    for (_, reason), part in zip(
        reasons,
        (
            "record_id: '12345678901' has more than 10 characters",
            "is ahead",
            "holds more than 1,048,576 bytes",
            "holds more than 100,000 values",
            "is no JSON object",
            "record_id: it is required, but empty",
            "no valid JSON",
        ),
        strict=True,
    ):
        assert part in reason


def test_a_large_attribute_below_the_limit_lands(landing: Landing) -> None:
    """A document of nearly a megabyte is one, and so are many values."""
    fits = [{"Id": "g", "Attributes": {"k": "x" * 1_000_000}}, {"Id": "h", "Values": list(range(90_000))}]
    landing.write("stream/records.jsonl", "\n".join(map(json.dumps, fits)))
    landing.land()
    assert _ids(landing) == ["g", "h"]


@pytest.mark.parametrize(
    ("text", "ids", "rejected"),
    [
        (json.dumps(A)[:-2] + json.dumps(B), ["b"], 1),
        (json.dumps(A) + json.dumps(B)[:-1] + json.dumps(C), ["a", "c"], 1),
        (json.dumps(A) + "\n" + json.dumps(B)[:9] + "\n" + json.dumps(C), ["a", "c"], 1),
        (json.dumps(A) + json.dumps(B) + '{"Id": "c", "Te', ["a", "b"], 1),
        (json.dumps(A, indent=1) + "\n" + json.dumps(B, indent=1)[:20], ["a"], 1),
        (json.dumps([A, B])[:-9], ["a"], 2),
        (json.dumps([A, B])[:-1], ["a", "b"], 1),
        (json.dumps(A) + "garbage" + json.dumps(B), ["a", "b"], 1),
        ('{"Id": "x", "Attributes":\n' + json.dumps(B, indent=1) + "\n" + json.dumps(C, indent=1), ["b", "c"], 1),
        ('{"Id": "x", "Values": [1,\r\n' + json.dumps(B, indent=1) + "\r\n", ["b"], 1),
        ('[\n{"Id": "x", "Attributes":\n' + json.dumps(B) + ",\n" + json.dumps(C) + "\n]\n", ["b", "c"], 1),
        (json.dumps([A, {**B, "Values": [{}, {}]}, C], indent=0)[:-1], ["a", "b", "c"], 1),
        ('{"Id": "x", "Attributes":' + json.dumps(B) + json.dumps(C), ["c"], 1),
        ('[\n{"Id": "a"},\n{"Id": "x", "Attributes":\n{"Id": "c"}\n]\n', ["a", "c"], 1),
        ('[\n{"Id": "x", "Attributes": {"k":\n]\n{"Id": "c"}\n', ["c"], 1),
        ('{"Id": "x", "Values": [1}{"Id": "c"}', ["c"], 1),
    ],
)
def test_of_a_cut_file_the_rest_lands(landing: Landing, text: str, ids: list[str], rejected: int) -> None:
    """A cut document is rejected, and so is the missing end of an array, of which nobody knows what was there."""
    landing.write("stream/records.json", text)
    report = landing.land()
    assert _ids(landing) == ids
    assert report.files[0].rejected == rejected


def test_bytes_that_are_no_text_reject_their_document(landing: Landing) -> None:
    """Invalid UTF-8 in one document of three."""
    landing.write("stream/records.json", b'{"Id": "a"}\n{"Id": "b\xff"}\n{"Id": "c"}\n')
    landing.land()
    assert _ids(landing) == ["a", "c"]
    assert landing.rejects("reason") == [("the record holds bytes that are no UTF-8",)]


@pytest.mark.parametrize("between", ["\n", ""])
def test_a_document_of_ten_megabytes_is_rejected_and_the_rest_lands(landing: Landing, between: str) -> None:
    """Whether documents have a line each or not."""
    huge = {"Id": "e", "Attributes": {"k": "x" * 10_000_000}}
    landing.write("stream/records.json", between.join(map(json.dumps, (A, huge, B))))
    landing.land()
    assert _ids(landing) == ["a", "b"]
    assert landing.rejects("reason") == [("the record holds more than 1,048,576 bytes",)]


PAGE = {"conversations": [{"Id": "a"}, {"Id": "b"}], "totalHits": 3}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(PAGE) + "\n{}\n" + json.dumps({"conversations": [{"Id": "c"}]}),
        json.dumps(PAGE, indent=1) + json.dumps({"conversations": [{"Id": "c"}]}),
        json.dumps([PAGE, {"Id": "c"}]),
        json.dumps([{"Id": "a"}, {"Id": "b"}, {"Id": "c"}]),
        "\n".join(json.dumps({"Id": each}) for each in "abc"),
        json.dumps(PAGE) + json.dumps({"conversations": []}) + json.dumps({"Id": "c"}),
        json.dumps(PAGE) + '\n{ "totalHits": 0 }\n' + json.dumps({"Id": "c"}),
    ],
)
def test_pages_lines_and_arrays_hold_the_same_records(landing: Landing, text: str) -> None:
    """The records of pages, of which one may be empty, and records alone."""
    landing.write("stream/pages.json", text)
    report = landing.land()
    assert _ids(landing, "pages") == ["a", "b", "c"]
    assert report.files[0].rejected == 0


@pytest.mark.parametrize(
    ("text", "ids", "rejected"),
    [
        ('{"conversations":[\n{"Id": "a"},\n{"Id": "b"}\n],"total":2', ["a", "b"], 2),  # 2: its beginning and its end
        ('{"conversations":[\n{"Id": "a"},\n{"Id": "b"}\n]', ["a", "b"], 1),
        ('{"conversations":[\n{"Id": "a"},\n{"Id": "b"}\n}', ["a", "b"], 1),
        ('{"conversations":[\n{"Id": "a"},{"Id": "b"},\n{"Id": "c"', ["a", "b"], 2),
    ],
)
def test_of_a_cut_page_the_whole_records_land(landing: Landing, text: str, ids: list[str], rejected: int) -> None:
    """Wherever it is cut, where its records begin lines."""
    landing.write("stream/pages.json", text)
    report = landing.land()
    assert _ids(landing, "pages") == ids
    assert report.files[0].rejected == rejected


def test_a_document_of_another_kind_is_told_by_what_it_has(landing: Landing) -> None:
    """Only without its key; else what is wrong with it is said."""
    documents = [{"Began": A["Began"]}, {"a type": None}, {"Id": "u", "Began": 1}, {"other": 1}]
    landing.write("stream/updates.jsonl", "\n".join(json.dumps(each) for each in documents))
    landing.land()
    assert landing.rejects("reason", "raw_line") == [
        ("the record is no update; put it into stream/records/", None),  # what it holds is not kept: its table may not
        ("the record is an event", None),
        ("changes: it is required, but empty", json.dumps(documents[2])),
        ("record_id: it is required, but empty; changes: it is required, but empty", json.dumps(documents[3])),
    ]


def test_what_was_rejected_lands_once_the_rule_lets_it_in(landing: Landing) -> None:
    """An event that was ahead."""
    landing.write("stream/records.jsonl", json.dumps(A) + "\n" + json.dumps(AHEAD))
    landing.land()
    assert _ids(landing) == ["a"]
    retry_rejected(landing.connection, landing.declarations, run_id="again", now=NOW + timedelta(days=2))
    assert sorted(_ids(landing)) == ["a", "d"]


@pytest.mark.parametrize("block", [1, 2, 7, 4096])
def test_documents_are_told_apart_wherever_a_block_ends(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    """The same documents from blocks of any size."""
    monkeypatch.setattr("pipelines.landing.documents.BLOCK_CHARACTERS", block)
    for text in TEXTS.values():
        found = list(split_documents(StringIO(text.removeprefix("\ufeff"))))
        assert [json.loads(each) for each in found] == [A, B, C]


def test_paths_are_for_tables_of_documents(tmp_path: Path) -> None:
    """A path in a table of another form would read nothing."""
    with pytest.raises(UsageError, match="path, whole and json_value are for tables of the format json"):
        Landing(tmp_path, sources=SOURCES.replace("format: json, events", "events")).declarations  # noqa: B018


def test_of_an_array_only_the_declared_keys_are_kept(landing: Landing) -> None:
    """Whatever a key holds is kept as it is; what is no array of objects is a rejected record."""
    changes = [{"a": {"x": [1]}, "body": "a secret"}, {"b c": "2", "a": None}, {}]
    documents = [{"Id": "1", "changes": changes}, {"Id": "2", "changes": []}, {"Id": "3", "changes": "a"}, {"Id": "4"}]
    landing.write("stream/updates.jsonl", "\n".join(map(json.dumps, documents)) + "\n")
    report = landing.land()
    assert [(result.loaded, result.rejected) for result in report.files] == [(2, 2)]
    ((first,), (second,)) = landing.query("select changes from raw.stream__updates order by _line")
    assert json.loads(str(first)) == [
        {"a": {"x": [1]}, "b c": None},
        {"a": None, "b c": "2"},
        {"a": None, "b c": None},
    ]
    assert second == "[]"


def test_keys_are_for_arrays(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="keys are for a column with json_value"):
        Landing(tmp_path, sources=SOURCES.replace("json_value: true, keys", "keys")).land()


VISITS = {"visits": [{"id": 1, "waited": 7}, {"id": 2}], "next_page": None, "count": 2}
PAGES_OF_VISITS = {
    "a page": json.dumps(VISITS),
    "an indented page": json.dumps(VISITS, indent=2),
    "two pages": '{"visits": [{"id": 1}]}\n{"visits": [{"id": 2, "waited": 7}]}\n',
    "a page and an empty one": f"{json.dumps(VISITS)}\n{json.dumps({'visits': [], 'count': 0})}\n",
    "an array of pages": json.dumps([VISITS]),
    "no pages": '{"id": 1}\n{"id": 2}\n',
}


@pytest.mark.parametrize(
    ("file", "name"),
    [
        *(("visits.json", name) for name in PAGES_OF_VISITS),
        # A document a line.
        *(("visits.jsonl", name) for name in ("a page", "two pages", "a page and an empty one", "no pages")),
    ],
)
def test_pages_of_a_table_that_has_other_forms_too(landing: Landing, file: str, name: str) -> None:
    """Columns go by the names that other exports have; a line of a log of pages is a page."""
    landing.write(f"stream/{file}", PAGES_OF_VISITS[name])
    landing.write("stream/visits/more.csv", "id,waited\n3,4\n")
    landing.land()
    found = landing.query("select visit_id from raw.stream__visits order by visit_id")
    assert found == [("1",), ("2",), ("3",)]


def test_a_record_of_a_page_is_rejected_by_its_number(landing: Landing) -> None:
    visits = [{"id": 1}, {"id": 2, "waited": "long"}, 3]
    landing.write("stream/visits.json", json.dumps({"visits": visits}))
    report = landing.land()
    assert [(result.loaded, result.rejected) for result in report.files] == [(1, 2)]
    assert landing.query("select line from ops.rejected_rows order by line") == [(2,), (3,)]


def test_a_page_without_records_is_no_fault(landing: Landing) -> None:
    landing.write("stream/visits.json", json.dumps({"visits": [], "count": 0}))
    report = landing.land()
    assert [(result.status, result.loaded, result.rejected) for result in report.files] == [("landed", 0, 0)]
