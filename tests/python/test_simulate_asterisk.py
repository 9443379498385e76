"""The simulated world as a queue log: it gives the KPIs of the plain extracts, as far as Asterisk can tell."""

from pathlib import Path

import pytest
from conftest import Run, run_ccw

from simulator.vendors.asterisk import VARS, is_told

WORLD = ("--contacts", "1500", "--days", "20")
AS_OF = "2026-04-26T16:00:00Z"
KPIS = """
    select kpi, period_grain, cast(period_start as varchar), level, level_id, numerator, denominator
    from marts.kpi_values
    where period_grain in ('day', 'month') and level <> 'reason'
"""

Values = dict[tuple[object, ...], tuple[object, object]]


def kpi_values(folder: Path, seed: int, *vendor: str) -> tuple[Run, Values]:
    """Simulate a world, publish it, and return its KPIs that a queue log can tell."""
    folder.mkdir()
    outcome = run_ccw(folder, "simulate", *WORLD, "--seed", str(seed), "--out", "mine", *vendor)
    assert outcome.returncode == 0, outcome.stderr
    outcome = run_ccw(folder, "run", "--extracts", "mine", "--as-of", AS_OF, "--no-report", "--vars", VARS)
    assert outcome.returncode == 0, outcome.stderr
    run = Run(folder, outcome)
    rows = [row for row in run.query(KPIS) if is_told(str(row[0]))]
    # Sums of doubles may differ in the last digits from one order of rows to another.
    return run, {tuple(row[:5]): (rounded(row[5]), rounded(row[6])) for row in rows}


def rounded(value: object) -> object:
    """A sum with six decimals; null where too few people were asked."""
    return None if value is None else round(float(str(value)), 6)


@pytest.mark.parametrize("seed", [7])
def test_a_queue_log_gives_the_same_kpis_as_plain_extracts(tmp_path: Path, seed: int) -> None:
    _, plain = kpi_values(tmp_path / "plain", seed)
    run, logged = kpi_values(tmp_path / "logged", seed, "--as", "asterisk")
    ((calls,),) = run.query("select count(*) from marts.fct_contacts where source = 'asterisk'")
    assert int(str(calls)) > 400
    assert len({kpi for kpi, *_ in plain}) > 40
    differ = {key: (plain.get(key), logged.get(key)) for key in plain.keys() | logged.keys()}
    assert {key: values for key, values in differ.items() if values[0] != values[1]} == {}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--as", "siebel"), "choose "),
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
