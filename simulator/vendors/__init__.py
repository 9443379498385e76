"""The same simulated world in the form of a vendor's export: what a vendor can tell is written as it tells it.

A vendor has a module here with a `VENDOR`: a function that rewrites what the vendor's system would hold, and the KPIs
that its export can't tell. All else stays as plain extracts.
"""

from pathlib import Path

import duckdb

from pipelines.errors import UsageError
from simulator.vendors import amazon_connect, asterisk, genesys_cloud, zendesk
from simulator.vendors.plain import Vendor

VENDORS: dict[str, Vendor] = {
    "amazon_connect": amazon_connect.VENDOR,
    "asterisk": asterisk.VENDOR,
    "genesys_cloud": genesys_cloud.VENDOR,
    "zendesk": zendesk.VENDOR,
}


def check_vendor(vendor: str, out: Path, file_format: str) -> None:
    """Raise UsageError where extracts can't be rewritten as a vendor's."""
    if vendor not in VENDORS:
        raise UsageError(f"Extracts can't be written as {vendor!r}: choose {' or '.join(sorted(VENDORS))}.")
    if file_format != "csv":
        raise UsageError(f"Extracts as {vendor} are CSV: leave the format {file_format} out.")
    if out.exists() and any(out.iterdir()):
        raise UsageError(f"Extracts as {vendor} need a new folder, and {out} is not empty: name another one.")


def rewrite(vendor: str, out: Path) -> None:
    """Rewrite plain extracts as a vendor's."""
    with duckdb.connect() as connection:
        VENDORS[vendor].rewrite(connection, out)
