"""Times the report on what is published: how long it takes to build, how large it is, how soon the first view is drawn.

The first view is drawn when the sections that fill the window are. Each page is opened as a file, five times in a fresh
browser context; the median counts.
"""

import argparse
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from pipelines.report import build

# Seconds until the window is filled; of a page that is shorter than the window, until all of it is drawn.
_FIRST_VIEW = """
() => (performance.getEntriesByName("window-filled")[0]?.startTime ?? performance.now()) / 1000
"""

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
                first_view: list[float] = []
                read: set[str] = set()
                for _ in range(_TIMES):
                    page = browser.new_context().new_page()
                    page.on("request", lambda request: read.add(request.url))  # noqa: B023 - called within this turn
                    start = time.monotonic()
                    page.goto(f"file://{site}/{name}")
                    page.wait_for_selector("html[data-ready]")
                    seconds.append(time.monotonic() - start)
                    first_view.append(page.evaluate(_FIRST_VIEW))
                    page.context.close()
                files = [Path(url.removeprefix("file://")) for url in read if url.startswith("file:")]
                loaded = sum(file.stat().st_size for file in files)
                print(
                    f"{name}: first view {statistics.median(first_view):.2f} s, whole page "
                    f"{statistics.median(seconds):.2f} s, {loaded / 1e6:.1f} MB read"
                )
            browser.close()


if __name__ == "__main__":
    main()
