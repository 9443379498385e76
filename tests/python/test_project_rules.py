"""Rules of the house: everything is described, contracts are enforced, keys are tested, the layers flow one way."""

import json
import re
from typing import Any

import pytest
from conftest import PROJECT, Run

Node = dict[str, Any]


@pytest.fixture(scope="module")
def manifest(demo: Run) -> dict[str, Any]:
    """Dbt's manifest of the demo's run."""
    loaded: dict[str, Any] = json.loads((demo.folder / "var" / "dbt" / "target" / "manifest.json").read_text())
    return loaded


@pytest.fixture(scope="module")
def models(manifest: dict[str, Any]) -> list[Node]:
    """All models."""
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def test_everything_is_described(manifest: dict[str, Any], models: list[Node]) -> None:
    own = "contact_centre_warehouse"
    sources = list(manifest["sources"].values())
    seeds = [node for node in manifest["nodes"].values() if node["resource_type"] == "seed"]
    macros = [macro for macro in manifest["macros"].values() if macro["package_name"] == own]
    missing = [node["name"] for node in [*models, *sources, *seeds, *macros] if not node["description"].strip()]
    missing += [
        f"{node['name']}.{column['name']}"
        for node in [*models, *sources, *seeds]
        for column in node["columns"].values()
        if not column["description"].strip()
    ]
    missing += [
        f"{macro['name']}({argument['name']})"
        for macro in macros
        for argument in macro["arguments"]
        if not (argument.get("description") or "").strip()
    ]
    missing += [metric["name"] for metric in manifest["metrics"].values() if not metric["description"]]
    assert missing == []


def test_every_argument_of_a_macro_is_documented(manifest: dict[str, Any]) -> None:
    undocumented = []
    for macro in manifest["macros"].values():
        if macro["package_name"] != "contact_centre_warehouse":
            continue
        signature = re.search(r"(?:macro|test)\s+\w+\(([^)]*)\)", macro["macro_sql"])
        named = {part.split("=")[0].strip() for part in signature[1].split(",") if part.strip()} if signature else set()
        documented = {argument["name"] for argument in macro["arguments"]}
        undocumented += [f"{macro['name']}({name})" for name in named - documented]
    assert undocumented == []


def test_every_contract_is_enforced(models: list[Node]) -> None:
    assert [model["name"] for model in models if not model["contract"]["enforced"]] == []


def test_every_key_is_tested(manifest: dict[str, Any], models: list[Node]) -> None:
    """Of every table and every extract; a view in between is tested with the table that is made of it.

    The components of KPIs are tested with their sums, whose key is that of all of them together.
    """
    tested = {
        node["attached_node"]
        for node in manifest["nodes"].values()
        if (node.get("test_metadata") or {}).get("name") in {"unique_key", "one_row"}
    }
    keyed = [
        model
        for model in models
        if model["config"]["materialized"] in {"table", "incremental"} or model["schema"] == "staging"
    ]
    untested = {model["name"] for model in keyed if model["unique_id"] not in tested}
    assert {name for name in untested if not name.startswith("int_kpi_components__")} == set()


def test_staging_names_the_declared_columns(manifest: dict[str, Any], models: list[Node]) -> None:
    declared = {
        f"stg_{table['source_name']}__{table['name']}": list(table["columns"]) for table in manifest["sources"].values()
    }
    staged = {model["name"]: list(model["columns"]) for model in models if model["schema"] == "staging"}
    assert staged == declared


def test_only_staging_reads_raw_data(manifest: dict[str, Any], models: list[Node]) -> None:
    """Besides it only what counts or checks what landed: staging has no old versions any more."""
    extracts = set(manifest["sources"]) | {
        node["unique_id"] for node in manifest["nodes"].values() if node["schema"] == "demo"
    }
    readers = [model for model in models if extracts & set(model["depends_on"]["nodes"])]
    assert {model["name"] for model in readers if model["schema"] != "staging"} == {
        "int_checks__freshness",
        "int_checks__load_identification",
        "int_checks__load_values",
        "int_data_quality__loads",
        "int_data_quality__rejected",
    }


def test_a_model_lies_in_the_folder_of_its_layer(models: list[Node]) -> None:
    prefixes = {"staging": "stg_", "intermediate": "int_", "marts": ""}

    def layer(folders: list[str]) -> str:
        return "intermediate" if "intermediate" in folders else folders[0]

    misplaced = [
        model["path"]
        for model in models
        if layer(model["path"].split("/")) != model["schema"]
        or not model["name"].startswith(prefixes[model["schema"]])
        or (model["schema"] == "marts" and model["name"].startswith(("stg_", "int_")))
    ]
    assert misplaced == []


def test_no_model_calls_the_clock_or_names_an_engine() -> None:
    forbidden = ("current_timestamp", "current_date", "now()", "today()", "duckdb", "spark")
    found = [
        (file.name, word)
        for file in (PROJECT / "models").rglob("*.sql")
        for word in forbidden
        if word in file.read_text().lower()
    ]
    assert found == []
