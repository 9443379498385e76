"""How surprising a load is: the chance that an honest one departs as far from what is usual for it.

Counts of rows follow a negative binomial distribution around what is usual, and shares a beta-binomial one. Both are
exact however few rows there are, and both are as wide as days before have been: the spread that
`int_checks__load_usual` measured, enlarged by what so many days can't tell, and never less than a floor.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]

# Days that int_checks__load_usual sums up besides the day itself, with it.
RECENT_DAYS = 3
# The chance that the true spread is greater than the one that is reckoned with.
_UNDERRATED = 0.05
# Terms of a sum that are added at a time.
_TERMS = 4096
# Below this a complement to 1 has too few digits left.
_LOST = 1e-6


@dataclass(frozen=True)
class Usual:
    """What is usual, cell by cell: shares between 0 and 1 where there is a total, else numbers of rows.

    Attributes:
        hits: what the day brought.
        total: what it is a share of; NaN for numbers of rows.
        expected: the usual share, or the usual rows.
        known: how many rows say what is usual; more are surer.
        usual_days: how many days they are of; NaN or 0 without history.
        spread: departures of earlier days beyond chance, as the model measured them; NaN where none were.
        days: how many days measured it.

    """

    hits: Numbers
    total: Numbers
    expected: Numbers
    known: Numbers
    usual_days: Numbers
    spread: Numbers
    days: Numbers


def chances(usual: Usual, least_spread: float) -> Numbers:
    """The chance of departing as far in either direction, of each cell; a cell without history has none (NaN)."""
    spread = np.nan_to_num(usual.spread).clip(min=0) * _enlarged(usual.days)
    is_rows = np.isnan(usual.total)
    result = np.full(len(usual.hits), np.nan)
    # Half a row more in all days together, as Jeffreys' prior has it: few empty days don't say that there never is one.
    half_a_row = 0.5 / np.maximum(usual.usual_days[is_rows], 1)
    result[is_rows] = _chances_of_rows(
        usual.hits[is_rows],
        usual.expected[is_rows] + half_a_row,
        np.maximum(spread[is_rows], least_spread**2) + 1 / (usual.known[is_rows] + 0.5),
    )
    shares = usual.expected[~is_rows]
    # A floor of the same relative size, and what is not known of the usual share itself.
    floor = least_spread**2 * shares * (1 - shares)
    correlation = np.minimum(np.maximum(spread[~is_rows], floor) + 1 / (usual.known[~is_rows] + 1), 0.5)
    result[~is_rows] = [
        _chance_of_share(*cell)
        for cell in zip(usual.hits[~is_rows], usual.total[~is_rows], shares, correlation, strict=True)
    ]
    return result


def _enlarged(days: Numbers) -> Numbers:
    """By how much a variance that so many days measured may be greater in truth."""
    from scipy.special import chdtri  # noqa: PLC0415 - costs half a second, and few commands need it

    degrees = np.maximum(days, 1.0)
    enlarged: Numbers = degrees / chdtri(degrees, 1 - _UNDERRATED)
    return enlarged


def _chances_of_rows(hits: Numbers, expected: Numbers, spread: Numbers) -> Numbers:
    """Two-sided tails of the negative binomial distribution with variance expected + spread * expected^2."""
    from scipy.special import betainc  # noqa: PLC0415

    size = 1 / spread
    share = expected / (expected + size)
    at_least = np.where(hits > 0, betainc(np.maximum(hits, 1), size, share), 1.0)
    at_most = 1 - betainc(hits + 1, size, share)
    # The complement of a tiny tail is lost in 1 - x; the other side is computed by itself.
    at_most = np.where(at_most < _LOST, betainc(size, hits + 1, 1 - share), at_most)
    tails: Numbers = np.minimum(2 * np.minimum(at_least, at_most), 1.0)
    return tails


def _chance_of_share(hits: float, total: float, expected: float, correlation: float) -> float:
    """Two-sided tail of the beta-binomial distribution."""
    from scipy.special import betaln, gammaln  # noqa: PLC0415

    weight = 1 / correlation - 1
    yes, no = expected * weight, (1 - expected) * weight
    is_above = hits > total * expected
    step = 1 if is_above else -1
    last = total if is_above else 0.0
    tail, term = 0.0, hits
    while (last - term) * step >= 0:
        counts = np.arange(term, term + step * min(_TERMS, abs(last - term) + 1), step)
        logs = (
            gammaln(total + 1)
            - gammaln(counts + 1)
            - gammaln(total - counts + 1)
            + betaln(counts + yes, total - counts + no)
            - betaln(yes, no)
        )
        added = float(np.exp(logs).sum())
        tail += added
        if added < tail * 1e-6:
            break
        term = counts[-1] + step
    return min(2 * tail, 1.0)


def columns_of(table: Mapping[str, Any], *, recent: bool) -> Usual:
    """The cells of a day, or of it and the days before it together."""
    hits, total = ("recent_hits", "recent_total") if recent else ("hits", "total")
    of_day = _numbers(table["usual"])
    # Days depart each by itself, so the sum of some departs less.
    days = RECENT_DAYS if recent else 1
    totals = _numbers(table[total])
    expected = of_day
    if recent:
        hoped = _numbers(table["recent_expected_hits"])
        expected = np.where(np.isnan(totals), hoped, hoped / np.maximum(np.nan_to_num(totals), 1))
    usual_days = _numbers(table["usual_days"])
    is_rows = np.isnan(totals)
    return Usual(
        hits=_numbers(table[hits]),
        total=totals,
        expected=expected,
        known=np.where(is_rows, of_day * usual_days, _numbers(table["usual_rows"])) * days,
        usual_days=usual_days / days,
        spread=_numbers(table["spread"]) / days,
        days=_numbers(table["history_days"]),
    )


def _numbers(column: Any) -> Numbers:
    masked = np.ma.asarray(column, dtype=np.float64)
    filled: Numbers = np.ma.filled(masked, np.nan)
    return filled
