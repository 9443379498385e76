"""Reports for the browser: one on the demo, and one with names that are hard to show."""

import functools
import http.server
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Browser, sync_playwright

from pipelines.report import build

PROJECT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
NASTY = "</script><b onclick=\"alert('1')\">خدمة العملاء & 'a \"very\" long name of a queue that goes on and on'"


@dataclass(frozen=True)
class Report:
    """A report and the database that it is built from."""

    site: Path
    database: Path


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; without it the tests are skipped."""
    if CHROMIUM is None:
        pytest.skip("there is no chromium (apt-get install chromium)")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report that a run on the demo extracts publishes."""
    folder = tmp_path_factory.mktemp("demo")
    subprocess.run([str(PROJECT / ".venv" / "bin" / "ccw"), "run"], cwd=folder, check=True)
    run = folder / "var" / "published" / "current"
    return Report(run / "report", run / "contact_centre.duckdb")


@pytest.fixture(scope="session")
def nasty(demo: Report, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """A report on the demo with names that try to become markup, in Arabic and long."""
    names = (("dim_queues", "queue_name"), ("dim_teams", "team_name"), ("dim_channels", "channel_name"))
    quoted = NASTY.replace("'", "''")
    return changed(
        demo,
        tmp_path_factory.mktemp("nasty"),
        *(f"update {table} set {name} = {name} || '{quoted}'" for table, name in names),
    )


@pytest.fixture(scope="session")
def crowded(demo: Report, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """A report on the demo with 5,000 queues more, each like one of those that there are."""
    return changed(
        demo,
        tmp_path_factory.mktemp("crowded"),
        *(
            f"""
            insert into {table}
            select {table}.* replace ({column} || '-' || number as {column}) from {table}, range(1000) numbers(number)
            where {column} in (select queue_id from dim_queues where queue_id != 'unknown' order by queue_id limit 5)
                and {condition}
            """
            for table, column, condition in (
                ("queue_status", "queue_id", "true"),
                ("reconciliation", "queue_id", "true"),
                (
                    "kpi_values",
                    "level_id",
                    "kpi in ('service_level', 'aht_seconds') and level = 'queue' and period_grain != 'day'",
                ),
                ("dim_queues", "queue_id", "true"),
            )
        ),
    )


@pytest.fixture(scope="session")
def sparse(demo: Report, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """A report on one day of one channel, without targets, surveys and history."""
    day = "date '2026-04-24'"
    return changed(
        demo,
        tmp_path_factory.mktemp("sparse"),
        f"delete from kpi_values where period_grain != 'day' or period_start != {day}",
        "delete from kpi_values where level = 'channel' and level_id != 'voice'",
        "delete from kpi_values where kpi in (select kpi from kpi_catalog where domain in ('experience', 'people'))",
        "update kpi_values set target = null, meets_target = null",
        "update data_quality set current_records = 0, newest_event = null where source = 'survey'",
        *(
            f"delete from {table}"
            for table in ("kpi_control_limits", "kpi_exceptions", "agent_scorecards", "data_quality_gaps")
        ),
        f"delete from accessibility_intervals where interval_start::date != {day}",
        *(
            f"delete from {table} where date_day != {day}"
            for table in ("fct_queue_visits", "reconciliation", "fct_agent_time", "fct_forecast_intervals")
        ),
        *(
            f"delete from {table} where channel != 'voice' or date_day != {day}"
            for table in ("repeat_contacts_by_day", "customer_journeys")
        ),
        "delete from fcr_window_curve where channel != 'voice'",
        "delete from repeat_chains",
        "delete from dim_channels where channel != 'voice'",
    )


@pytest.fixture(scope="session")
def charted(demo: Report, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """A report with limits of an agent's weeks, for which the demo is too short; one week is outside."""
    return changed(
        demo,
        tmp_path_factory.mktemp("charted"),
        """
        insert into kpi_control_limits
        select kpi, level, level_id, period_grain, period_start, 'individuals', value, value, value - 1, value + 1,
            case when rank() over (order by period_start) = 2 then 'individuals_above_upper_limit' end
        from kpi_values
        where kpi = 'aht_seconds' and level = 'agent' and level_id = 'A0002' and period_grain = 'week' and is_final
        """,
    )


def changed(demo: Report, folder: Path, *statements: str) -> Report:
    """Build a report on a copy of the demo's database that was changed."""
    database = Path(shutil.copy(demo.database, folder))
    database.chmod(0o644)
    with duckdb.connect(str(database)) as connection:
        connection.execute("use contact_centre.marts")
        for statement in statements:
            connection.execute(statement)
    site = folder / "site"
    site.mkdir()
    build(database, site)
    return Report(site, database)


@pytest.fixture(scope="session")
def address(demo: Report) -> Iterator[str]:
    """Serve the demo's report over http, and give its address."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(demo.site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
