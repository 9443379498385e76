"""What the benchmarks share: simulated extracts, the main job in a process of its own, where results are written."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import duckdb

PROJECT = Path(__file__).resolve().parent.parent
CCW = Path(sys.executable).parent / "ccw"

_RESULTS = PROJECT / "benchmarks" / "results"


def simulate(extracts: Path, contacts: int, days: int) -> float:
    """Write simulated extracts as Parquet; the seconds that it took."""
    simulation = [str(CCW), "simulate", "--contacts", str(contacts), "--days", str(days)]
    start = time.monotonic()
    subprocess.run([*simulation, "--format", "parquet", "--out", str(extracts)], check=True)
    return time.monotonic() - start


def copy_floor(extracts: Path, database: Path) -> float:
    """Seconds that DuckDB takes to read every file once and write it as a table."""
    start = time.monotonic()
    with duckdb.connect(str(database)) as connection:
        for file in sorted(extracts.glob("*/*.parquet")):
            if file.parent.name != "truth":
                connection.execute(f"create table {file.parent.name}__{file.stem} as from read_parquet('{file}')")
    seconds = time.monotonic() - start
    database.unlink()
    return seconds


def run(folder: Path, extracts: Path, *options: str) -> float:
    """Run the main job in a process of its own; its wall-clock seconds."""
    return _seconds(folder, CCW, "run", "--extracts", extracts, *options)


def land(folder: Path, extracts: Path, *options: str) -> float:
    """Land the extracts; the seconds that it took."""
    return _seconds(folder, CCW, "land", "--extracts", extracts, *options)


def build_models(folder: Path, target: str, select: str) -> float:
    """Have dbt build models of what has landed, and the seeds that they read, without tests; the seconds it took."""
    (folder / "var" / "spark").mkdir()
    return _seconds(
        folder,
        *(CCW.parent / "dbt", "--quiet", "build", "--target", target, "--select", *select.split()),
        *("--exclude-resource-type", "test", "unit_test", "--vars", '{"extracts": "landed"}'),
        *("--project-dir", PROJECT, "--profiles-dir", PROJECT, "--target-path", folder / "var" / "dbt" / "target"),
        *("--log-path", folder / "var" / "dbt" / "logs", "--log-level-file", "info"),
    )


def _seconds(folder: Path, *command: str | Path) -> float:
    start = time.monotonic()
    subprocess.run([str(part) for part in command], cwd=folder, env=_environment(folder), check=True)
    return time.monotonic() - start


def _environment(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "CCW_PSEUDONYM_KEY": "a key of the benchmark",
        "CCW_LANDED": str(folder / "var" / "warehouse.landed"),
        "CCW_SPARK_FOLDER": str(folder / "var" / "spark"),
        "CCW_KEEP": "1",
    }


def watch(folder: Path, file: Path, versions: Sequence[Path], extracts: Path) -> list[float]:
    """Watch `extracts`, put one version after the other in the place of `file` there, and time each until published."""
    current = folder / "var" / "published" / "current"
    seconds = []
    command = [str(CCW), "watch", "--every", "0.1", "--extracts", str(extracts)]
    with subprocess.Popen(command, cwd=folder, env=_environment(folder)) as watching:
        for version in versions:
            before, start = current.resolve(), time.monotonic()
            version.replace(file)
            while current.resolve() == before:
                if watching.poll() is not None:
                    raise subprocess.CalledProcessError(watching.returncode, command)
                time.sleep(0.05)
            seconds.append(time.monotonic() - start)
        watching.send_signal(signal.SIGINT)
    return seconds


def steps_of_last_run(folder: Path) -> dict[str, float]:
    """The seconds of each step of the last run."""
    with duckdb.connect(str(folder / "var" / "warehouse.duckdb"), read_only=True) as connection:
        return dict(
            connection.execute(
                "select step, seconds from ops.run_steps "
                "where run_id = (select max_by(run_id, started_at) from ops.run_steps) order by started_at"
            ).fetchall()
        )


def seconds_of_models(folder: Path) -> dict[str, float]:
    """The seconds of each model in the last build."""
    run_results = folder / "var" / "dbt" / "target" / "run_results.json"
    results = json.loads(run_results.read_text(encoding="utf-8"))["results"]
    return {
        result["unique_id"].rsplit(".", 1)[-1]: float(result["execution_time"])
        for result in results
        if result["unique_id"].startswith("model.")
    }


def seconds_of_kpi(folder: Path, kpi: str) -> float:
    """The seconds of the models of the last build that the KPI's numerator and denominator are read from."""
    manifest = folder / "var" / "dbt" / "target" / "manifest.json"
    parents: dict[str, list[str]] = json.loads(manifest.read_text(encoding="utf-8"))["parent_map"]
    seconds = seconds_of_models(folder)
    sought = [node for node in parents if node.startswith("metric.") and node.endswith(f".{kpi}")]
    found = set(sought)
    while sought:
        new = set(parents[sought.pop()]) - found
        found |= new
        sought += new
    return sum(seconds.get(node.rsplit(".", 1)[-1], 0) for node in found if node.startswith("model."))


def disk_gib(folder: Path) -> dict[str, float]:
    """What the main job holds on disk, in GiB: the landed files, the databases it works in, and what is published."""
    var = folder / "var"
    held = {
        "landed": [var / "warehouse.landed"],
        "warehouse": [var / "warehouse.duckdb"],
        "marts": [var / "warehouse.duckdb.marts"],
        "published": [var / "published"],
    }
    return {
        what: sum(file.stat().st_size for path in paths for file in (path, *path.rglob("*")) if file.is_file()) / 2**30
        for what, paths in held.items()
    }


def peak_gib() -> float:
    """The most memory that any process ever held that has been waited for, in GiB."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20


def write(name: str, lines: Sequence[str]) -> None:
    """Print a result and write it to `benchmarks/results`."""
    text = "\n".join(lines)
    sys.stdout.write(text)
    _RESULTS.mkdir(exist_ok=True)
    (_RESULTS / f"{name}.md").write_text(text)
