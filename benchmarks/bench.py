"""Times the main job on simulated contacts: seconds a step, peak memory, and the ratio to the copy floor.

The copy floor is DuckDB reading the same extract files once and writing them as tables: the least that any warehouse
of these files has to do. Beside it, other tools compute three of the KPIs from the same files; their numbers must be
those of the warehouse. All is measured in one call on one machine, so the ratios can be compared between machines.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import duckdb
from compare import KPIS, TOOLS
from jobs import (
    PROJECT,
    copy_floor,
    peak_gib,
    run,
    seconds_of_kpi,
    seconds_of_models,
    simulate,
    steps_of_last_run,
    write,
)
from tools.postgres import programs

_SLOWEST_MODELS = 10


def compare(extracts: Path, marts: Path) -> list[dict[str, Any]]:
    """Measure the other tools, one after the other; one whose numbers differ ends the benchmark."""
    measured = []
    for tool in TOOLS:
        if tool == "postgres" and programs() is None:
            sys.stderr.write("PostgreSQL is not installed (Debian's package postgresql), so it is left out.\n")
            continue
        command = [sys.executable, str(PROJECT / "benchmarks" / "compare.py"), tool, str(extracts), str(marts)]
        outcome = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        tool_measured = json.loads(outcome.stdout)
        tool_measured["seconds"]["all in all"] = sum(tool_measured["seconds"].values())
        measured.append(tool_measured)
    return measured


def comparison_table(measured: list[dict[str, Any]]) -> list[str]:
    """The lines that compare the tools; the first of them is what the others are measured by."""
    by_hand = measured[0]["seconds"]

    def line(each: dict[str, Any]) -> str:
        cells = (f"{each['seconds'][step]:.2f} ({each['seconds'][step] / by_hand[step]:.1f})" for step in by_hand)
        return f"| {each['name']} | {' | '.join(cells)} | {each['peak_gib']:.1f} |"

    return [
        f"| tool | load | {' | '.join(KPIS)} | all in all | peak memory, GiB |",
        "|---|" + "---:|" * (len(by_hand) + 1),
        *(line(each) for each in measured),
    ]


def main() -> None:
    """Simulate, measure, print and write down."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--contacts", type=int, default=1_000_000)
    arguments.add_argument("--days", type=int, default=70)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        extracts = folder / "extracts"
        simulated = simulate(extracts, options.contacts, options.days)
        floor = copy_floor(extracts, folder / "floor.duckdb")
        whole = run(folder, extracts)
        peak = peak_gib()
        steps = steps_of_last_run(folder)
        with duckdb.connect(str(folder / "var" / "warehouse.duckdb"), read_only=True) as connection:
            legs = connection.execute("select count(*) from raw.acd__contact_legs").fetchall()[0][0]
            rows = connection.execute("select sum(loaded) from ops.landed_files").fetchall()[0][0]
        models = seconds_of_models(folder)
        seconds_of_ours = {
            "load": steps["land"],
            **{kpi: seconds_of_kpi(folder, kpi) for kpi in KPIS},
            "all in all": whole,
        }
        compared = [
            *compare(extracts, folder / "var" / "published" / "current" / "contact_centre.duckdb"),
            {"name": "`ccw run`", "seconds": seconds_of_ours, "peak_gib": peak},
        ]
    lines = [
        f"# {options.contacts:,} contacts over {options.days} days",
        "",
        f"{legs:,} legs, {rows:,} rows in all; {platform.machine()}, {os.cpu_count()} cores, "
        f"DuckDB {duckdb.__version__}.",
        "",
        "| what | seconds | ratio to the copy floor |",
        "|---|---:|---:|",
        f"| copy floor | {floor:.1f} | 1.0 |",
        *(f"| {step} | {seconds:.1f} | {seconds / floor:.1f} |" for step, seconds in steps.items()),
        f"| `ccw run`, start to end | {whole:.1f} | {whole / floor:.1f} |",
        f"| (simulating the extracts) | {simulated:.1f} | {simulated / floor:.1f} |",
        "",
        f"Peak memory of the largest process: {peak:.1f} GiB.",
        "",
        "## The models that took longest",
        "",
        "| model | seconds |",
        "|---|---:|",
        *(
            f"| {model} | {models[model]:.1f} |"
            for model in sorted(models, key=lambda name: -models[name])[:_SLOWEST_MODELS]
        ),
        "",
        "## Other tools",
        "",
        "First-contact resolution within 7 days and handle time by day and agent, service level by day and queue,",
        "from the same Parquet files, without history, tests, rejects or publishing. All gave the numerators and",
        "denominators of `kpi_values`. Seconds, and in brackets the ratio to SQL by hand in DuckDB. PostgreSQL is",
        "loaded through CSV; its memory is that of its largest process. `ccw run` makes all KPIs: with each of the",
        "three stand the models that its numerator and denominator are read from, with all that they are made of.",
        "What KPIs share counts for each, and two models run at a time, so a model's seconds hold some of another's.",
        "",
        *comparison_table(compared),
        "",
    ]
    write(f"main_job_{options.contacts}", lines)


if __name__ == "__main__":
    main()
