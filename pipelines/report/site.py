"""Writes the report: pages, scripts, texts and chunks of data, as files that open without a server."""

import base64
import gzip
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.dates import format_datetime
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from pipelines.report import texts
from pipelines.report.database import (
    CHARTED,
    LEVELS,
    as_json,
    exceptions_by_kpi,
    open_database,
    read_catalog,
    read_limits,
    read_members,
    read_table,
    read_values,
    read_variation,
)
from pipelines.report.definitions import explanations
from pipelines.report.pages import KPI_SECTIONS, PAGES, Page, sections_of
from pipelines.report.tables import TABLES, WAIT_BINS

_HERE = Path(__file__).parent
_GZIP_LEVEL = 6
_READ_ONLY = 0o400


class Site:
    """A folder that the report is written into; what is the same in the report before is linked to it."""

    def __init__(self, folder: Path, before: Path | None) -> None:
        """Write into an empty folder; `before` is that of the report before."""
        self.folder = folder
        self.before = before
        self.linked = 0

    def write(self, path: str, content: str | bytes) -> None:
        """Write a file, or link it where the report before has the same."""
        data = content.encode() if isinstance(content, str) else content
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        old = self.before / path if self.before else None
        if old and old.is_file() and old.stat().st_size == len(data) and old.read_bytes() == data:
            try:
                file.hardlink_to(old)
            except OSError:  # a file system without hard links
                shutil.copy2(old, file)
            self.linked += 1
            return
        file.write_bytes(data)
        file.chmod(_READ_ONLY)  # runs share it

    def chunk(self, name: str, content: Any) -> None:
        """Write a chunk of data: a script, since a page that was opened as a file can read nothing else."""
        packed = gzip.compress(as_json(content).encode(), _GZIP_LEVEL, mtime=0)
        self.write(f"data/{name}.js", f'ccw.register({as_json(name)},"{base64.b64encode(packed).decode()}");\n')


def build(database: Path, folder: Path, *, language: str = texts.DEFAULT, before: Path | None = None) -> str:
    """Write the report on a published database into an empty folder, and say what was written.

    The manifest beside the database says as of when it is. `before` is the folder of the report before.

    Raises:
        UsageError: there is no such language.
        duckdb.Error: the database can't be read.

    """
    texts.read(language)
    site = Site(folder, before)
    _write_assets(site)
    with open_database(database) as connection:
        catalog = read_catalog(connection)
        members = read_members(connection)
        levels: dict[str, list[str]] = {}
        for kpi, level, chunk in read_values(connection):
            if level == "agent":  # the largest chunks: who looks at months need not load weeks
                weeks = chunk["grains"].pop("week", None)
                site.chunk(f"{kpi}/agent_week", chunk | {"grains": {"week": weeks} if weeks else {}})
            site.chunk(f"{kpi}/{level}", chunk)
            levels.setdefault(kpi, []).append(level)
        exceptions = exceptions_by_kpi(connection)
        for kpi, table in exceptions.items():
            site.chunk(f"{kpi}/exceptions", table)
        charted: dict[str, list[str]] = {}
        for kpi, level, limits in read_limits(connection):
            site.chunk(f"{kpi}/{level}_limits", limits)
            charted.setdefault(kpi, []).append(level)
        for level in (level for level, grain in CHARTED.items() if grain == "day"):
            site.chunk(f"variation/{level}", read_variation(connection, level))
        for name, sql in TABLES.items():
            site.chunk(f"tables/{name}", read_table(connection, sql))
        landed = read_table(connection, TABLES["landed"])
    site.chunk("members", members)
    for code in texts.codes():
        known = texts.read(code)
        of_kpis = {kpi["kpi"]: texts.of_kpi(kpi, code) for kpi in catalog}
        site.chunk(f"text/{code}", {part: known[part] for part in ("language", "text")} | {"kpis": of_kpis})
    _Pages(
        site, _facts(database, catalog, levels, charted, landed) | {"watched": sorted(exceptions)}, catalog, language
    ).write()
    files = [file for file in folder.rglob("*") if file.is_file()]
    size = sum(file.stat().st_size for file in files)
    return f"{len(files)} files, {size / 1e6:.1f} MB, {site.linked} of them as before"


def _write_assets(site: Site) -> None:
    for file in sorted((_HERE / "assets").iterdir()):
        site.write(f"assets/{file.name}", file.read_bytes())
    for file in sorted((_HERE / "vendor" / "echarts").iterdir()):
        if file.name != "SHA256":
            site.write(f"assets/echarts/{file.name}", file.read_bytes())


def _facts(
    database: Path,
    catalog: list[dict[str, Any]],
    levels: dict[str, list[str]],
    charted: dict[str, list[str]],
    landed: dict[str, list[Any]],
) -> dict[str, Any]:
    """Gather what all pages are told."""
    file = database.with_name("manifest.json")
    manifest = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    newest = max((event for event in landed["newest_event"] if event), default=None)
    as_of = datetime.fromisoformat(manifest.get("as_of") or newest or "1970-01-01T00:00:00")
    return {
        "as_of": as_of.replace(tzinfo=None).isoformat(timespec="seconds"),
        "run": manifest.get("run_id", database.name),
        "code": manifest.get("code_version", "?"),
        "currency": manifest.get("settings", {}).get("reporting_currency", "EUR"),
        "wait_bins": WAIT_BINS,
        "charted_levels": CHARTED,
        "levels": {level: source[0] if source else None for level, source in LEVELS.items()},
        "landed": sorted(
            {name for name, records in zip(landed["table"], landed["current_records"], strict=True) if records}
        ),
        "languages": {code: texts.read(code)["language"] | {"locale": texts.locale(code)} for code in texts.codes()},
        "kpis": {
            kpi["kpi"]: {
                "unit": kpi["unit"],
                "domain": kpi["domain"],
                "family": kpi["family"],
                "direction": kpi["direction"],
                "levels": levels.get(kpi["kpi"], []),
                "reported": kpi["levels"],
                "grains": kpi["period_grains"],
                "headline": kpi["headline_kpi"],
                "minimum": kpi["minimum_sample"],
                "horizon": kpi["horizon_hours"],
                "interval": kpi["interval_method"] != "none",
                "charted": charted.get(kpi["kpi"], []),
            }
            for kpi in catalog
        },
    }


class _Pages:
    """The HTML pages: frames that say everything which needs no data, in the default language."""

    def __init__(self, site: Site, facts: dict[str, Any], catalog: list[dict[str, Any]], language: str) -> None:
        self.site = site
        self.facts = facts
        self.catalog = catalog
        self.language = language
        self.environment = Environment(
            loader=PackageLoader("pipelines.report"),
            autoescape=select_autoescape(default=True, default_for_string=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )

    def write(self) -> None:
        """Write all pages."""
        self.site.write("assets/facts.js", f"ccw.know({as_json(self.facts)});\n")
        for page in PAGES:
            name = "index" if page.name == "overview" else page.name
            self._page(f"{name}.html", page.name, sections_of(page, self.catalog), root="")
        for kpi in self.catalog:
            own = [section | {"kpis": [kpi["kpi"]]} for section in sections_of(Page("kpi", KPI_SECTIONS), self.catalog)]
            self._page(f"kpi/{kpi['kpi']}.html", "kpis", own, root="../", kpi=kpi)

    def _page(
        self, path: str, name: str, sections: list[dict[str, Any]], *, root: str, kpi: dict[str, Any] | None = None
    ) -> None:
        known = texts.read(self.language)
        as_of = datetime.fromisoformat(self.facts["as_of"])
        config = {"page": name, "root": root, "language": self.language, "sections": sections}
        html = self.environment.get_template("kpi.html.j2" if kpi else "page.html.j2").render(
            name=name,
            root=root,
            kpi=kpi,
            kpi_text=texts.of_kpi(kpi, self.language) if kpi else None,
            # Explanation and config are escaped where they are made: by markdown-it, and by as_json.
            explanation=Markup(explanations().get(kpi["family"], "")) if kpi else "",
            sections=sections,
            pages=[page.name for page in PAGES],
            language=self.language,
            languages=self.facts["languages"],
            direction=known["language"]["direction"],
            text=known["text"],
            as_of=format_datetime(
                as_of.replace(tzinfo=UTC), "long", tzinfo=UTC, locale=texts.babel_locale(self.language)
            ),
            facts=self.facts,
            config=Markup(as_json(config | ({"kpi": kpi["kpi"]} if kpi else {}))),
        )
        self.site.write(path, html)
