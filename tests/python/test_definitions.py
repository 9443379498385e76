"""The page of KPI definitions says what the semantic layer computes, and every KPI is explained in it."""

import json
import re
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml
from conftest import PROJECT, Run

from pipelines import cli
from pipelines.kpi.definitions import MARTS, PAGE, PARTS, Family, read_blocks, read_domains, render
from pipelines.kpi.show import LEVEL_COLUMNS

ROUNDED = 0.0000501


@pytest.fixture(scope="module")
def manifest(demo: Run) -> dict[str, Any]:
    """Dbt's manifest of the demo's run."""
    loaded: dict[str, Any] = json.loads((demo.folder / "var" / "dbt" / "target" / "manifest.json").read_text())
    return loaded


@pytest.fixture(scope="module")
def families(manifest: dict[str, Any]) -> list[Family]:
    """All families of KPIs."""
    return [family for domain in read_domains(manifest) for family in domain.families]


def test_the_page_is_up_to_date(manifest: dict[str, Any]) -> None:
    assert PAGE.read_text(encoding="utf-8") == render(manifest), "run `make definitions`"


def test_every_family_and_domain_has_a_block_and_every_block_one_of_them(manifest: dict[str, Any]) -> None:
    domains = read_domains(manifest)
    expected = {f"domain_{domain.name}" for domain in domains}
    expected |= {f"kpi_{family.name}" for domain in domains for family in domain.families}
    assert set(read_blocks(manifest)) == expected


def test_every_block_has_its_parts_in_order(families: list[Family]) -> None:
    parts = {family.name: re.findall(r"^\*\*([^*]+)\.\*\*", family.block, flags=re.MULTILINE) for family in families}
    assert parts == {family.name: list(PARTS) for family in families}


def test_what_is_shown_once_for_a_family_holds_for_each_of_its_kpis(families: list[Family]) -> None:
    for family in families:
        for kpi in family.kpis:
            assert kpi.facts | {"Levels": ""} == family.facts | {"Levels": ""}, kpi.name
            assert kpi.facts["Levels"] in family.facts["Levels"].replace(" (", "; ").split("; "), kpi.name


def test_worked_examples_are_worked_out(families: list[Family]) -> None:
    sums = [
        (family.name, *numbers)
        for family in families
        for numbers in re.findall(r"(-?[\d.]+) / ([\d.]+) = (-?\d+(?:\.\d+)?)", family.block)
    ]
    assert sums
    wrong = [sum_ for sum_ in sums if abs(float(sum_[1]) / float(sum_[2]) - float(sum_[3])) > ROUNDED]
    assert wrong == []


def test_every_link_leads_somewhere() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert set(re.findall(r"\]\(#(\w+)\)", page)) <= set(re.findall(r'<a id="(\w+)">', page))


def test_what_blocks_name_exists(manifest: dict[str, Any], families: list[Family]) -> None:
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    states = (PROJECT / "seeds" / "settings" / "agent_state_settings.csv").read_text(encoding="utf-8")
    known = {metric["name"] for metric in manifest["metrics"].values()} | {family.name for family in families}
    known |= {name for node in manifest["nodes"].values() for name in [node["name"], *node["columns"]]}
    known |= set(project["vars"]) | set(re.findall(r"\w+", states))
    named = {
        (family.name, name) for family in families for name in re.findall(r"`([a-z]+(?:_[a-z0-9]+)+)`", family.block)
    }
    assert {(family, name) for family, name in named if name not in known} == set()


def test_ccw_kpi_knows_every_level(manifest: dict[str, Any]) -> None:
    levels = {level for metric in manifest["metrics"].values() for level in metric["config"]["meta"].get("levels", [])}
    assert levels == {"organization", *LEVEL_COLUMNS}
    (named,) = re.findall(r'help="Level: (.+)\."', Path(cli.__file__).read_text(encoding="utf-8"))
    assert set(re.split(r", | or ", named)) == levels


def test_a_name_leads_to_its_definition(manifest: dict[str, Any]) -> None:
    """The first step from a KPI to its rule: its name is found in one place, its metric in the semantic YAML."""
    declared = [file.read_text(encoding="utf-8") for file in MARTS.glob("*/_*__semantic.yml")]
    found = {
        metric["name"]: sum(len(re.findall(rf"\bname: {metric['name']}$", text, re.MULTILINE)) for text in declared)
        for metric in manifest["metrics"].values()
        if "levels" in metric["config"]["meta"]
    }
    assert {kpi: times for kpi, times in found.items() if times != 1} == {}


def test_a_definition_leads_to_its_rule(manifest: dict[str, Any]) -> None:
    """The second step: the semantic model names its fact, and what rules of its folder the fact reads."""
    wrong = []
    for semantic_model in manifest["semantic_models"].values():
        (fact,) = semantic_model["depends_on"]["nodes"]
        rules = f"{PurePosixPath(manifest['nodes'][fact]['path']).parent}/intermediate/"
        read = {
            manifest["nodes"][node]["name"]
            for node in manifest["nodes"][fact]["depends_on"]["nodes"]
            if node in manifest["nodes"] and manifest["nodes"][node]["path"].startswith(rules)
        }
        named = set(re.findall(r"int_\w+", semantic_model["description"]))
        # Every fact may need these; no KPI has a rule in them.
        read -= {"int_run__as_of", "int_time__local_days"}
        known = {node.split(".")[-1] for node in upstream(manifest, fact)}
        wrong += [f"{semantic_model['name']} does not name {name}" for name in sorted(read - named)]
        wrong += [f"{semantic_model['name']} names {name}, which is not upstream" for name in sorted(named - known)]
    assert wrong == []


def upstream(manifest: dict[str, Any], node: str) -> set[str]:
    """A model and all that it is made of."""
    found, waiting = set(), [node]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += manifest["parent_map"][name]
    return found
