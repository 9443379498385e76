"""Times the report on what is published: how long it takes to build, how large it is, how soon the first view is drawn.

A view is drawn when all sections of the page are. Each page is opened as a file, five times in a fresh browser context;
the median counts.
"""

import argparse
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from pipelines.report import build

_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
_TIMES = 5
_PAGES = ("index.html", "resolution.html", "accessibility.html", "teams.html", "kpi/service_level.html")


def main() -> None:
    """Build the report into a folder that goes away, open it, and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", type=Path, default=Path("var/published/current/contact_centre.duckdb"))
    database = parser.parse_args().database
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        start = time.monotonic()
        print(f"{build(database, site)}, built in {time.monotonic() - start:.1f} s")
        chromium = shutil.which("chromium")
        if chromium is None:
            print("There is no chromium, so no view is timed.")
            return
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
            for name in _PAGES:
                seconds: list[float] = []
                read: set[str] = set()
                for _ in range(_TIMES):
                    page = browser.new_context().new_page()
                    page.on("request", lambda request: read.add(request.url))  # noqa: B023 - called within this turn
                    start = time.monotonic()
                    page.goto(f"file://{site}/{name}")
                    page.wait_for_selector("html[data-ready]")
                    seconds.append(time.monotonic() - start)
                    page.context.close()
                files = [Path(url.removeprefix("file://")) for url in read if url.startswith("file:")]
                loaded = sum(file.stat().st_size for file in files)
                print(f"{name}: {statistics.median(seconds):.2f} s, {loaded / 1e6:.1f} MB read")
            browser.close()


if __name__ == "__main__":
    main()
