"""Renders docs/kpi-definitions.md, so that it says what the semantic layer computes; the report's words too.

What a KPI is comes from dbt's manifest: its metric, its measures, and the doc block of its family, `kpi_<family>`. The
blocks lie beside the semantic YAML, one Markdown file a domain, in the order in which the page shows them.
"""

import csv
import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipelines.report.words import ENGLISH, with_words
from pipelines.settings import PROJECT_DIR

MANIFEST = PROJECT_DIR / "target" / "manifest.json"
PAGE = PROJECT_DIR / "docs" / "kpi-definitions.md"
TARGETS = PROJECT_DIR / "seeds" / "settings" / "kpi_targets.csv"
MARTS = PROJECT_DIR / "models" / "marts"
BLOCKS = "__kpis.md"

DOMAINS = {
    "resolution": "Resolution",
    "accessibility": "Accessibility",
    "handling": "Handling",
    "workforce": "Workforce",
    "experience": "Experience",
    "quality": "Quality",
    "sales": "Sales",
    "self_service": "Self-service",
    "cost": "Cost",
    "people": "People",
    "backlog": "Backlog",
}
PARTS = ("What it tells", "Worked example", "Settings", "Elsewhere")
DIRECTIONS = {"higher": "higher is better", "lower": "lower is better", "none": "neither high nor low is better"}
INTERVALS = {"wilson": "95 %, Wilson", "normal": "95 %, normal, from the values' own variance", "none": "none"}
LONGEST_IN_HOURS = 168


@dataclass(frozen=True)
class Kpi:
    """One KPI: its metric in words. `horizon_hours` is how long after its period's end a value can still change."""

    name: str
    label: str
    description: str
    numerator: str
    denominator: str
    sample: str | None
    meta: dict[str, Any]

    @property
    def final_after(self) -> str:
        """The horizon: hours up to a week, else days."""
        hours = int(self.meta["horizon_hours"])
        if hours == 0:
            return "at once"
        return f"{hours} h" if hours <= LONGEST_IN_HOURS else f"{hours / 24:g} days"

    @property
    def facts(self) -> dict[str, str]:
        """What readers look up: unit, direction, levels, periods, interval and samples."""
        minimum = self.meta["minimum_sample"]
        facts = {
            "Unit": f"{self.meta['unit']}, {DIRECTIONS[self.meta['direction']]}",
            "Levels": ", ".join(self.meta["levels"]),
            "Periods": ", ".join(self.meta.get("period_grains", ["day", "week", "month"])).replace("_", " "),
            "Interval": INTERVALS[self.meta["interval"]],
            "Low sample": f"below {minimum}" if minimum else "never",
        }
        if self.meta["scale"] != 1:
            facts["Value"] = f"{self.meta['scale']} * numerator / denominator"
        if self.sample:
            facts["Sample"] = self.sample
        if "suppress_below" in self.meta:
            facts["Suppressed"] = f"below {self.meta['suppress_below']} answers"
        return facts


@dataclass(frozen=True)
class Row:
    """What is said of one KPI, or of several that differ in their window of W hours only."""

    kpis: list[str]
    description: str
    numerator: str
    denominator: str
    final_after: str


@dataclass(frozen=True)
class Family:
    """KPIs that differ in one thing only, such as the windows of fcr, with what is said of all of them."""

    name: str
    kpis: list[Kpi]
    targets: list[str]
    block: str

    @property
    def label(self) -> str:
        """What the labels of its KPIs begin with."""
        label = self.kpis[0].label
        return label.split(", ", maxsplit=1)[0] if len(self.kpis) > 1 else label

    @property
    def facts(self) -> dict[str, str]:
        """What holds for all of its KPIs, and their levels: each one's, where they differ."""
        kpis_of: dict[str, list[str]] = defaultdict(list)
        for kpi in self.kpis:
            kpis_of[kpi.facts["Levels"]].append(kpi.name)
        several = len(kpis_of) > 1
        levels = (f"{levels} (`{'`, `'.join(kpis)}`)" if several else levels for levels, kpis in kpis_of.items())
        return self.kpis[0].facts | {"Levels": "; ".join(levels)}

    @property
    def rows(self) -> list[Row]:
        """One row a KPI; KPIs of several windows share one that speaks of W hours."""
        names: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for kpi in self.kpis:
            texts: tuple[str, ...] = (kpi.description, kpi.numerator, kpi.denominator, kpi.final_after)
            window = re.search(r"_(\d+)h$", kpi.name)
            if window and len(self.kpis) > 1:
                texts = tuple(re.sub(rf"\b{window[1]} h\b", "W h", text) for text in texts)
            names[texts].append(kpi.name)
        return [Row(kpis, *texts) for texts, kpis in names.items()]


@dataclass(frozen=True)
class Domain:
    """A part of the page."""

    name: str
    block: str
    families: list[Family]

    @property
    def label(self) -> str:
        """Its heading."""
        return DOMAINS.get(self.name, self.name.replace("_", " ").capitalize())


def render(manifest: dict[str, Any]) -> str:
    """The page, from a manifest of the project as it is checked out."""
    environment = Environment(
        loader=PackageLoader("pipelines.kpi"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("kpi_definitions.md.j2").render(domains=read_domains(manifest))


def read_domains(manifest: dict[str, Any]) -> list[Domain]:
    """Everything that the page shows, in its order."""
    metrics = {metric["name"]: metric for metric in manifest["metrics"].values()}
    measures = {
        measure["name"]: measure
        for semantic_model in manifest["semantic_models"].values()
        for measure in semantic_model["measures"]
    }
    blocks, targets = read_blocks(manifest), _read_targets()
    families: dict[tuple[str, str], list[Kpi]] = defaultdict(list)
    for name in sorted(metrics, key=_natural):
        meta = metrics[name]["config"]["meta"]
        if "levels" in meta:
            families[meta["domain"], meta["family"]].append(_read_kpi(metrics[name], metrics, measures))
    return [
        Domain(
            name=domain,
            block=blocks.get(f"domain_{domain}", ""),
            families=[
                Family(
                    name=family,
                    kpis=families[domain, family],
                    targets=targets[family],
                    block=blocks.get(f"kpi_{family}", ""),
                )
                for family in _in_order((family for of, family in families if of == domain), _order_of_blocks(domain))
            ],
        )
        for domain in _in_order({domain for domain, _ in families}, list(DOMAINS))
    ]


def read_blocks(manifest: dict[str, Any]) -> dict[str, str]:
    """The doc blocks of families (`kpi_…`) and domains (`domain_…`) by name."""
    return {
        block["name"]: block["block_contents"].strip()
        for block in manifest["docs"].values()
        if block["name"].startswith(("kpi_", "domain_")) and block["original_file_path"].endswith(BLOCKS)
    }


def _read_kpi(metric: dict[str, Any], metrics: dict[str, Any], measures: dict[str, Any]) -> Kpi:
    """The KPI of a metric; its sides are found as macros/kpi/kpi_definitions.sql finds them."""

    def measure_of(name: str) -> dict[str, Any]:
        measure: dict[str, Any] = measures[metrics[name]["type_params"]["measure"]["name"]]
        return measure

    meta = metric["config"]["meta"]
    ratio = metrics[metric["type_params"]["metrics"][0]["name"]] if metric["type"] == "derived" else metric
    if ratio["type"] == "ratio":
        numerator = measure_of(ratio["type_params"]["numerator"]["name"])
        denominator = measure_of(ratio["type_params"]["denominator"]["name"])["description"]
    else:
        numerator = measure_of(metric["name"])
        denominator = "The same of all members together." if meta.get("is_share_of_total") else "1"
    return Kpi(
        name=metric["name"],
        label=metric["label"],
        description=metric["description"].strip(),
        numerator=numerator["description"].strip(),
        denominator=denominator.strip(),
        sample=measure_of(meta["sample"])["description"].strip() if "sample" in meta else None,
        meta=meta,
    )


def _read_targets() -> dict[str, list[str]]:
    """The targets that ship, in words, by KPI or family."""
    targets = defaultdict(list)
    with TARGETS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            member = " ".join(row["level_id"].split("_"))
            of = "" if row["level"] == "organization" else f" ({row['level']} {member})".replace(" )", ")")
            targets[row["kpi"]].append(row["target"] + of)
    return targets


def _order_of_blocks(domain: str) -> list[str]:
    """The families in the order in which the domain's Markdown file describes them."""
    files = MARTS.glob(f"*/_{domain}{BLOCKS}")
    return [name for file in files for name in re.findall(r"{% docs kpi_(\w+) %}", file.read_text(encoding="utf-8"))]


def _in_order(names: Iterable[str], order: list[str]) -> list[str]:
    """The names in a given order, and those that it lacks after them."""
    return sorted(names, key=lambda name: (order.index(name) if name in order else len(order), name))


def _natural(name: str) -> list[tuple[int, str]]:
    """A key that sorts fcr_72h before fcr_168h."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


if __name__ == "__main__":
    _manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
    PAGE.write_text(render(_manifest), encoding="utf-8")
    _kpis = [kpi for domain in read_domains(_manifest) for family in domain.families for kpi in family.kpis]
    ENGLISH.write_text(with_words(ENGLISH.read_text(encoding="utf-8"), _kpis), encoding="utf-8")
