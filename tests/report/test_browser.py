"""The report in Chromium: every page in every language, at both widths, light and dark; filters, details, print, http.

`make report-test` runs it. Without Chromium it is skipped.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import duckdb
import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page

from pipelines.report import texts
from pipelines.report.pages import PAGES

if TYPE_CHECKING:
    from sites import Report

pytest_plugins = ["sites"]

NAMES = ["index" if page.name == "overview" else page.name for page in PAGES]
WIDTHS = (360, 1440)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
AXE = Axe()

# What no reader may see: a key of a text, or a name in braces that nothing filled.
UNTRANSLATED = r"\b(section|page|about|says|empty|level|grain|extract|variation|assurance|verdict)_[a-z_]+\b|\{\w+\}"

# Elements whose words are cut off.
CLIPPED = """
() => [...document.querySelectorAll("h1, h2, h3, button, summary, label span, nav a, .mark, .badge, .target-line")]
  .filter((one) => one.offsetParent && getComputedStyle(one).overflowX !== "visible")
  .filter((one) => one.scrollWidth > one.clientWidth + 1)
  .filter((one) => !one.closest(".hidden, .skip, .settings"))
  .map((one) => one.textContent)
"""


@contextmanager
def opened(browser: Browser, width: int = 1440, scheme: Any = "light") -> Iterator[tuple[Page, list[str]]]:
    """Open a tab, with the list of all that goes wrong in it."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, accept_downloads=True)
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda told: wrong.append(told.text) if told.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request",
        lambda request: (
            None if re.match(r"file:|data:|blob:|http://127\.0\.0\.1", request.url) else wrong.append(request.url)
        ),
    )
    yield page, wrong
    context.close()


def go(page: Page, address: str) -> None:
    """Open an address, and wait until all of it is drawn."""
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector("html[data-ready]", timeout=30_000)


def problems(page: Page, width: int, *, with_axe: bool = True) -> list[str]:
    """Find what is wrong with a page that is open."""
    found = [f"untranslated: {match[0]}" for match in re.finditer(UNTRANSLATED, page.inner_text("body"))]
    found += [f"cut off: {text}" for text in page.evaluate(CLIPPED)]
    if page.evaluate("document.documentElement.scrollWidth") > width:
        found.append("it scrolls sideways")
    if not with_axe:
        return found
    # Without preload: axe would read the style sheets by itself, which the security policy forbids.
    for violation in AXE.run(page, options={"preload": False}).response["violations"]:
        found.append(f"{violation['id']}: {[node['html'][:200] for node in violation['nodes'][:3]]}")
    return found


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", texts.codes())
def test_every_page(browser: Browser, demo: Report, language: str, width: int) -> None:
    """Axe looks at each page once in light and once in dark: over the languages, at both widths in both."""
    looked_at = SCHEMES[(texts.codes().index(language) + WIDTHS.index(width)) % 2]
    found = {}
    with opened(browser, width) as (page, wrong):
        for name in NAMES:
            page.emulate_media(color_scheme="light")
            go(page, f"file://{demo.site}/{name}.html#lang={language}")
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                found[name, scheme] = [*problems(page, width, with_axe=scheme == looked_at), *wrong]
                wrong.clear()
    assert {name: list(of) for name, of in found.items() if of} == {}


def test_every_kpi(browser: Browser, demo: Report) -> None:
    found = {}
    files = sorted((demo.site / "kpi").glob("*.html"))
    for turn in range(4):
        width, scheme = WIDTHS[turn % 2], SCHEMES[turn // 2]
        with opened(browser, width, scheme) as (page, wrong):
            for number, file in list(enumerate(files))[turn::4]:
                language = texts.codes()[number % len(texts.codes())]
                go(page, f"file://{file}#lang={language}&grain={('day', 'week', 'month')[number % 3]}")
                found[file.stem] = [*problems(page, width), *wrong]
                wrong.clear()
    assert found.keys() == {file.stem for file in files}
    assert {name: list(of) for name, of in found.items() if of} == {}


@pytest.mark.parametrize("width", WIDTHS)
def test_names_that_are_hard_to_show(browser: Browser, nasty: Report, width: int) -> None:
    found = {}
    with opened(browser, width) as (page, wrong):
        for name in ("index", "accessibility", "handling", "teams", "journeys", "kpi/service_level"):
            go(page, f"file://{nasty.site}/{name}.html#level=queue")
            assert page.locator("b[onclick]").count() == 0
            found[name] = [*problems(page, width), *wrong]
    assert {name: list(of) for name, of in found.items() if of} == {}


@pytest.mark.parametrize("width", WIDTHS)
def test_five_thousand_queues(browser: Browser, crowded: Report, width: int) -> None:
    found = {}
    with opened(browser, width, "dark") as (page, wrong):
        for name in ("index", "resolution", "accessibility", "handling", "kpi/service_level"):
            # Axe would look at each of the 5,000 options of the filter, for a minute; it has seen the others.
            go(page, f"file://{crowded.site}/{name}.html#level=queue")
            found[name] = [*problems(page, width, with_axe=False), *wrong]
        assert page.locator("#filter-member option").count() > 5_000
        assert "40 of 5," in page.inner_text("#section-1")
    assert {name: list(of) for name, of in found.items() if of} == {}


@pytest.mark.parametrize("width", WIDTHS)
def test_one_day_of_one_channel_without_targets_or_surveys(browser: Browser, sparse: Report, width: int) -> None:
    found = {}
    with opened(browser, width) as (page, wrong):
        for name in [*NAMES, "kpi/csat", "kpi/service_level"]:
            go(page, f"file://{sparse.site}/{name}.html#grain=day")
            found[name] = [*problems(page, width), *wrong]
            wrong.clear()
            if name == "index":
                assert "Only noise" not in page.inner_text("#content")
                assert "No usual range is known yet" in page.inner_text("#section-2")
            if name == "experience":
                assert "no survey extract has landed" in page.inner_text("#content")
    assert {name: list(of) for name, of in found.items() if of} == {}


def test_filters_show_the_numbers_of_kpi_values(browser: Browser, demo: Report) -> None:
    """With the digits that the report has of them: six of a value, three decimals of its parts."""
    with duckdb.connect(str(demo.database), read_only=True) as connection:
        series = connection.execute(
            """
            select kpi, level, level_id, period_grain, list(period_start::varchar order by period_start desc),
                list(value order by period_start desc), list(numerator order by period_start desc),
                list(denominator order by period_start desc)
            from contact_centre.marts.kpi_values
            where not (level = 'agent' and period_grain = 'day') and level != 'organization' and value is not null
            group by all having count(*) >= 5 order by all
            """
        ).fetchall()
    compared = 0
    with opened(browser) as (page, wrong):
        for kpi, level, member, grain, *columns in random.Random(7).sample(series, 20):
            go(page, f"file://{demo.site}/kpi/{kpi}.html#level={level}&member={member}&grain={grain}")
            page.locator("#section-0 summary").click()
            page.wait_for_selector("#section-0 tbody tr")
            shown = page.eval_on_selector_all(
                "#section-0 tbody tr", "rows => rows.map((row) => [...row.children].map((cell) => cell.textContent))"
            )
            expected = [
                page.evaluate(
                    "([kpi, grain, day, value, numerator, denominator]) => [ccw.period(grain, ccw.dayOf(day)),"
                    " ccw.kpiValue(kpi, Number(value.toPrecision(6))),"
                    " ccw.number(Number(numerator.toFixed(3)), 3), ccw.number(Number(denominator.toFixed(3)), 3)]",
                    [kpi, grain, *row],
                )
                for row in list(zip(*columns, strict=True))[:10]
            ]
            assert [[row[0], row[2], row[5], row[6]] for row in shown[: len(expected)]] == expected, (
                kpi,
                level,
                member,
            )
            compared += 3 * len(expected)
        assert wrong == []
    assert compared >= 200


def test_a_value_opens_to_its_parts(browser: Browser, demo: Report) -> None:
    with opened(browser) as (page, wrong):
        go(page, f"file://{demo.site}/index.html")
        page.locator("button.big").first.click()
        dialog = page.locator("dialog[open]")
        for text in ("Numerator", "Denominator", "95 % interval", "Target"):
            assert text in dialog.inner_text()
        assert problems(page, 1440) == []
        page.keyboard.press("Escape")
        assert page.locator("dialog[open]").count() == 0
        assert wrong == []


def test_a_chart_of_days_has_its_limits(browser: Browser, demo: Report) -> None:
    with duckdb.connect(str(demo.database), read_only=True) as connection:
        days, outside = connection.execute(
            """
            select count(*), count(rule) from contact_centre.marts.kpi_control_limits
            where kpi = 'service_level' and level_id = 'skylark'
            """
        ).fetchall()[0]
    with opened(browser) as (page, wrong):
        go(page, f"file://{demo.site}/kpi/service_level.html#level=client&member=skylark&grain=day")
        assert f"Days outside the usual range: {outside} of {days}." in page.inner_text("#section-0")
        names = page.evaluate("ccw.charts.shown[0].instance.getOption().series.map((one) => one.name)")
        assert names.count("Usual range") == 2
        assert names.count("Expected") == 1
        shown = page.evaluate(
            "ccw.charts.shown[0].instance.getOption().series.filter((one) => one.name === 'Expected')[0]"
            ".data.filter((value) => value !== null).length"
        )
        assert shown == days
        go(page, f"file://{demo.site}/kpi/service_level.html#level=client&member=skylark&grain=week")
        assert "Usual range" not in page.evaluate(
            "ccw.charts.shown[0].instance.getOption().series.map((one) => one.name)"
        )
        assert wrong == []


def test_a_team_has_a_control_chart_of_days(browser: Browser, demo: Report) -> None:
    with duckdb.connect(str(demo.database), read_only=True) as connection:
        days, outside = connection.execute(
            """
            select count(*), count(rule) from contact_centre.marts.kpi_control_limits
            where kpi = 'transfer_rate' and level = 'team' and level_id = 'buc-mobile'
            """
        ).fetchall()[0]
    assert days
    with opened(browser) as (page, wrong):
        go(page, f"file://{demo.site}/teams.html")
        page.select_option("#section-1 .choices label:nth-child(1) select", "buc-mobile")
        page.locator("#filter-member").wait_for()
        page.select_option("#section-1 .choices label:nth-child(2) select", "transfer_rate")
        page.locator("#section-1 .sentence", has_text="Transfer rate").wait_for()
        assert page.url.endswith("#level=team&member=buc-mobile&kpi=transfer_rate")
        assert f"Days outside the usual range: {outside} of {days}." in page.inner_text("#section-1")
        assert wrong == []


def test_an_agent_has_a_control_chart_of_weeks(browser: Browser, demo: Report, charted: Report) -> None:
    with duckdb.connect(str(charted.database), read_only=True) as connection:
        [(weeks,)] = connection.execute(
            "select count(*) from contact_centre.marts.kpi_control_limits where level = 'agent'"
        ).fetchall()
    with opened(browser) as (page, wrong):
        go(page, f"file://{charted.site}/agent.html#level=agent&member=A0002&kpi=aht_seconds")
        assert f"Weeks outside the usual range: 1 of {weeks}." in page.inner_text("#section-2")
        go(page, f"file://{demo.site}/agent.html#level=agent&member=A0002")
        assert "a control chart of weeks needs 20 weeks" in page.inner_text("#section-2")
        go(page, f"file://{demo.site}/agent.html")
        assert "usual range" not in page.inner_text("#section-2")
        assert wrong == []


def test_the_overview_shows_the_control_chart_that_the_reader_chose(browser: Browser, demo: Report) -> None:
    with opened(browser) as (page, wrong):
        go(page, f"file://{demo.site}/index.html")
        page.select_option("#section-2 select", "abandonment_rate")
        page.locator("#section-2 .sentence", has_text="Abandonment rate").wait_for()
        assert page.url.endswith("#kpi=abandonment_rate")
        assert wrong == []


def test_the_keyboard_reaches_the_content(browser: Browser, demo: Report) -> None:
    with opened(browser) as (page, _):
        go(page, f"file://{demo.site}/index.html#level=channel")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"
        assert page.url.endswith("#level=channel")


def test_the_address_keeps_what_was_chosen(browser: Browser, demo: Report) -> None:
    with opened(browser) as (page, wrong):
        go(page, f"file://{demo.site}/index.html")
        page.select_option("#filter-level", "channel")
        page.select_option("#filter-member", "voice")
        page.select_option("#theme", "dark")
        assert re.search("#level=channel&member=voice&theme=dark$", page.url)
        page.click("nav a[data-text=page_handling]")
        page.wait_for_selector("html[data-ready]")
        assert page.url.endswith("handling.html#level=channel&member=voice&theme=dark")
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        assert wrong == []


def test_an_address_that_says_anything(browser: Browser, demo: Report) -> None:
    with opened(browser) as (page, wrong):
        for hash_ in (
            "level=x&member=y&grain=z&lang=constructor&theme=q&since=a&until=b&by=c",
            "%",
            "level=queue&member=none",
        ):
            go(page, f"file://{demo.site}/accessibility.html#{hash_}")
            assert problems(page, 1440) == []
        assert wrong == []


def test_a_table_is_saved_as_csv(browser: Browser, demo: Report, tmp_path: Path) -> None:
    with opened(browser) as (page, wrong):
        go(page, f"file://{demo.site}/kpi/service_level.html#level=queue&member=home-chat")
        page.locator("#section-0 summary").click()
        page.wait_for_selector("#section-0 tbody tr")
        with page.expect_download() as download:
            page.locator("#section-0 .actions button").click()
        file = tmp_path / "values.csv"
        download.value.save_as(file)
        lines = file.read_text("utf-8-sig").splitlines()
        assert lines[0].startswith("Period,Name,Value,")
        assert lines[1].split(",")[1] == "home-chat"
        assert wrong == []


def test_over_http_and_on_paper(browser: Browser, address: str) -> None:
    with opened(browser, 1440, "dark") as (page, wrong):
        go(page, f"{address}/accessibility.html")
        assert page.locator(".chart canvas").count() >= 7
        assert len(page.pdf(format="A4")) > 50_000
        page.emulate_media(media="print")
        assert not page.locator("nav").is_visible()
        assert wrong == []
