"""Rules of the house: everything is described, contracts are enforced, keys are tested, the layers flow one way."""

import json
import re
from pathlib import PurePosixPath
from typing import Any

import pytest
import yaml
from conftest import PROJECT, every_source_on, run_dbt

Node = dict[str, Any]

# From the first to the last; what lies between core and kpis is a KPI domain.
LAYERS = ["staging", "intermediate", "core", "a KPI domain", "kpis"]

# What a model may read although the rules below forbid it, by its own domain or name and what it reads, and why.
ALLOWED = {
    ("accessibility", "handling"): "a half hour of a queue has the handle time of its visits beside their waits",
    ("live", "accessibility"): "the day so far is that of the KPIs",
    ("workforce", "accessibility"): "a forecast is compared with the visits that came",
    ("int_data_quality__extracts", "staging"): "what became of each extract is counted extract by extract",
    ("int_live__queue_visits", "dim_queues"): "every queue has a status, one that is not listed too",
    ("queue_status", "dim_queues"): "every queue has a status, one that is not listed too",
    ("int_checks__key_tables", "dim_channels"): "a check counts its rows",
    ("int_checks__key_tables", "dim_dates"): "a check counts its rows",
}


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Dbt's manifest with the models of all sources."""
    folder = tmp_path_factory.mktemp("parsed")
    outcome = run_dbt("parse", folder / "warehouse.duckdb", every_source_on())
    assert outcome.returncode == 0, outcome.stdout[-3000:]
    loaded: dict[str, Any] = json.loads((folder / "target" / "manifest.json").read_text())
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
        if (node.get("test_metadata") or {}).get("name") in {"unique_key", "one_row", "legal_extract"}
    }
    keyed = [
        model
        for model in models
        if model["config"]["materialized"] in {"table", "incremental_by_key"} or model["schema"] == "staging"
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
        "int_checks__day_strangers",
        "int_checks__freshness",
        "int_checks__load_counts",
        "int_checks__load_lookalikes",
        "int_checks__load_values",
        "int_data_quality__conflicts",
        "int_data_quality__hours",
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


def area(model: Node) -> str:
    """The layer of a model or, within the marts, its domain."""
    folders = PurePosixPath(model["path"]).parts
    return folders[1] if folders[0] == "marts" else folders[0]


def rank(model: Node) -> int:
    """Where the model's layer stands among LAYERS."""
    name = area(model)
    return LAYERS.index(name if name in LAYERS else "a KPI domain")


@pytest.fixture(scope="module")
def edges(models: list[Node]) -> list[tuple[Node, Node]]:
    """Each model with each model that it reads."""
    by_id = {model["unique_id"]: model for model in models}
    return [(model, by_id[name]) for model in models for name in model["depends_on"]["nodes"] if name in by_id]


def test_layers_only_look_back(edges: list[tuple[Node, Node]]) -> None:
    wrong = [
        f"{reader['original_file_path']} is of {LAYERS[rank(reader)]} and reads {read['name']} of {LAYERS[rank(read)]}"
        f": move what it needs of {read['original_file_path']} down to {LAYERS[rank(reader)]}, or itself up."
        for reader, read in edges
        if rank(read) > rank(reader)
    ]
    assert not wrong, "\n".join(wrong)


def test_only_intermediate_reads_staging(edges: list[tuple[Node, Node]]) -> None:
    wrong = [
        f"{reader['original_file_path']} reads {read['name']}: let it read the union of its kind of record, "
        "models/intermediate/<kind>/int_<kind>__unioned.sql."
        for reader, read in edges
        if area(read) == "staging" and rank(reader) > LAYERS.index("intermediate")
        if (reader["name"], "staging") not in ALLOWED
    ]
    assert not wrong, "\n".join(wrong)


def test_domains_do_not_read_each_other(edges: list[tuple[Node, Node]]) -> None:
    domain = LAYERS.index("a KPI domain")
    wrong = [
        f"{reader['original_file_path']} reads {read['name']} of the domain {area(read)}: move the rule that both "
        "need to models/marts/core/intermediate, or give a reason in ALLOWED of tests/python/test_project_rules.py."
        for reader, read in edges
        if rank(reader) == rank(read) == domain and area(reader) != area(read)
        if (area(reader), area(read)) not in ALLOWED
    ]
    assert not wrong, "\n".join(wrong)


def test_dimensions_are_leaves(edges: list[tuple[Node, Node]]) -> None:
    wrong = [
        f"{reader['original_file_path']} reads {read['name']}, which holds unlisted members too: look up what is "
        "listed with a macro of macros/places/places.sql, or in the union of its kind."
        for reader, read in edges
        if read["name"].startswith("dim_") and (reader["name"], read["name"]) not in ALLOWED
    ]
    assert not wrong, "\n".join(wrong)


def test_every_allowed_exception_is_needed(edges: list[tuple[Node, Node]]) -> None:
    there = {
        (reading, read_as)
        for reader, read in edges
        for reading in (area(reader), reader["name"])
        for read_as in (area(read), read["name"])
    }
    assert ALLOWED.keys() - there == set()


def test_every_allowed_exception_stands_in_the_architecture() -> None:
    rows = re.findall(r"^\| (.+?) \| (.+?) \|", (PROJECT / "docs" / "architecture.md").read_text("utf-8"), re.MULTILINE)
    named = {
        (reader.strip(" `"), read.strip(" `"))
        for readers, reads in rows
        for reader in readers.split(",")
        for read in reads.split(",")
    }
    assert ALLOWED.keys() - named == set()


def test_a_vendor_is_named_in_its_folders_its_line_and_its_switches_only() -> None:
    """Unit tests aside. The switches leave its models out until something of it has landed."""
    text = (PROJECT / "dbt_project.yml").read_text(encoding="utf-8")
    project = yaml.safe_load(text)
    layers = project["models"][project["name"]]
    for vendor in (name for name, line in project["vars"]["sources"].items() if "records" in line):
        switch = {"+enabled": f"{{{{ var('{vendor}_enabled', false) }}}}"}
        for layer in ("staging", "intermediate"):
            assert layers[layer].get(vendor) == switch, (
                f"dbt_project.yml builds models/{layer}/{vendor} where nothing of it has landed: "
                f"add {vendor}: {switch} to models, {layer}."
            )
        assert text.count(vendor) == 1 + 2 * 2, (
            f"dbt_project.yml names {vendor} outside its line of the var sources and its switches: derive it."
        )
        own = {PROJECT / "models" / layer / vendor for layer in ("staging", "intermediate")}
        wrong = [
            f"{file.relative_to(PROJECT)} names {vendor}: derive what it needs from the var sources (macros/sources)."
            for folder in ("models", "macros", "pipelines", "seeds")
            for file in sorted((PROJECT / folder).rglob("*"))
            if file.suffix in {".sql", ".yml", ".md", ".py", ".csv", ".j2"}
            and not own & set(file.parents)
            and not file.name.endswith("_unit_tests.yml")
            and vendor in file.read_text(encoding="utf-8")
        ]
        assert not wrong, "\n".join(wrong)


def test_no_model_calls_the_clock_or_names_an_engine() -> None:
    forbidden = ("current_timestamp", "current_date", "now()", "today()", "duckdb", "spark")
    found = [
        (file.name, word)
        for file in (PROJECT / "models").rglob("*.sql")
        for word in forbidden
        if word in file.read_text().lower()
    ]
    assert found == []


def test_incremental_models_that_make_pseudonyms_depend_on_the_key(models: list[Node]) -> None:
    """Another secret key makes all pseudonyms again: such a model reads the one that tells one key from another."""
    key = "model.contact_centre_warehouse.int_identity__pseudonym_key"
    makers = [
        model
        for model in models
        if model["config"]["materialized"] == "incremental_by_key" and "pseudonym(" in model["raw_code"]
    ]
    assert len(makers) > 1
    assert [model["name"] for model in makers if key not in model["depends_on"]["nodes"]] == []


def test_a_vendors_records_say_what_changed_as_the_plain_extract_does(models: list[Node]) -> None:
    """Readers of a kind of record follow changes by columns that every source must record (macros/incremental)."""
    recorded = {}
    for node in models:
        if node["config"]["materialized"] == "incremental_by_key":
            said = node["config"]["meta"]["incremental"]
            recorded[node["unique_id"]] = {*said.get("key", []), *said.get("records", [])}
    lacking: dict[str, set[str]] = {}
    compared = set()
    for node in models:
        parents = [parent for parent in node["depends_on"]["nodes"] if parent in recorded]
        plain = [recorded[parent] for parent in parents if ".stg_" in parent]
        if node["name"].endswith("__unioned") and plain:
            expected = set.union(*plain)
            compared.add(node["name"])
            lacking |= {parent: expected - recorded[parent] for parent in parents if expected - recorded[parent]}
    assert lacking == {}
    assert {"int_contact_legs__unioned", "int_agent_states__unioned", "int_cases__unioned"} <= compared
