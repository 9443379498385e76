"""Small samples, and when a number is final: intervals, and the flags of `kpi_values`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from math import sqrt
from statistics import NormalDist
from zoneinfo import ZoneInfo

# 95 %, two-sided: 1.959964…
Z = NormalDist().inv_cdf(0.975)
DEFAULT_MINIMUM_SAMPLE = 30
QA_MINIMUM_SAMPLE = 20


def wilson(numerator: float, denominator: float) -> tuple[float, float] | None:
    """Return Wilson's 95 % interval of a share of counted things: (p + z²/2n ± z√(p(1-p)/n + z²/4n²)) / (1 + z²/n).

    Source: E. B. Wilson (1927), Probable inference, the law of succession, and statistical inference.
    """
    if denominator <= 0:
        return None
    n, share = denominator, numerator / denominator
    centre = share + Z**2 / (2 * n)
    margin = Z * sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return (centre - margin) / (1 + Z**2 / n), (centre + margin) / (1 + Z**2 / n)


def normal(total: float, total_of_squares: float, n: int, scale: float = 1) -> tuple[float, float] | None:
    """Return the 95 % interval of a mean "from their own variance": x̄ ± z·s/√n, both times the scale.

    s² = (Σx² - (Σx)²/n) / (n - 1). One thing alone has no variance, and so no interval. An NPS is the mean of +1, 0
    and -1 with the scale 100.
    """
    if n < 2:
        return None
    mean = total / n
    variance = max(total_of_squares - total**2 / n, 0) / (n - 1)
    margin = Z * sqrt(variance / n)
    return scale * (mean - margin), scale * (mean + margin)


def after_period(start: date, grain: str) -> date:
    """Return the first day after a period; a rolling period is given by the first day of its last month."""
    if grain == "day":
        return start + timedelta(days=1)
    if grain == "week":
        return start + timedelta(days=7)
    if grain in ("month", "rolling_3_months", "rolling_6_months"):
        return (start + timedelta(days=31)).replace(day=1)
    raise ValueError(f"no such grain: {grain}")


def is_final(
    start: date,
    grain: str,
    horizon: timedelta,
    as_of: datetime,
    zones: Iterable[str] = (),
    *,
    reporting_timezone: str = "UTC",
) -> bool:
    """Return is_final: "the period's last midnight (in the westernmost zone of the sites) + horizon ≤ as_of".

    In the westernmost zone that midnight is the latest; without any site the zone is the reporting one.
    """
    after = after_period(start, grain)
    midnights = [
        datetime.combine(after, datetime.min.time(), ZoneInfo(zone)).astimezone(UTC)
        for zone in (set(zones) or {reporting_timezone})
    ]
    return max(midnights) + horizon <= as_of


def is_low_sample(sample: float, minimum_sample: int = DEFAULT_MINIMUM_SAMPLE) -> bool:
    """Return whether a sample is "Below the KPI's minimum sample (default 30; QA 20)"."""
    return sample < minimum_sample
