"""The report: its files are complete, safe and say what kpi_values says. tests/report looks at it in a browser."""

import base64
import gzip
import hashlib
import json
import random
import re
import shutil
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from babel import Locale
from conftest import PROJECT, Run, run_ccw
from playwright.sync_api import sync_playwright

from pipelines import report
from pipelines.errors import RunnerError, UsageError
from pipelines.report import headlines, texts
from pipelines.report.database import LEVELS
from pipelines.report.definitions import examples
from pipelines.report.pages import HEADLINES, PAGES, expand
from pipelines.report.tables import TABLES

PACKAGE = PROJECT / "pipelines" / "report"
SCRIPTS = "\n".join(file.read_text("utf-8") for file in sorted((PACKAGE / "assets").glob("*.js")))
ENGLISH = texts.read("en")
NASTY = "</script><b onclick=\"alert('1')\">مرحبا & \u2028"
BYTES = 6_000_000


def unpack(site: Path, name: str) -> Any:
    """Read a chunk as the page does."""
    script = (site / "data" / f"{name}.js").read_text("utf-8")
    told, packed = re.fullmatch(r'ccw\.register\("(.*)","([\w+/=]+)"\);\n', script).groups()  # type: ignore[union-attr]
    assert told == name
    return json.loads(gzip.decompress(base64.b64decode(packed)))


@pytest.fixture(scope="module")
def site(demo: Run) -> Path:
    """The report that the demo's run published."""
    return demo.published / "current" / "report"


@pytest.fixture(scope="module")
def nasty(demo: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report on the demo with names that try to become markup."""
    folder = tmp_path_factory.mktemp("nasty")
    database = Path(shutil.copy(demo.published / "current" / "contact_centre.duckdb", folder))
    database.chmod(0o644)
    with duckdb.connect(str(database)) as connection:
        connection.execute("use marts")
        queue = "level = 'queue' and level_id = 'home-chat'"
        connection.execute(f"update kpi_values set level_name = ? where {queue}", [NASTY])
        connection.execute("update dim_queues set queue_name = ? where queue_id = 'home-chat'", [NASTY])
        connection.execute("update kpi_catalog set name = ?, description = ? where kpi = 'csat'", [NASTY, NASTY])
    out = folder / "site"
    out.mkdir()
    report.build(database, out)
    return out


class Tags(HTMLParser):
    """What a page is made of: its tags with their attributes, and the text in each script."""

    def __init__(self, html: str) -> None:
        """Read a page."""
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Note what stands in a script."""
        if self.cdata_elem == "script":
            self.scripts.append(data)


def pages(site: Path) -> list[Path]:
    """List all HTML files."""
    return sorted(site.rglob("*.html"))


def test_the_demo_report_has_all_pages(demo: Run, site: Path) -> None:
    kpis = [kpi for (kpi,) in demo.query("select kpi from marts.kpi_catalog")]
    expected = {"index" if page.name == "overview" else page.name for page in PAGES}
    assert {page.stem for page in site.glob("*.html")} == expected
    assert {page.stem for page in (site / "kpi").glob("*.html")} == set(kpis)


def test_the_demo_report_is_small(site: Path) -> None:
    assert sum(file.stat().st_size for file in site.rglob("*") if file.is_file()) < BYTES


def test_a_run_ends_with_five_headline_numbers_and_the_path_of_the_report(demo: Run) -> None:
    lines = demo.outcome.stdout.strip().splitlines()
    assert lines[0].split() == ["Value", "Target", "Trend", "Week"]
    assert len(lines[1:-1]) == 5
    assert lines[1].startswith("First-contact resolution, 168 h")
    assert "var/published/current/report/index.html" in lines[-1]


def test_headlines_are_of_channels_in_real_time(demo: Run, site: Path, tmp_path: Path) -> None:
    """A run and the report show the KPI that the catalogue names; without its values, the KPI itself."""
    assert "Service level, in real time" in demo.outcome.stdout
    facts = json.loads((site / "assets" / "facts.js").read_text("utf-8").removeprefix("ccw.know(").removesuffix(");\n"))
    assert facts["kpis"]["asa_seconds"]["headline"] == "asa_seconds_real_time"
    assert facts["kpis"]["csat"]["headline"] == "csat"
    database = Path(shutil.copy(demo.published / "current" / "contact_centre.duckdb", tmp_path))
    database.chmod(0o644)
    with duckdb.connect(str(database)) as connection:
        connection.execute("delete from marts.kpi_values where kpi = 'service_level_real_time'")
    as_of = datetime.fromisoformat(facts["as_of"])
    assert "service_level" in [line.kpi for line in headlines.read_headlines(database, as_of, "en")]


def test_comments_have_what_pages_filter_by(site: Path) -> None:
    comments = unpack(site, "tables/comments")
    assert {"day", "team_id", "reason_code", "client_id", "csat_score"} <= comments.keys()
    assert len(comments["comment"]) > 50
    assert comments["day"][0] > comments["day"][-1]


def test_every_page_opens_in_a_browser(site: Path) -> None:
    """As tests/report looks at it in detail: with a number or a reason in each section, and without a complaint."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("there is no chromium (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--headless", "--no-sandbox"])
        page = browser.new_page(viewport={"width": 360, "height": 900})
        wrong: list[str] = []
        page.on("console", lambda told: wrong.append(told.text) if told.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        for file in [*sorted(site.glob("*.html")), site / "kpi" / "service_level.html"]:
            page.goto(f"file://{file}")
            page.wait_for_selector("html[data-ready]")
            assert page.locator(".body[aria-busy=true]").count() == 0, file.name
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, file.name
        browser.close()
    assert wrong == []


def test_every_page_keeps_to_its_files(site: Path) -> None:
    for page in pages(site):
        of = Tags(page.read_text("utf-8"))
        policies = [tag["content"] for name, tag in of.tags if tag.get("http-equiv") == "Content-Security-Policy"]
        assert policies == [
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
            "form-action 'none'"
        ]
        for name, tag in of.tags:
            assert not [key for key in tag if key == "style" or key.startswith("on")], (page.name, tag)
            if name == "script":
                assert tag.get("src") or tag.get("type") == "application/json"
            target = tag.get("src") or tag.get("href") or ""
            assert "//" not in target, target
            if target and not target.startswith(("#", "data:")):
                assert (page.parent / target).is_file(), target
        assert len([text for text in of.scripts if text.strip()]) == 1


def test_nothing_leads_out_of_the_report(site: Path) -> None:
    assert re.findall(r"https?://\S+|//\w+\.\w+/", SCRIPTS) == ['http://www.w3.org/2000/svg",']
    assert "url(" not in (PACKAGE / "assets" / "report.css").read_text("utf-8")
    assert not re.search(r"\b(fetch|XMLHttpRequest|eval|innerHTML|outerHTML|document\.write)\b", SCRIPTS)


def test_chunks_say_what_kpi_values_says(demo: Run, site: Path) -> None:
    rows = demo.query(
        """
        select kpi, level, period_grain, level_id, period_start - date '1970-01-01', numerator, denominator, value,
            sample_size, ci_low, ci_high, target,
            case meets_target when true then 1 when false then 2 else 0 end + is_final::int * 4 + is_low_sample::int * 8
                + is_suppressed::int * 16
        from marts.kpi_values where not (level = 'agent' and period_grain = 'day') order by all
        """
    )
    chosen = random.Random(7).sample(rows, 500)
    names = ("numerator", "denominator", "value", "sample", "low", "high", "target", "flags")
    for kpi, level, grain, member, period, *expected in chosen:
        chunk = unpack(site, f"{kpi}/{level}" + ("_week" if (level, grain) == ("agent", "week") else ""))
        columns = {name: text.split(",") for name, text in chunk["grains"][grain].items()}
        (at,) = [
            i
            for i, (number, start) in enumerate(zip(columns["member"], columns["period"], strict=True))
            if chunk["members"][int(number)] == member and int(start) == period
        ]
        found = [columns[name][at] for name in names]
        if found[3] == "=":
            found[3] = found[1]
        for text, value in zip(found, expected, strict=True):
            assert (text == "") == (value is None)
            assert value is None or float(text) == pytest.approx(float(value), rel=1e-5, abs=5e-4)  # type: ignore[arg-type]


def test_chunks_hold_every_row(demo: Run, site: Path) -> None:
    counts = demo.query(
        """
        select kpi, level, count(*) from marts.kpi_values where not (level = 'agent' and period_grain = 'day')
        group by all order by all
        """
    )
    for kpi, level, rows in counts[::7]:
        grains = unpack(site, f"{kpi}/{level}")["grains"]
        if level == "agent":
            grains |= unpack(site, f"{kpi}/agent_week")["grains"]
        assert sum(len(columns["period"].split(",")) for columns in grains.values()) == rows


def test_names_never_become_markup(nasty: Path) -> None:
    assert unpack(nasty, "members")["queue"]["home-chat"] == NASTY
    for file in nasty.rglob("*"):
        if file.suffix in {".html", ".js"} and "echarts" not in file.parts:
            assert "<b onclick" not in file.read_text("utf-8"), file
    page = Tags((nasty / "kpi" / "csat.html").read_text("utf-8"))
    assert all("onclick" not in tag for _, tag in page.tags)
    assert len(re.findall("</script>", (nasty / "kpi" / "csat.html").read_text("utf-8"))) == len(
        [name for name, _ in page.tags if name == "script"]
    )


def test_agents_go_by_their_id(demo: Run, site: Path) -> None:
    names = {name for (name,) in demo.query("select agent_name from marts.dim_agents where is_listed = 1")}
    shown = unpack(site, "members")["agent"]
    assert names
    assert not names & set(shown.values())
    assert set(shown) == set(shown.values())


def test_a_report_like_the_one_before_is_linked_to_it(demo: Run, site: Path, tmp_path: Path) -> None:
    database = demo.published / "current" / "contact_centre.duckdb"
    report.build(database, tmp_path, before=site)
    for file in site.rglob("*"):
        assert file.is_dir() or (tmp_path / file.relative_to(site)).samefile(file), file


def test_a_warehouse_of_which_little_is_known(demo: Run, tmp_path: Path) -> None:
    database = Path(shutil.copy(demo.published / "current" / "contact_centre.duckdb", tmp_path))
    database.chmod(0o644)
    with duckdb.connect(str(database)) as connection:
        connection.execute("use marts")
        connection.execute("delete from kpi_values where kpi != 'service_level' or period_start != date '2026-03-02'")
        for table in (
            "kpi_exceptions",
            "kpi_control_limits",
            "data_quality_gaps",
            "agent_scorecards",
            "fct_queue_visits",
            "repeat_chains",
            "data_quality",
        ):
            connection.execute(f"delete from {table}")
    site = tmp_path / "site"
    site.mkdir()
    report.build(database, site)
    assert unpack(site, "tables/scorecards")["agent_id"] == []
    assert list(unpack(site, "service_level/organization")["grains"]) == ["day", "week"]


def test_a_report_that_fails_stops_publishing_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(RunnerError, match=r"The report could not be built \(.*--no-report"):
        report.add(tmp_path, language="en")


def test_a_report_can_be_left_out(tmp_path: Path) -> None:
    outcome = run_ccw(tmp_path, "run", "--help")
    assert "--no-report" in re.sub(r"\x1b\[[\d;]*m", "", outcome.stdout)


def test_the_report_alone_in_another_folder(demo: Run, tmp_path: Path) -> None:
    outcome = run_ccw(demo.folder, "report", "--out", str(tmp_path / "site"))
    assert outcome.returncode == 0, outcome.stderr
    assert (tmp_path / "site" / "index.html").is_file()
    again = run_ccw(demo.folder, "report", "--out", str(tmp_path / "site"))
    assert (again.returncode, "is not empty" in again.stderr) == (2, True)


def test_an_unknown_language() -> None:
    with pytest.raises(UsageError, match=r"The report has no language 'xx'; it has en"):
        texts.read("xx")


def test_echarts_is_the_file_that_its_checksum_says() -> None:
    folder = PACKAGE / "vendor" / "echarts"
    for line in (folder / "SHA256").read_text("utf-8").splitlines():
        checksum, name = line.split()
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == checksum
    assert "Apache License" in (folder / "LICENSE").read_text("utf-8")
    version = (folder / "VERSION").read_text("utf-8").strip()
    assert f'"{version}"' in (folder / "echarts.min.js").read_text("utf-8")


def test_every_view_and_table_that_a_section_names_is_there() -> None:
    for page in PAGES:
        for section in page.sections:
            assert f"ccw.views.{section.kind} =" in SCRIPTS, section
            assert section.table is None or section.table in TABLES, section


def test_every_text_that_is_used_is_there() -> None:
    used = set(re.findall(r'\bt\("(\w+)"', SCRIPTS))
    used |= {f"page_{page.name}" for page in PAGES} | {f"about_{page.name}" for page in PAGES}
    used |= {f"section_{section.title}" for page in PAGES for section in page.sections}
    used |= {f"extract_{section.extract}" for page in PAGES for section in page.sections if section.extract}
    used |= {
        key
        for file in (PACKAGE / "templates").iterdir()
        for key in re.findall(r'data-(?:text|label)="(\w+)"', file.read_text("utf-8"))
    }
    assert sorted(used - ENGLISH["text"].keys()) == []


def test_limits_say_what_kpi_control_limits_says(demo: Run, site: Path) -> None:
    rows = demo.query(
        """
        select kpi, level, level_id, period_start - date '1970-01-01', expected, lower, upper,
            case when value > upper then '1' when value < lower then '-1' else '' end
        from marts.kpi_control_limits order by all
        """
    )
    for kpi, level, member, period, *expected, outside in random.Random(7).sample(rows, 200):
        chunk = unpack(site, f"{kpi}/{level}_limits")
        columns = {
            name: chunk[name].split(",") for name in ("member", "period", "expected", "lower", "upper", "outside")
        }
        at = list(zip(columns["member"], columns["period"], strict=True)).index(
            (str(chunk["members"].index(member)), str(period))
        )
        assert columns["outside"][at] == outside
        for name, value in zip(("expected", "lower", "upper"), expected, strict=True):
            found = columns[name][at]
            assert (found == "") == (value is None)
            assert value is None or float(found) == pytest.approx(float(value), rel=1e-4, abs=1e-6)  # type: ignore[arg-type]


def test_variation_says_what_the_charts_say(demo: Run, site: Path) -> None:
    """Of the last seven days that are judged, which lie a week back where a KPI has a horizon of a week."""

    def recent(condition: str) -> set[tuple[object, ...]]:
        return set(
            demo.query(
                f"""
                select distinct kpi, level_id from marts.kpi_control_limits
                inner join (
                    select kpi, max(period_start) as newest from marts.kpi_control_limits group by kpi
                ) using (kpi)
                where level = 'team' and period_start > newest - 7 and {condition}
                """
            )
        )

    chunk = unpack(site, "variation/team")
    found = dict(zip(zip(chunk["kpi"], chunk["member"], strict=True), chunk["days"], strict=True))
    assert found.keys() == recent("true")
    assert {key for key, days in found.items() if days} == recent("rule is not null") != set()
    [(is_a_week_back,)] = demo.query(
        """
        select max(period_start) <= max(newest_event)::date - 7 from marts.kpi_control_limits, marts.data_quality
        where kpi = 'fcr_168h' and "table" = 'contact_legs'
        """
    )
    assert is_a_week_back


def test_english_says_what_the_catalogue_says(demo: Run) -> None:
    assert ENGLISH["examples"] == examples(), "run make definitions"
    assert set(examples()) == {family for (family,) in demo.query("select distinct family from marts.kpi_catalog")}
    for kpi, key, name, description, formula in demo.query(
        "select kpi, text_key, name, description, formula from marts.kpi_catalog"
    ):
        assert key == re.sub(r"_\d+h$", "_{hours}h", str(kpi))
        hours = re.findall(r"_(\d+)h$", str(kpi))
        assert key in ENGLISH["kpis"], f"{key} is missing in en.yml; run make definitions"
        told = {part: text.replace("{hours}", "".join(hours)) for part, text in ENGLISH["kpis"][key].items()}
        numerator, _, denominator = str(formula).removesuffix(" A week or month shows its last day.").partition(" / ")
        expected = {"name": name, "description": description, "numerator": numerator, "denominator": denominator}
        assert told == {part: text for part, text in expected.items() if text}, (
            f"{key} differs in en.yml; run make definitions"
        )


@pytest.mark.parametrize("code", texts.codes())
def test_every_language_is_complete(code: str) -> None:
    own = texts.read_own(code)
    assert sorted(own["language"]) == ["direction", "name"]
    for part in ("text", "kpis", "examples"):
        missing, unknown = ENGLISH[part].keys() - own[part].keys(), own[part].keys() - ENGLISH[part].keys()
        assert (sorted(missing), sorted(unknown)) == ([], []), f"{code}.yml, {part}: missing, unknown"
    plurals = Locale.parse(texts.babel_locale(code)).plural_form.tags | {"other"}
    for key, english in ENGLISH["text"].items():
        text = own["text"][key]
        assert isinstance(text, dict) == isinstance(english, dict), f"{code}.yml: {key} counts in English or here only"
        forms = text if isinstance(text, dict) else {"": text}
        if isinstance(text, dict):
            assert set(text) == plurals, f"{code}.yml: {key} needs the forms {sorted(plurals)}"
        wanted = _names(english["other"] if isinstance(english, dict) else english)
        for form, words in forms.items():
            # A form of one number may say it in words.
            assert _names(words) | ({"n"} if form else set()) == wanted | ({"n"} if form else set()), (
                f"{code}.yml: {key}"
            )
    for key, english in ENGLISH["kpis"].items():
        assert own["kpis"][key].keys() == english.keys(), f"{code}.yml: {key}"
        assert all(_names(own["kpis"][key][part]) <= {"hours"} for part in english), f"{code}.yml: {key}"


@pytest.mark.parametrize("code", [code for code in texts.codes() if code != "en"])
def test_examples_have_the_numbers_of_the_english_one(code: str) -> None:
    """And its code; so an example that changes in English is missing in the others."""
    for family, english in ENGLISH["examples"].items():
        example = texts.read_own(code)["examples"][family]
        for part in (r"\d+(?:[.:]\d+)?", r"`[^`]+`"):
            told, wanted = (sorted(re.findall(part, text)) for text in (example, english))
            assert told == wanted, f"{code}.yml: {family} has not the numbers of the English example"
        assert example != english, f"{code}.yml: {family} is in English"


def _names(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", text))


def test_windows_are_those_of_the_catalogue() -> None:
    catalog = ["fcr_168h", "fcr_24h", "fcr_same_reason_24h", "csat"]
    assert expand(("fcr_{all}h", "fcr_{longest}h", "csat", "nps"), catalog) == [
        "fcr_24h",
        "fcr_168h",
        "fcr_168h",
        "csat",
    ]
    assert expand(HEADLINES, catalog) == ["fcr_168h", "csat"]


def test_numbers_in_words() -> None:
    values = {"share": 0.7853, "seconds": 437, "money": 7.1, "points": -12.5, "count": 44}
    shown = [headlines.in_words(value, unit, "en", "EUR") for unit, value in values.items()]
    assert shown == ["78.5%", "7.3 mins", "€7.10", "-12.5", "44"]
    times = [headlines.in_words(value, "seconds", "en", "EUR") for value in (119, 120, 7199, 7200)]
    assert times == ["119 secs", "2 mins", "120 mins", "2 hrs"]
    assert headlines.sparkline([1, 2, 3]) == "▁▅█"
    assert headlines.sparkline([2, 2]) == "▄▄"


def test_the_exposure_names_the_tables_that_the_report_reads() -> None:
    declared = yaml.safe_load((PROJECT / "models" / "marts" / "_marts__exposures.yml").read_text("utf-8"))
    (exposure,) = declared["exposures"]
    sources = [*TABLES.values(), (PACKAGE / "database.py").read_text("utf-8")]
    read = set(re.findall(r"\bmarts\.(\w+)", "\n".join(sources))) | {level[2] for level in LEVELS.values() if level}
    assert set(re.findall(r"ref\('(\w+)'\)", " ".join(exposure["depends_on"]))) == read
