"""The page of KPI definitions says what the semantic layer computes, and every KPI is explained in it."""

import json
import re
from typing import Any

import pytest
import yaml
from conftest import PROJECT, Run

from pipelines.kpi.definitions import PAGE, PARTS, Family, read_blocks, read_domains, render

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
    assert [family.name for family in families if any(kpi.facts != family.kpis[0].facts for kpi in family.kpis)] == []


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
