"""Compares what a build published with the second computation of the KPIs in `reference`."""

import csv
import math
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from conftest import PROJECT
from reference import every_kpi, people
from reference.extracts import Extracts
from reference.tally import Number

WINDOWS = (24, 48, 72, 168)
COUNTS = {"queue_visits_offered", "queue_visits_answered", "queue_visits_abandoned", "contacts_handled"}

Sums = tuple[Any, Any] | None


def exchange_rates() -> dict[tuple[date, str], Decimal]:
    """The shipped rates, by month and currency."""
    with (PROJECT / "seeds" / "settings" / "exchange_rates.csv").open(newline="", encoding="utf-8") as lines:
        return {
            (date.fromisoformat(row["month"]), row["currency"]): Decimal(row["rate_to_eur"])
            for row in csv.DictReader(lines)
        }


def is_same(actual: object, expected: Number | None) -> bool:
    """The same but for the noise of floats."""
    if actual is None or expected is None:
        return actual is expected
    assert isinstance(actual, (int, float, Decimal))
    return math.isclose(float(actual), float(expected), rel_tol=1e-9, abs_tol=1e-9)


def differing_kpi_values(
    query: Callable[[str], list[tuple[Any, ...]]], extracts: Extracts, as_of: datetime
) -> dict[tuple[str, ...], tuple[Sums, Sums]]:
    """The rows of kpi_values that differ: every KPI, at all levels and grains, (numerator, denominator) of both.

    Left out are rolling periods, which the second computation does not have, and counts of nothing.
    """
    computed = every_kpi.kpi_values(extracts, as_of, exchange_rates(), WINDOWS)
    suppressed = {key for key, shown in people.published(people.kpi_values(extracts)).items() if shown is None}
    expected: dict[tuple[str, ...], Sums] = {
        tuple(key): (None, None) if key in suppressed else value
        for key, value in computed.items()
        if not (key.kpi in COUNTS and value[0] == 0)
    }
    counts = ", ".join(f"'{kpi}'" for kpi in sorted(COUNTS))
    actual: dict[tuple[str, ...], Sums] = {
        tuple(str(part) for part in row[:5]): (row[5], row[6])
        for row in query(f"""
            select kpi, period_grain, period_start, level, level_id, numerator, denominator
            from marts.kpi_values
            where period_grain in ('day', 'week', 'month')
                and not (kpi in ({counts}) and coalesce(numerator, 0) = 0)
        """)
    }
    differing = {}
    for key in sorted(actual.keys() | expected.keys()):
        published, known = actual.get(key), expected.get(key)
        if published is None or known is None or not all(map(is_same, published, known)):
            differing[key] = (published, known)
    return differing
