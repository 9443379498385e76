"""Exceptions of the demo against control charts in plain Python, and whether they say what happened."""

from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise
from math import sqrt

import pytest
from conftest import Run

OUTAGE = date(2026, 3, 25)
WEEKS = timedelta(weeks=8)
D2 = 1.128

Member = tuple[str, str, str]
Point = tuple[date, float, float, float]  # day, numerator, denominator, value


@pytest.fixture(scope="module")
def charts(demo: Run) -> dict[Member, tuple[str, float | None, float | None, list[Point]]]:
    """Method of the interval, bounds of the KPI, and final day values, by KPI, level and member."""
    rows = demo.query(
        """
        select
            kpi, level, level_id, interval_method, minimum_value, maximum_value,
            period_start, numerator, denominator, value
        from marts.kpi_values inner join marts.kpi_catalog using (kpi)
        where period_grain = 'day' and is_final and not is_suppressed and scale = 1
            and level in ('organization', 'client', 'site', 'queue', 'channel', 'team')
        order by period_start
        """,
        demo.warehouse,
    )
    found: dict[Member, tuple[str, float | None, float | None, list[Point]]] = {}
    for kpi, level, member, method, lowest, highest, *point in rows:
        found.setdefault((kpi, level, member), (method, lowest, highest, []))[3].append(tuple(point))  # type: ignore[arg-type]
    return found


def test_exceptions_agree_with_charts_in_plain_python(
    demo: Run, charts: dict[Member, tuple[str, float | None, float | None, list[Point]]]
) -> None:
    expected = {
        (*member, day): limits
        for member, (method, lowest, highest, points) in charts.items()
        for day, limits in _outside(points, is_share=method == "wilson", lowest=lowest, highest=highest).items()
    }
    found = {
        (kpi, level, member, day): (expectation, lower, upper, rule)
        for kpi, level, member, day, expectation, lower, upper, rule in demo.query(
            """
            select kpi, level, level_id, period_start, expected, lower, upper, rule
            from marts.kpi_control_limits inner join marts.kpi_catalog using (kpi)
            where scale = 1 and period_grain = 'day' and rule is not null
            """,
            demo.warehouse,
        )
    }
    assert found.keys() == expected.keys()
    for key, (*limits, rule) in found.items():
        assert limits == pytest.approx(expected[key][:3])  # type: ignore[index]
        assert rule == expected[key][3]  # type: ignore[index]


def test_the_outage_shows_and_quiet_days_are_quiet(
    demo: Run, charts: dict[Member, tuple[str, float | None, float | None, list[Point]]]
) -> None:
    """One client's outage: more visits of it, most of them too late; on other days chance fires seldom."""
    rules = {
        (kpi, level, member): rule
        for kpi, level, member, rule in demo.query(
            f"select kpi, level, level_id, rule from marts.kpi_exceptions where date_day = date '{OUTAGE}'",
            demo.warehouse,
        )
    }
    assert rules["queue_visits_offered", "client", "skylark"] == "individuals_above_upper_limit"
    assert rules["abandonment_rate", "client", "skylark"] == "p_prime_above_upper_limit"
    assert rules["service_level", "client", "skylark"] == "p_prime_below_lower_limit"
    assert ("queue_visits_offered", "client", "willow") not in rules
    days = sum(day != OUTAGE for (_, level, _), (*_, points) in charts.items() if level != "team" for day, *_ in points)
    fired = demo.query(f"select count(*) from marts.kpi_exceptions where date_day != date '{OUTAGE}'", demo.warehouse)
    assert fired[0][0] < 0.02 * days  # type: ignore[operator]


def _outside(
    points: list[Point], *, is_share: bool, lowest: float | None, highest: float | None
) -> dict[date, tuple[float, float, float, str]]:
    """Expected value, limits and rule of the days outside them; Laney (2002) for shares."""
    weekdays: dict[int, list[Point]] = defaultdict(list)
    for point in points:
        weekdays[point[0].weekday()].append(point)
    ranges: dict[date, float] = {}
    for same_weekday in weekdays.values():
        for before, (day, _, denominator, value) in pairwise(same_weekday):
            unit = 1.0
            if is_share:
                share = _smoothed([point for point in same_weekday if day - WEEKS <= point[0] <= day])
                unit = sqrt(share * (1 - share) * (1 / denominator + 1 / before[2]) / 2)
            ranges[day] = abs(value - before[3]) / unit
    outside = {}
    for day, _, denominator, value in points:
        recent = [point for point in points if day - WEEKS <= point[0] < day]
        same = [point for point in recent if point[0].weekday() == day.weekday()]
        recent_ranges = [ranges[point[0]] for point in recent if point[0] in ranges]
        if len(recent) < 20 or len(same) < 4:
            continue
        if is_share:
            share = _smoothed(same)
            if denominator * share * (1 - share) < 1:
                continue
            weight = sum(point[2] for point in same)
            expected = sum(point[1] for point in same) / weight
            deviation = sqrt(share * (1 - share) * (1 / denominator + 1 / weight))
        else:
            expected = sum(point[3] for point in same) / len(same)
            deviation = sqrt(1 + 1 / len(same))
        margin = 3 * sum(recent_ranges) / len(recent_ranges) / D2 * deviation
        lower = max(expected - margin, lowest if lowest is not None else expected - margin)
        upper = min(expected + margin, highest if highest is not None else expected + margin)
        chart = "p_prime" if is_share else "individuals"
        if value > upper + 1e-9:
            outside[day] = (expected, lower, upper, f"{chart}_above_upper_limit")
        elif value < lower - 1e-9:
            outside[day] = (expected, lower, upper, f"{chart}_below_lower_limit")
    return outside


def _smoothed(points: list[Point]) -> float:
    """Return the pooled share, two successes and two failures added."""
    return (sum(point[1] for point in points) + 2) / (sum(point[2] for point in points) + 4)
