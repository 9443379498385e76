"""Scorecards of the demo, computed a second time, and weights that may not be."""

from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest
from conftest import Run, dbt_build

from pipelines.warehouse import connect

Months = dict[tuple[str, str], dict[date, tuple[float, float, float, float | None]]]


@pytest.fixture(scope="module")
def months(demo: Run) -> Months:
    """Numerator, denominator, sample and target of every month, by agent and KPI."""
    found: Months = defaultdict(dict)
    for agent, kpi, month, *sums in demo.query(
        """
        select level_id, kpi, period_start, numerator, denominator, sample_size, target
        from marts.kpi_values
        where period_grain = 'month' and level = 'agent' and not is_suppressed
        """,
        demo.warehouse,
    ):
        found[str(agent), str(kpi)][month] = tuple(sums)  # type: ignore[index, assignment]
    return found


def test_scorecards_agree_with_a_second_computation(demo: Run, months: Months) -> None:
    catalog = {
        kpi: (scale, direction, minimum)
        for kpi, scale, direction, minimum in demo.query(
            "select kpi, scale, direction, minimum_sample from marts.kpi_catalog", demo.warehouse
        )
    }
    scorecards: dict[tuple[str, date], list[tuple[float, float | None, float, float | None]]] = defaultdict(list)
    for agent, month, kpi, weight, effective_weight, used, value, attainment, score in demo.query(
        """
        select agent_id, month, kpi, weight, effective_weight, months_used, value, attainment, score
        from marts.agent_scorecards
        """,
        demo.warehouse,
    ):
        scale, direction, minimum = catalog[kpi]
        known = months[agent, kpi]  # type: ignore[index]
        three = [known[each] for each in known if 0 <= _months_between(each, month) < 3]  # type: ignore[arg-type]
        six = [known[each] for each in known if 0 <= _months_between(each, month) < 6]  # type: ignore[arg-type]
        is_thin = sum(sums[2] for sums in three) < minimum  # type: ignore[operator]
        counted = six if is_thin else three
        assert used == (6 if is_thin else 3)
        expected, target = None, None
        if counted:
            expected = scale * sum(sums[0] for sums in counted) / sum(sums[1] for sums in counted)  # type: ignore[operator]
            target = known[max(each for each in known if each <= month)][3]  # type: ignore[operator]
        assert value == (None if expected is None else pytest.approx(expected))
        reached = None
        if expected is not None and target is not None:
            ratio = expected / target if direction == "higher" else target / expected if expected else 1.25
            reached = pytest.approx(min(max(ratio, 0), 1.25))
        assert attainment == reached
        scorecards[agent, month].append((weight, attainment, effective_weight, score))  # type: ignore[index, arg-type]
    assert scorecards
    for rows in scorecards.values():
        assert sum(row[0] for row in rows) == 100
        left = sum(weight for weight, attainment, *_ in rows if attainment is not None)
        total = sum(weight * attainment for weight, attainment, *_ in rows if attainment is not None)
        for weight, attainment, effective_weight, score in rows:
            assert effective_weight == pytest.approx(0 if attainment is None else 100 * weight / left)
            assert score == (pytest.approx(total * 100 / left) if left else None)


def test_weights_that_break_a_rule_stop_the_build_and_say_which(demo: Run, tmp_path: Path) -> None:
    with connect(demo.copy_warehouse(tmp_path)) as connection:
        connection.execute("update settings.scorecard_weights set weight = 9 where role = 'sales' and weight = 10")
    outcome = dbt_build(
        tmp_path, {}, "--exclude-resource-type", "unit_test", "--select", "int_scorecards__broken_rules+"
    )
    assert outcome.returncode != 0
    assert "role sales: its weights sum to 99.0; they must sum to 100" in outcome.stdout
    assert "is 9.0; none may be below 10" in outcome.stdout
    assert "SKIP relation marts.agent_scorecards" in outcome.stdout


def _months_between(earlier: date, later: date) -> int:
    return (later.year - earlier.year) * 12 + later.month - earlier.month
