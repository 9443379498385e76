"""Situations of vendors that send JSON: a YAML file that people read, the files made of it, and the KPIs of a queue."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from conftest import PROJECT, Run

DAY = "2026-03-02"


@cache
def situations_of(vendor: str) -> dict[str, dict[str, Any]]:
    """The situations of a vendor by name, with every word as it is written."""
    file = PROJECT / "tests" / "fixtures" / vendor / "situations.yml"
    found: dict[str, dict[str, Any]] = yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader)
    return found


def write_files(folder: Path, files: dict[str, str]) -> None:
    """Write texts into files of a folder, by their paths."""
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def kpis_of_queue(run: Run, queue: str, day: str = DAY) -> dict[str, str]:
    """Numerator and denominator of each KPI of a queue on a day, as `3/4`."""
    found = run.query(
        f"""
        select kpi, numerator, denominator from marts.kpi_values
        where level = 'queue' and level_id = '{queue}' and period_grain = 'day' and period_start = '{day}'
        """
    )
    return {str(kpi): f"{float(str(above)):g}/{float(str(below)):g}" for kpi, above, below in found}
