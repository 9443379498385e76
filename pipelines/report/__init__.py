"""The report: a static site on what is published, which opens as files, without a server and offline.

`pages.py` says what it shows, `database.py` and `tables.py` read it, `site.py` writes it; `assets` draws it in the
browser, in the words of `languages`.
"""

from pipelines.report.site import build

__all__ = ["build"]
