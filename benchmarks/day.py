"""Times what comes after a year, or more: one more day, one small file, and nothing, each against the first full run.

And rounds of `ccw watch` with one more such file each, of which the first has to load what it needs.

The simulated extracts are cut before their last day, by when a record was written down. Logins of the last
day come as a file of their own after all else of it, and those of the three days before, later still, as one a round.
What has been read is removed, and one published run is kept, so that as many contacts fit on the disk as can.
"""

import argparse
import os
import platform
import shutil
import tempfile
from pathlib import Path

import duckdb
from jobs import copy_floor, disk_gib, peak_gib, run, seconds_of_models, simulate, steps_of_last_run, watch, write

_SMALL_FILE = "crm/account_logins.parquet"
_WRITTEN_AT = ("updated_at", "published_at", "logged_in_at")
_SLOWEST_MODELS = 10
_ROUNDS = ("round_1", "round_2", "round_3")


def cut(extracts: Path, folder: Path) -> int:
    """Cut the extracts into `year`, `day`, `file` and `round_1` to `round_3` below `folder`.

    Return how many rows come with `day`.
    """
    rows_of_day = 0
    with duckdb.connect() as connection:

        def copy(file: Path, condition: str, part: str) -> int:
            out = folder / part / file.relative_to(extracts)
            out.parent.mkdir(parents=True, exist_ok=True)
            return int(
                connection.execute(f"copy (from '{file}' where {condition}) to '{out}' (format parquet)").fetchall()[0][
                    0
                ]
            )

        legs = extracts / "acd" / "contact_legs.parquet"
        last_day = connection.execute(f"select cast(max(started_at) as date) from '{legs}'").fetchall()[0][0]
        for file in sorted(extracts.glob("*/*.parquet")):
            if file.parent.name == "truth":
                continue
            columns = [column[0] for column in connection.execute(f"describe from '{file}'").fetchall()]
            written_at = next((name for name in _WRITTEN_AT if name in columns), None)
            is_new = f"coalesce({written_at} >= date '{last_day}', false)" if written_at else "false"
            if file == extracts / _SMALL_FILE:
                days_before = f"date_diff('day', logged_in_at, date '{last_day}')"
                copy(file, f"{days_before} > {len(_ROUNDS)}", "year")
                for number, part in enumerate(("file", *_ROUNDS)):
                    copy(file, f"greatest({days_before}, 0) = {number}", part)
                continue
            copy(file, f"not {is_new}", "year")
            new_rows = copy(file, is_new, "day")
            rows_of_day += new_rows
            if not new_rows:
                (folder / "day" / file.relative_to(extracts)).unlink()
    return rows_of_day


def main() -> None:
    """Simulate, measure, print and write down."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--contacts", type=int, default=1_000_000)
    arguments.add_argument("--days", type=int, default=366)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        simulated = simulate(folder / "extracts", options.contacts, options.days)
        rows_of_day = cut(folder / "extracts", folder)
        shutil.rmtree(folder / "extracts")
        floor = copy_floor(folder / "year", folder / "floor.duckdb")
        whole: dict[str, float] = {}
        steps: dict[str, dict[str, float]] = {}
        models: dict[str, dict[str, float]] = {}
        for part in ("year", "day", "file"):
            whole[part] = run(folder, folder / part)
            steps[part] = steps_of_last_run(folder)
            models[part] = seconds_of_models(folder)
            if part == "year":
                peak = peak_gib()
                disk = disk_gib(folder)
                shutil.rmtree(folder / "year")
        nothing = run(folder, folder / "file")
        rounds = watch(
            folder, folder / "file" / _SMALL_FILE, [folder / part / _SMALL_FILE for part in _ROUNDS], folder / "file"
        )
    of_models = {part: sum(seconds.values()) for part, seconds in models.items()}

    def slowest(part: str) -> list[str]:
        names = sorted(models[part], key=lambda name: -models[part][name])[:_SLOWEST_MODELS]
        return [f"| {name} | {models['year'][name]:.1f} | {models['day'].get(name, 0):.1f} |" for name in names]

    def row(what: str, seconds: dict[str, float]) -> str:
        shares = " | ".join(
            f"{seconds[part]:.1f} ({100 * seconds[part] / seconds['year']:.1f} %)" for part in ("day", "file")
        )
        return f"| {what} | {seconds['year']:.1f} | {shares} |"

    head = ["| model | full, s | one more day, s |", "|---|---:|---:|"]
    write(
        f"day_{options.contacts}_in_{options.days}",
        [
            f"# One more day: {options.contacts:,} contacts over {options.days} days",
            "",
            f"{platform.machine()}, {os.cpu_count()} cores, DuckDB {duckdb.__version__}. The day brings",
            f"{rows_of_day:,} rows, the file a day's logins. Seconds, and in brackets the share of the full run.",
            "",
            "| what | full | one more day | one small file |",
            "|---|---:|---:|---:|",
            *(row(step, {part: steps[part][step] for part in steps}) for step in steps["year"]),
            row("`ccw run`, start to end", whole),
            row("models, sum of their seconds", of_models),
            "",
            f"Nothing new: {nothing:.1f} s. Copy floor: {floor:.1f} s; the full run took "
            f"{whole['year'] / floor:.1f} times that. Simulating took {simulated:.1f} s.",
            "Rounds of `ccw watch`, from a small file's arrival until it is published: "
            f"{rounds[0]:.1f} s for the first, then {', '.join(f'{seconds:.1f} s' for seconds in rounds[1:])}.",
            f"Peak memory of the full run: {peak:.1f} GiB. On disk after it: "
            f"{', '.join(f'{what} {gib:.1f} GiB' for what, gib in disk.items())}.",
            "",
            *("## The models that took longest of the full run", "", *head, *slowest("year"), ""),
            *("## The models that took longest on the day", "", *head, *slowest("day"), ""),
        ],
    )


if __name__ == "__main__":
    main()
