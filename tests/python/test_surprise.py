"""How surprising a number of rows is, where few days say what is usual."""

import numpy as np
import pytest
from scipy.stats import nbinom

from pipelines.checks.surprise import Usual, chances

LEAST_SPREAD = 0.1


def chance_of_rows(hits: float, usual: float, days: float) -> float:
    """The chance of so many rows on a day, after some days of the same weekday with as many as usual."""
    values = {"hits": hits, "total": np.nan, "expected": usual, "known": usual * days, "usual_days": days}
    cell = {name: np.array([value]) for name, value in values.items()}
    return float(chances(Usual(**cell, spread=np.array([0.0]), days=np.array([14.0])), LEAST_SPREAD)[0])


@pytest.mark.parametrize(("hits", "usual", "days"), [(2, 0, 3), (0, 0, 1), (5, 2, 8), (0, 40, 8), (70, 40, 8)])
def test_the_chance_is_that_of_a_negative_binomial_distribution(hits: int, usual: float, days: float) -> None:
    """Its mean has half a row more in all days; its spread is the least one and what so few rows can't tell."""
    mean, size = usual + 0.5 / days, 1 / (LEAST_SPREAD**2 + 1 / (usual * days + 0.5))
    spread = nbinom(size, size / (size + mean))
    by_scipy = min(1.0, 2 * min(spread.sf(hits - 1), spread.cdf(hits)))
    assert chance_of_rows(hits, usual, days) == pytest.approx(by_scipy)


def test_few_empty_days_do_not_make_two_rows_impossible() -> None:
    assert chance_of_rows(2, 0, 3) > 0.01
    assert chance_of_rows(40, 0, 8) < 1e-12


def test_a_day_that_is_missing_is_as_surprising_as_ever() -> None:
    assert chance_of_rows(0, 40, 8) < 1e-12
