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
    folder = tmp_path_factory.mktemp("nasty")
    database = Path(shutil.copy(demo.database, folder))
    database.chmod(0o644)
    with duckdb.connect(str(database)) as connection:
        for table, name in (("dim_queues", "queue_name"), ("dim_teams", "team_name"), ("dim_channels", "channel_name")):
            connection.execute(f"update contact_centre.marts.{table} set {name} = {name} || ?", [NASTY])
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
