"""Times the same job on DuckDB and on Apache Spark, one after the other, on the same simulated contacts.

The job is the main job, on all days but the last and then on the last; or with `--select` landing and building a part
of the models, without tests. Both engines read the same landed Parquet files and make the same tables; seconds a step,
and their ratio, from one call on one machine.
Spark runs in local mode, with the cores and memory that profiles.yml gives it (`CCW_SPARK_MASTER`, `CCW_SPARK_MEMORY`,
`CCW_SPARK_PARTITIONS`).
"""

import argparse
import json
import os
import platform
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import duckdb
from day import cut
from jobs import build_models, copy_floor, land, peak_gib, run, seconds_of_models, simulate, steps_of_last_run, write

TARGETS = ("duckdb", "spark")

_SLOWEST_MODELS = 10


def published_rows(folder: Path) -> dict[str, int]:
    """Rows of each table that a run published."""
    manifest = json.loads((folder / "var" / "published" / "current" / "manifest.json").read_text())
    return {name: table["rows"] for name, table in manifest["tables"].items()}


def built_rows(folder: Path, target: str) -> dict[str, int]:
    """Rows of each table that dbt built of a selection, on the disk of either engine, which may differ in views."""
    manifest = json.loads((folder / "var" / "dbt" / "target" / "manifest.json").read_text())
    tables = [
        manifest["nodes"][f"model.{manifest['metadata']['project_name']}.{name}"] for name in seconds_of_models(folder)
    ]
    with duckdb.connect(str(folder / "var" / "warehouse.duckdb"), read_only=True) as connection:
        return {
            table["name"]: connection.sql(
                f"from {table['schema']}.{table['alias']}"
                if target == "duckdb"
                else f"from '{folder}/var/spark/warehouse/{table['schema']}.db/{table['alias']}/**/*.parquet'"
            ).shape[0]
            for table in tables
            if table["config"]["materialized"] != "view"
        }


def table(seconds: dict[str, dict[str, float]]) -> list[str]:
    """The seconds of each step on both engines, and their ratio, in Markdown."""
    duck, spark = (seconds[target] | {"all steps": sum(seconds[target].values())} for target in TARGETS)
    return [
        "| step | DuckDB, s | Spark, s | Spark / DuckDB |",
        "|---|---:|---:|---:|",
        *(f"| {step} | {duck[step]:.1f} | {spark[step]:.1f} | {spark[step] / duck[step]:.1f} |" for step in duck),
        "",
    ]


def main() -> None:
    """Simulate, measure, print and write down.

    Raises:
        SystemExit: the engines made different numbers of rows.

    """
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--contacts", type=int, default=1_000_000)
    arguments.add_argument("--days", type=int, default=70)
    arguments.add_argument("--select", default="", help="models, as dbt selects them; default: the main job, with all")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        extracts = Path(scratch) / "extracts"
        simulate(extracts, options.contacts, options.days)
        rows_of_day = 0 if options.select else cut(extracts, Path(scratch))
        floor = copy_floor(extracts if options.select else Path(scratch) / "year", Path(scratch) / "floor.duckdb")
        seconds, day, models, peaks, rows = {}, {}, {}, {}, {}
        for target in TARGETS:
            folder = Path(scratch) / target
            folder.mkdir()
            if options.select:
                seconds[target] = {
                    "land": land(folder, extracts, "--to", "parquet"),
                    "build, without tests": build_models(folder, target, options.select),
                }
                models[target] = seconds_of_models(folder)
                rows[target] = built_rows(folder, target)
            else:
                run(folder, Path(scratch) / "year", "--target", target, "--to", "parquet")
                seconds[target] = steps_of_last_run(folder)
                models[target] = seconds_of_models(folder)
                run(folder, Path(scratch) / "day", "--target", target)
                day[target] = steps_of_last_run(folder)
                rows[target] = published_rows(folder)
            peaks[target] = peak_gib()
    if options.select:
        both = rows["duckdb"].keys() & rows["spark"].keys()
        rows = {target: {name: rows[target][name] for name in both} for target in TARGETS}
    if rows["duckdb"] != rows["spark"]:
        sys.exit(f"The engines made different numbers of rows: {rows}")
    slowest = sorted(models["duckdb"], key=lambda name: -models["duckdb"][name])[:_SLOWEST_MODELS]
    slowest += sorted(set(models["spark"]) - set(slowest), key=lambda name: -models["spark"][name])[:_SLOWEST_MODELS]
    lines = [
        f"# DuckDB and Spark: {options.contacts:,} contacts over {options.days} days",
        "",
        f"{sum(rows['duckdb'].values()):,} rows in {len(rows['duckdb'])} tables "
        f"{f'of `{options.select}`' if options.select else 'published'}, as many on both; {platform.machine()}, "
        f"{os.cpu_count()} cores, DuckDB {duckdb.__version__}, Spark {version('pyspark')} in local mode.",
        "",
        *table(seconds),
        f"Copy floor: {floor:.1f} s; all steps on DuckDB took {sum(seconds['duckdb'].values()) / floor:.1f} times "
        f"that, with {peaks['duckdb']:.1f} GiB at most.",
        "",
        *([f"## Then one more day, of {rows_of_day:,} rows", "", *table(day)] if day else []),
        "## The models that took longest on either",
        "",
        "| model | DuckDB, s | Spark, s |",
        "|---|---:|---:|",
        *(f"| {name} | {models['duckdb'][name]:.1f} | {models['spark'][name]:.1f} |" for name in slowest),
        "",
    ]
    write(f"engines_{options.contacts}{'_part' if options.select else ''}", lines)


if __name__ == "__main__":
    main()
