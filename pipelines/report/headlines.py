"""The headline numbers that a run ends with, as a table on the terminal."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent
from babel.units import format_unit
from rich.console import Console
from rich.table import Table

from pipelines.publish import DATABASE
from pipelines.publish.manifest import load_manifest
from pipelines.report import texts
from pipelines.report.database import open_database, read_catalog
from pipelines.report.pages import HEADLINES, expand

_SHOWN = 5
_TREND = 8  # weeks
_BARS = "▁▂▃▄▅▆▇█"
_TWO_MINUTES, _TWO_HOURS = 120, 7200


@dataclass(frozen=True)
class Headline:
    """A headline number: the newest week that has ended, and the weeks up to it.

    `meets` is None without a target, or where the sample is too small to judge.
    """

    kpi: str
    name: str
    unit: str
    week: date
    value: float
    target: float | None
    meets: bool | None
    trend: list[float]


def read_headlines(database: Path, as_of: datetime, language: str) -> list[Headline]:
    """Read the first headline numbers that have a value, of channels in real time where the catalogue says so."""
    found: list[Headline] = []
    with open_database(database) as connection:
        catalog = {kpi["kpi"]: kpi for kpi in read_catalog(connection)}
        for kpi in expand(HEADLINES, list(catalog)):
            for shown in dict.fromkeys((catalog[kpi]["headline_kpi"], kpi)):
                rows = _weeks(connection, shown, as_of)
                if rows:
                    break
            if rows and len(found) < _SHOWN:
                week, value, target, meets = rows[-1]
                name = texts.of_kpi(catalog[shown], language)["name"]
                trend = [row[1] for row in rows[-_TREND:]]
                found.append(Headline(shown, name, catalog[kpi]["unit"], week, value, target, meets, trend))
    return found


def _weeks(connection: duckdb.DuckDBPyConnection, kpi: str, as_of: datetime) -> list[tuple[Any, ...]]:
    """Read the weeks of the whole organization that have ended, with value, target and whether it was met."""
    return connection.execute(
        """
        select period_start, value, target, meets_target from marts.kpi_values
        where kpi = ? and level = 'organization' and period_grain = 'week' and period_start <= ?
            and value is not null
        order by period_start
        """,
        [kpi, as_of.date() - timedelta(days=7)],
    ).fetchall()


def print_headlines(run: Path, language: str, console: Console, report: Path | None = None) -> None:
    """Print the headline numbers of a published run with target and trend, and where its report is."""
    report = report or run / "report"
    if not report.is_dir():
        return
    manifest = load_manifest(run)
    text = texts.read(language)["text"]
    currency = str(manifest.settings.get("reporting_currency", "EUR"))
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for key in ("value", "target"):
        table.add_column(text[key], justify="right")
    for key in ("", "trend", "headline_period"):
        table.add_column(text.get(key, ""))
    for line in read_headlines(run / DATABASE, manifest.as_of, language):
        met = {None: "", True: text["target_met"], False: text["target_missed"]}[line.meets]
        table.add_row(
            line.name,
            in_words(line.value, line.unit, language, currency),
            "" if line.target is None else in_words(line.target, line.unit, language, currency),
            met,
            sparkline(line.trend),
            format_date(line.week, "medium", locale=texts.babel_locale(language)),
        )
    if table.row_count:
        console.print(table)
    console.print(text["report_is_in"].format(path=report / "index.html"), soft_wrap=True)


def in_words(value: float, unit: str, language: str, currency: str) -> str:
    """Write a value in its unit: shares in percent, times in the unit that a reader thinks in."""
    locale = texts.babel_locale(language)
    if unit == "share":
        return str(format_percent(value, "#,##0.0%", locale=locale))
    if unit == "money":
        return str(format_currency(value, currency, locale=locale))
    if unit == "seconds":
        name, size = next(
            (
                of
                for of in (("hour", 3600), ("minute", 60))
                if abs(value) >= {3600: _TWO_HOURS, 60: _TWO_MINUTES}[of[1]]
            ),
            ("second", 1),
        )
        return str(format_unit(round(value / size, 1), name, "short", locale=locale))
    return str(format_decimal(value, "#,##0.##" if unit in {"score", "ratio"} else "#,##0.#", locale=locale))


def sparkline(values: list[float]) -> str:
    """Draw values as bars of text, from the lowest to the highest."""
    low, high = min(values), max(values)
    steps = len(_BARS) - 1
    return "".join(_BARS[round((value - low) / (high - low) * steps) if high > low else steps // 2] for value in values)
