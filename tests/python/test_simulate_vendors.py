"""The simulated world in a vendor's form: it gives the KPIs of the plain extracts, as far as the vendor can tell."""

import json
import os
import shutil
from functools import cache
from pathlib import Path

import pytest
from conftest import Run, run_ccw

from simulator.vendors import VENDORS
from simulator.vendors.plain import Vendor

WORLD = ("--contacts", "1500", "--days", "20")
AS_OF = "2026-04-26T16:00:00Z"
SEEDS = [int(seed) for seed in os.environ.get("CCW_TEST_SEEDS", "7").split()]
KPIS = """
    select kpi, period_grain, cast(period_start as varchar), level, level_id, numerator, denominator
    from marts.kpi_values
    where period_grain in ('day', 'month')
"""
SETTINGS = {name: value for vendor in VENDORS.values() for name, value in vendor.settings.items()}

Values = dict[tuple[object, ...], tuple[object, object]]


@cache
def simulated(base: Path, seed: int, *vendor: str) -> tuple[Run, Values]:
    """Simulate a world, publish it, and return all its KPIs; once for all tests."""
    folder = base / "-".join([*vendor, str(seed)]).lstrip("-")
    folder.mkdir()
    outcome = run_ccw(folder, "simulate", *WORLD, "--seed", str(seed), "--out", "mine", *vendor)
    assert outcome.returncode == 0, outcome.stderr
    return published(folder)


def published(folder: Path) -> tuple[Run, Values]:
    """Run the main job over a world, and return all its KPIs."""
    settings = json.dumps(SETTINGS)
    outcome = run_ccw(folder, "run", "--extracts", "mine", "--as-of", AS_OF, "--no-report", "--vars", settings)
    assert outcome.returncode == 0, outcome.stderr
    run = Run(folder, outcome)
    # Sums of doubles may differ in the last digits from one order of rows to another.
    return run, {tuple(row[:5]): (rounded(row[5]), rounded(row[6])) for row in run.query(KPIS)}


def rounded(value: object) -> object:
    """A sum with six decimals; null where too few people were asked."""
    return None if value is None else round(float(str(value)), 6)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all worlds."""
    return tmp_path_factory.mktemp("worlds")


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", VENDORS)
def test_a_vendors_export_gives_the_same_kpis_as_plain_extracts(base: Path, seed: int, name: str) -> None:
    vendor = VENDORS[name]
    plain = told(vendor, simulated(base, seed)[1])
    run, values = simulated(base, seed, "--as", name)
    exported = told(vendor, values)
    ((contacts,),) = run.query(f"select count(*) from marts.fct_contacts where source = '{name}'")
    assert int(str(contacts)) > 200
    assert len({kpi for kpi, *_ in plain}) > 40
    differ = {key: (plain.get(key), exported.get(key)) for key in plain.keys() | exported.keys()}
    assert {key: values for key, values in differ.items() if values[0] != values[1]} == {}


@pytest.mark.parametrize("name", VENDORS)
def test_an_export_in_two_parts_gives_the_same_kpis(base: Path, tmp_path: Path, name: str) -> None:
    """The second part has the second half, and of the first one each seventh line, which comes late."""
    if os.environ.get("CCW_TEST_CORPUS") != "all":
        pytest.skip("make test-long lands exports in parts")
    vendor = VENDORS[name]
    run, at_once = simulated(base, SEEDS[0], "--as", name)
    shutil.copytree(run.folder / "mine", tmp_path / "mine")
    late = [(file, *halves(file)) for file in sorted((tmp_path / "mine" / name).rglob("*")) if file.is_file()]
    for file, first, _ in late:
        file.write_text(first, encoding="utf-8")
    published(tmp_path)
    for file, _, second in late:
        file.with_name(f"{file.stem}.late{file.suffix}").write_text(second, encoding="utf-8")
    _, in_parts = published(tmp_path)
    assert told(vendor, in_parts) == told(vendor, at_once)


def halves(file: Path) -> tuple[str, str]:
    """Cut a file of lines in two."""
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    header = [lines.pop(0)] if file.suffix == ".csv" else []
    first = [line for number, line in enumerate(lines) if number < len(lines) / 2 and number % 7]
    second = [line for number, line in enumerate(lines) if number >= len(lines) / 2 or not number % 7]
    return "".join(header + first), "".join(header + second)


def told(vendor: Vendor, values: Values) -> Values:
    """The KPIs that a vendor tells."""
    return {key: value for key, value in values.items() if vendor.tells(str(key[0]), str(key[3]))}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--as", "siebel"), f"choose {' or '.join(sorted(VENDORS))}"),
        (("--as", "asterisk", "--format", "parquet"), "are CSV"),
        (("--as", "asterisk"), "need a new folder"),
    ],
)
def test_a_world_that_can_not_be_written_is_named(tmp_path: Path, options: tuple[str, ...], message: str) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "note.txt").write_text("x", encoding="utf-8")
    outcome = run_ccw(tmp_path, "simulate", *WORLD, "--out", "mine", *options)
    assert outcome.returncode == 2
    assert message in " ".join(outcome.stderr.split())
