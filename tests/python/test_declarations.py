"""The declarations of the extracts: what they give, and how a slip in them is named."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.errors import UsageError
from pipelines.landing.declarations import Declarations, load_declarations

REPOSITORY = Path(__file__).parents[2]


def declare(folder: Path, source: dict[str, Any] | str) -> Path:
    """Write a project with one source."""
    file = folder / "models" / "staging" / "shop" / "_shop__sources.yml"
    file.parent.mkdir(parents=True)
    file.write_text(source if isinstance(source, str) else yaml.safe_dump({"sources": [source]}), encoding="utf-8")
    return folder


def shop(**changes: Any) -> dict[str, Any]:
    """Return a source with one table and one column; `table`, `column` and `meta` change the meta of each."""
    column = {"name": "id", "data_type": "text", "config": {"meta": {"required": True, **changes.get("column", {})}}}
    other = {
        "name": "other",
        "data_type": changes.get("other_type", "integer"),
        "config": {"meta": changes.get("other", {})},
    }
    table = {
        "name": "visits",
        "identifier": "shop__visits",
        "config": {"meta": {"key": ["id"], **changes.get("table", {})}},
        "columns": [column, other],
    }
    return {"name": "shop", "config": {"meta": changes.get("source", {})}, "tables": [table]}


@pytest.fixture(scope="module")
def declared() -> Declarations:
    """The project's own declarations."""
    return load_declarations(REPOSITORY)


def test_the_extracts_of_the_specification_are_declared(declared: Declarations) -> None:
    names = {table.raw_name for table in declared.tables}
    assert {"acd__contact_legs", "survey__employee_surveys", "wfm__forecasts", "technion_bank__calls"} <= names


def test_a_table_tells_its_key_columns_and_rules(declared: Declarations) -> None:
    legs = declared.sources["acd"].tables["contact_legs"]
    assert legs.key == ["contact_id", "leg_number"]
    assert legs.not_before["ended_at"] == ["started_at", "enqueued_at", "answered_at"]
    assert legs.durations["ended_at"]["answered_at"] == ["talk_seconds", "hold_seconds"]
    assert list(legs.required_when) == ["answered_at"]
    columns = {column.name: column for column in legs.columns}
    assert columns["direction"].values == ["inbound", "outbound", "internal"]
    assert columns["customer_id"].personal
    assert columns["leg_number"].min == 1
    assert "voice" in columns["channel"].words
    assert [column.name for column in legs.landed_columns][-1] == "is_deleted"


def test_a_vendor_names_its_files_and_columns(declared: Declarations) -> None:
    source = declared.sources["technion_bank"]
    assert source.timezone == "Asia/Jerusalem"
    assert source.tables["calls"].files == ["calls*"]
    assert source.tables["calls"].rename == {"vru+line": "vru_line"}


def test_a_time_zone_can_be_set_from_outside() -> None:
    declarations = load_declarations(REPOSITORY, {"acd": "Europe/Bucharest"})
    assert declarations.sources["acd"].timezone == "Europe/Bucharest"
    assert declarations.sources["crm"].timezone == "UTC"


@pytest.mark.parametrize(
    ("zones", "named"),
    [({"acd": "Mars/Olympus"}, ["acd", "Mars/Olympus"]), ({"adc": "UTC"}, ["adc", "sources are acd, "])],
)
def test_a_wrong_time_zone_from_outside_is_named(zones: dict[str, str], named: list[str]) -> None:
    with pytest.raises(UsageError) as raised:
        load_declarations(REPOSITORY, zones)
    assert all(name in str(raised.value) for name in named)


def test_a_folder_without_declarations_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No extracts are declared"):
        load_declarations(tmp_path)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"source": {"timezone": "Mars/Olympus"}}, ["shop", "Mars/Olympus"]),
        ({"source": {"time_zone": "UTC"}}, ["source shop", "time_zone"]),
        ({"table": {"key": []}}, ["table visits", "key"]),
        ({"table": {"key": ["nothing"]}}, ["table visits", "nothing"]),
        ({"table": {"key": ["other"]}}, ["table visits", "other", "required"]),
        ({"table": {"keys": ["id"]}}, ["table visits", "keys"]),
        ({"table": {"events": ["nothing"]}}, ["table visits", "nothing"]),
        ({"table": {"events": ["id"]}}, ["table visits", "no timestamp or date"]),
        ({"table": {"not_before": {"other": ["nothing"]}}}, ["table visits", "nothing"]),
        ({"table": {"not_before": {"other": ["id"]}}}, ["table visits", "can't be compared"]),
        ({"table": {"rename": {"a+b": "nothing"}}}, ["table visits", "nothing"]),
        ({"table": {"files": "calls*"}}, ["table visits", "files"]),
        ({"column": {"requierd": True}}, ["table visits", "column id", "requierd"]),
        ({"column": {"required": "yes"}}, ["column id", "required"]),
        ({"column": {"values": []}}, ["column id", "values"]),
        ({"column": {"values": ["on", True]}}, ["column id", "values"]),
        ({"column": {"pattern": "("}}, ["column id", "regular expression"]),
        ({"column": {"format": "phone"}}, ["column id", "format 'phone' is unknown", "text takes time_zone"]),
        ({"column": {"format": "%Y"}}, ["column id", "format '%Y' is unknown"]),
        ({"other": {"format": "epoch_seconds"}}, ["column other", "integer takes hms"]),
        ({"other": {"is_end": True}}, ["column other", "is_end is for date and timestamp columns"]),
        ({"column": {"words_of": "moods"}}, ["column id", "there is no seeds/settings/moods.csv"]),
        ({"other": {"words_of": "moods"}}, ["column other", "words_of is for text columns"]),
        ({"source": {"nulls": [None]}}, ["source shop", "nulls"]),
        ({"source": {"clock_tolerance_seconds": -1}}, ["source shop", "clock_tolerance_seconds"]),
        ({"source": {"max_seconds": 0}}, ["source shop", "max_seconds"]),
        ({"table": {"not_before": {"other": ["other"]}}}, ["table visits", "circle"]),
        ({"table": {"durations": {"other": {"id": []}}}}, ["table visits", "durations"]),
        ({"table": {"required_when": {"nothing": "true"}}}, ["table visits", "there is no column nothing"]),
        ({"column": {"min": 1}}, ["column id", "min", "text"]),
        ({"other": {"values": ["a"]}}, ["column other", "values", "integer"]),
        ({"other": {"min": 2, "max": 1}}, ["column other", "min 2", "max 1"]),
        ({"other_type": "money"}, ["column other", "data_type"]),
        ({"other_type": None}, ["column other", "data_type"]),
    ],
)
def test_a_malformed_declaration_is_named(tmp_path: Path, changes: dict[str, Any], named: list[str]) -> None:
    with pytest.raises(UsageError) as raised:
        load_declarations(declare(tmp_path, shop(**changes)))
    assert all(name in str(raised.value) for name in named), str(raised.value)


def test_what_is_wrong_with_the_yaml_itself_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"_shop__sources\.yml: is no readable YAML"):
        load_declarations(declare(tmp_path, "sources: [a"))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("sources: [{tables: []}]", "must be a list of entries that each have a name"),
        ("sources: [{name: shop, tables: [{name: visits, meta: {key: [id]}}]}]", "meta must stand under config"),
        ("sources: [{name: shop, config: {meta: [a]}}]", "config.meta must be a mapping"),
    ],
)
def test_what_is_wrong_with_the_form_is_named(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(UsageError, match=named):
        load_declarations(declare(tmp_path, text))


def test_an_identifier_that_landing_does_not_use_is_named(tmp_path: Path) -> None:
    source = shop()
    source["tables"][0]["identifier"] = "visits"
    with pytest.raises(UsageError, match="shop__visits"):
        load_declarations(declare(tmp_path, source))


@pytest.mark.parametrize("name", ["is_deleted", "_line", "id"])
def test_a_column_can_not_take_a_name_that_is_taken(tmp_path: Path, name: str) -> None:
    source = shop()
    source["tables"][0]["columns"][1]["name"] = name
    with pytest.raises(UsageError, match="table visits"):
        load_declarations(declare(tmp_path, source))


def test_a_table_or_source_that_is_declared_twice_is_named(tmp_path: Path) -> None:
    source = shop()
    source["tables"] *= 2
    with pytest.raises(UsageError, match="visits is declared twice"):
        load_declarations(declare(tmp_path / "tables", source))
    with pytest.raises(UsageError, match="source shop is declared a second time"):
        load_declarations(declare(tmp_path / "sources", yaml.safe_dump({"sources": [shop(), shop()]})))


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (
            "crm: {extracts: [orders]}",
            ["models/staging/shop/_shop__sources.yml declares visits", "shop: {extracts: [visits]"],
        ),
        ("shop: {extracts: [sales]}", ["_shop__sources.yml declares visits", "add it to its line"]),
        ("shop: {extracts: [visits, sales]}", ["dbt_project.yml has the extract sales of shop", "_shop__sources.yml"]),
        ("shop: {extracts: [visits], record: [orders]}", ["dbt_project.yml: the line of shop", "record: Extra inputs"]),
        ("shop: {records: [orders]}", ["dbt_project.yml: the line of shop", "extracts: Field required"]),
        (
            "shop: {extracts: [visits], records: [order]}",
            ["The line of shop", "brings order, which is no kind of record; kinds are cases, orders."],
        ),
        (
            "shop: {extracts: [visits], records: [orders, cases]}",
            ["brings cases, but models/intermediate/shop/int_shop__cases.sql is missing; write it"],
        ),
    ],
)
def test_a_slip_in_the_line_of_a_source_is_named(tmp_path: Path, line: str, named: list[str]) -> None:
    folder = declare(tmp_path, shop())
    for model in ("orders/int_orders__unioned", "cases/int_cases__unioned", "shop/int_shop__orders"):
        file = folder / "models" / "intermediate" / f"{model}.sql"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    (folder / "dbt_project.yml").write_text(f"vars: {{sources: {{{line}}}}}", encoding="utf-8")
    with pytest.raises(UsageError) as raised:
        load_declarations(folder)
    assert all(text in str(raised.value) for text in named), str(raised.value)
