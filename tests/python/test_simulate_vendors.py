"""The simulated world in a vendor's form: it gives the KPIs of the plain extracts, as far as the vendor can tell."""

from pathlib import Path

import pytest
from conftest import Run, run_ccw

from simulator.vendors import VENDORS
from simulator.vendors.zendesk import NOT_TOLD

WORLD = ("--contacts", "1500", "--days", "20")
AS_OF = "2026-04-26T16:00:00Z"
KPIS = """
    select kpi, period_grain, cast(period_start as varchar), level, level_id, numerator, denominator
    from marts.kpi_values
    where period_grain in ('day', 'month')
"""

Values = dict[tuple[object, ...], tuple[object, object]]


def kpi_values(folder: Path, seed: int, *vendor: str) -> tuple[Run, Values]:
    """Simulate a world, publish it, and return its KPIs that Zendesk can tell."""
    folder.mkdir()
    outcome = run_ccw(folder, "simulate", *WORLD, "--seed", str(seed), "--out", "mine", *vendor)
    assert outcome.returncode == 0, outcome.stderr
    outcome = run_ccw(folder, "run", "--extracts", "mine", "--as-of", AS_OF, "--no-report")
    assert outcome.returncode == 0, outcome.stderr
    run = Run(folder, outcome)
    rows = run.query(KPIS)
    return run, {tuple(row[:5]): (row[5], row[6]) for row in rows if not str(row[0]).startswith(tuple(NOT_TOLD))}


@pytest.mark.parametrize("seed", [7])
def test_tickets_give_the_same_kpis_as_plain_extracts(tmp_path: Path, seed: int) -> None:
    _, plain = kpi_values(tmp_path / "plain", seed)
    run, tickets = kpi_values(tmp_path / "tickets", seed, "--as", "zendesk")
    ((sessions,),) = run.query("select count(*) from marts.fct_contacts where source = 'zendesk'")
    assert int(str(sessions)) > 200
    assert len({kpi for kpi, *_ in plain}) > 50
    differ = {key: (plain.get(key), tickets.get(key)) for key in plain.keys() | tickets.keys()}
    assert {key: values for key, values in differ.items() if values[0] != values[1]} == {}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--as", "siebel"), f"choose {' or '.join(sorted(VENDORS))}"),
        (("--as", "zendesk", "--format", "parquet"), "are CSV"),
        (("--as", "zendesk"), "need a new folder"),
    ],
)
def test_what_can_not_be_written_is_said(tmp_path: Path, options: tuple[str, ...], message: str) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "note.txt").write_text("x", encoding="utf-8")
    outcome = run_ccw(tmp_path, "simulate", *WORLD, "--out", "mine", *options)
    assert outcome.returncode == 2
    assert message in " ".join(outcome.stderr.split())
