"""Times the main job on simulated contacts: seconds a step, peak memory, and the ratio to the copy floor.

The copy floor is DuckDB reading the same extract files once and writing them as tables: the least that any warehouse
of these files has to do. Both are measured in one call on one machine, so their ratio can be compared between machines.
"""

import argparse
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

PROJECT = Path(__file__).resolve().parent.parent
CCW = Path(sys.executable).parent / "ccw"
RESULTS = PROJECT / "benchmarks" / "results"


def copy_floor(extracts: Path, database: Path) -> float:
    """Seconds that DuckDB takes to read every file once and write it as a table."""
    start = time.monotonic()
    with duckdb.connect(str(database)) as connection:
        for file in sorted(extracts.glob("*/*.parquet")):
            if file.parent.name != "truth":
                connection.execute(f"create table {file.parent.name}__{file.stem} as from read_parquet('{file}')")
    return time.monotonic() - start


def run(folder: Path, extracts: Path) -> float:
    """Run the main job in a process of its own; its wall-clock seconds."""
    environment = {**os.environ, "CCW_PSEUDONYM_KEY": "a key of the benchmark"}
    start = time.monotonic()
    subprocess.run([str(CCW), "run", "--extracts", str(extracts)], cwd=folder, env=environment, check=True)
    return time.monotonic() - start


def main() -> None:
    """Simulate, measure, print and write down."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--contacts", type=int, default=1_000_000)
    arguments.add_argument("--days", type=int, default=70)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        extracts = folder / "extracts"
        start = time.monotonic()
        simulation = [str(CCW), "simulate", "--contacts", str(options.contacts), "--days", str(options.days)]
        subprocess.run([*simulation, "--format", "parquet", "--out", str(extracts)], check=True)
        simulated = time.monotonic() - start
        floor = copy_floor(extracts, folder / "floor.duckdb")
        (folder / "floor.duckdb").unlink()
        whole = run(folder, extracts)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20  # of the largest child, in GiB
        with duckdb.connect(str(folder / "var" / "warehouse.duckdb"), read_only=True) as connection:
            steps = connection.execute("select step, seconds from ops.run_steps order by started_at").fetchall()
            legs = connection.execute("select count(*) from raw.acd__contact_legs").fetchall()[0][0]
            rows = connection.execute("select sum(loaded) from ops.landed_files").fetchall()[0][0]
    lines = [
        f"# {options.contacts:,} contacts over {options.days} days",
        "",
        f"{legs:,} legs, {rows:,} rows in all; {platform.machine()}, {os.cpu_count()} cores, "
        f"DuckDB {duckdb.__version__}.",
        "",
        "| what | seconds | ratio to the copy floor |",
        "|---|---:|---:|",
        f"| copy floor | {floor:.1f} | 1.0 |",
        *(f"| {step} | {seconds:.1f} | {seconds / floor:.1f} |" for step, seconds in steps),
        f"| `ccw run`, start to end | {whole:.1f} | {whole / floor:.1f} |",
        f"| (simulating the extracts) | {simulated:.1f} | {simulated / floor:.1f} |",
        "",
        f"Peak memory of the largest process: {peak:.1f} GiB.",
        "",
    ]
    text = "\n".join(lines)
    sys.stdout.write(text)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"main_job_{options.contacts}.md").write_text(text)


if __name__ == "__main__":
    main()
