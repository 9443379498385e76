"""Computes three KPIs with another tool, holds them against `kpi_values`, and prints the measurement as JSON.

Each tool has a process of its own, so that its peak memory is its own: `python compare.py TOOL EXTRACTS MARTS`.
"""

import argparse
import importlib
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import duckdb

# KPI to the level whose days are compared.
KPIS = {"fcr_168h": "agent", "service_level": "queue", "aht_seconds": "agent"}
TOOLS = ("duckdb_sql", "polars_frames", "pandas_frames", "postgres")

Rows = dict[tuple[Any, Any], tuple[float, float]]


def published(marts: Path, kpi: str) -> Rows:
    """Numerator and denominator of a KPI by day and member, as the warehouse published them."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{marts}' as published (read_only)")
        return _by_day_and_member(
            connection.execute(
                "select period_start, level_id, numerator, denominator from published.marts.kpi_values "
                "where kpi = ? and level = ? and period_grain = 'day' and denominator > 0",
                [kpi, KPIS[kpi]],
            ).fetchall()
        )


def _by_day_and_member(rows: list[tuple[Any, ...]]) -> Rows:
    return {(day, member): (float(numerator), float(denominator)) for day, member, numerator, denominator in rows}


def main() -> None:
    """Measure a tool; end with what differs if anything does."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("tool", choices=TOOLS)
    arguments.add_argument("extracts", type=Path)
    arguments.add_argument("marts", type=Path)
    options = arguments.parse_args()
    tool = importlib.import_module(f"tools.{options.tool}").Tool(options.extracts)
    seconds: dict[str, float] = {}
    results: dict[str, Rows] = {}
    who = resource.RUSAGE_SELF
    try:
        for step in ("load", *KPIS):
            start = time.monotonic()
            rows = getattr(tool, step)()
            seconds[step] = time.monotonic() - start
            if step in KPIS:
                results[step] = _by_day_and_member(rows)
    finally:
        if hasattr(tool, "close"):  # what it started is measured, once it has ended
            tool.close()
            who = resource.RUSAGE_CHILDREN
    peak = resource.getrusage(who).ru_maxrss / 2**20
    for kpi, found in results.items():
        expected = published(options.marts, kpi)
        different = sorted(
            (key for key in found.keys() | expected.keys() if found.get(key) != expected.get(key)), key=str
        )
        if different or not expected:
            examples = "; ".join(f"{key}: {found.get(key)}, not {expected.get(key)}" for key in different[:3])
            sys.exit(f"{tool.name} and kpi_values differ in {len(different)} of {len(expected)} {kpi}: {examples}")
    json.dump({"name": tool.name, "seconds": seconds, "peak_gib": peak}, sys.stdout)


if __name__ == "__main__":
    main()
