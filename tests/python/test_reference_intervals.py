"""Tests the second computation of intervals and of what is final: known values and boundaries."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from math import sqrt

import pytest
from reference.intervals import QA_MINIMUM_SAMPLE, Z, is_final, is_low_sample, normal, wilson

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("numerator", "denominator", "low", "high"),
    [(9, 10, 0.596, 0.982), (27, 30, 0.744, 0.965), (90, 100, 0.826, 0.945), (0, 10, 0, 0.278), (10, 10, 0.722, 1)],
)
def test_wilson(numerator: int, denominator: int, low: float, high: float) -> None:
    """A share of 0.9 of 10, 30 and 100 things; no share leaves 0 to 1."""
    assert list(wilson(numerator, denominator) or ()) == pytest.approx([low, high], abs=5e-4)


def test_no_thing_no_interval() -> None:
    """Nor is there a variance of one thing alone."""
    assert wilson(0, 0) is None
    assert normal(5, 25, 1) is None


def test_normal() -> None:
    """Scores 1, 2, 3, 4, 5: mean 3, variance 2.5."""
    assert list(normal(15, 55, 5) or ()) == pytest.approx([3 - Z * sqrt(0.5), 3 + Z * sqrt(0.5)])
    assert normal(12, 36, 4) == (3, 3)


def test_normal_of_an_nps() -> None:
    """Two promoters, a passive, a detractor: +25 points; Σx² is 3."""
    margin = Z * sqrt((3 - 1 / 4) / 3 / 4)
    assert list(normal(1, 3, 4, scale=100) or ()) == pytest.approx([25 - 100 * margin, 25 + 100 * margin])


ZONES = ("Europe/Bucharest", "Europe/Lisbon", "America/New_York")


@pytest.mark.parametrize(
    ("start", "grain", "last_midnight"),
    [
        (date(2026, 3, 2), "day", datetime(2026, 3, 3, 5, 0, tzinfo=UTC)),
        # New York's clocks went forward on the 8th.
        (date(2026, 3, 2), "week", datetime(2026, 3, 9, 4, 0, tzinfo=UTC)),
        (date(2026, 2, 1), "month", datetime(2026, 3, 1, 5, 0, tzinfo=UTC)),
        (date(2026, 12, 1), "rolling_3_months", datetime(2027, 1, 1, 5, 0, tzinfo=UTC)),
    ],
)
@pytest.mark.parametrize("horizon", [timedelta(0), 28 * DAY])
@pytest.mark.parametrize("beside", [-SECOND, timedelta(0), SECOND])
def test_a_number_is_final_once_the_horizon_has_run_out(
    start: date, grain: str, last_midnight: datetime, horizon: timedelta, beside: timedelta
) -> None:
    """After the last midnight in New York, the westernmost of the sites."""
    final = is_final(start, grain, horizon, last_midnight + horizon + beside, ZONES)
    assert final is (beside >= timedelta(0))


def test_without_sites_the_zone_is_the_reporting_one() -> None:
    """UTC by default."""
    midnight = datetime(2026, 3, 3, tzinfo=UTC)
    assert is_final(date(2026, 3, 2), "day", timedelta(0), midnight)
    assert not is_final(date(2026, 3, 2), "day", timedelta(0), midnight, reporting_timezone="America/New_York")


def test_a_sample_of_the_minimum_is_not_low() -> None:
    """30, and 20 of evaluations."""
    assert [is_low_sample(sample) for sample in (29, 30)] == [True, False]
    assert [is_low_sample(sample, QA_MINIMUM_SAMPLE) for sample in (19, 20)] == [True, False]
