"""Tests the second computation of the section Quality: examples worked by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from reference import quality
from reference.extracts import AgentVersion, Evaluation, EvaluationItem, Extracts, Leg
from reference.tally import KpiKey, Number

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def item(
    number: int, section: str, score: str | None, highest: str = "5", evaluation_id: str = "e", **more: object
) -> EvaluationItem:
    """Make an item of evaluation e."""
    reached = None if score is None else Decimal(score)
    return EvaluationItem(evaluation_id, number, section, reached, Decimal(highest), **more)  # type: ignore[arg-type]


def evaluated(evaluation_id: str = "e", **more: object) -> Evaluation:
    """Make an evaluation of agent a in contact c."""
    return Evaluation(evaluation_id, "c", "a", AT, **more)  # type: ignore[arg-type]


def months(extracts: Extracts, level: str = "organization") -> dict[str, tuple[Number, Number]]:
    """Return the month at a level, by KPI."""
    values = quality.kpi_values(extracts)
    return {key.kpi: sums for key, sums in values.items() if (key.period_grain, key.level) == ("month", level)}


def test_a_score_takes_applicable_items_alone() -> None:
    """3 of 5 and 10 of 10; an item without a score and one marked not applicable leave with their maximum."""
    items = [
        item(1, "accuracy", "3"),
        item(2, "compliance", "10", "10"),
        item(3, "privacy", None),
        item(4, "script", "0", is_not_applicable=True),
    ]
    found = months(Extracts(evaluations=[evaluated()], evaluation_items=items))
    assert found["qa_score"] == (Fraction(13, 15), 1)
    assert found["qa_accuracy"] == (3, 5)
    assert found["qa_compliance"] == (10, 10)
    assert "qa_privacy" not in found
    assert "script_adherence" not in found
    assert "qa_completeness" not in found


def test_the_score_is_a_mean_over_evaluations_and_a_section_a_ratio_of_sums() -> None:
    """5 of 5, and 0 of 15: a mean of 1/2, a ratio of 5/20."""
    items = [item(1, "accuracy", "5"), item(1, "accuracy", "0", "15", "f")]
    extracts = Extracts(evaluations=[evaluated(), evaluated("f")], evaluation_items=items)
    found = months(extracts)
    assert found["qa_score"] == (1, 2)
    assert found["qa_accuracy"] == (5, 20)
    counted = quality.samples(extracts)
    assert counted[KpiKey("qa_accuracy", "month", "2026-03-01", "organization", "all")] == (2, 1)


@pytest.mark.parametrize("score", ["5", None])
def test_an_auto_fail_makes_the_score_0_and_leaves_the_section(score: str | None) -> None:
    """Also where the failing item has no score; switched off by the var, it is an item like any other."""
    items = [item(1, "privacy", score, is_auto_fail=True), item(2, "accuracy", "5")]
    extracts = Extracts(evaluations=[evaluated()], evaluation_items=items)
    assert months(extracts)["qa_score"] == (0, 1)
    assert months(extracts)["qa_accuracy"] == (5, 5)
    assert quality.score_of(items, auto_fail_is_zero=False) == 1


def test_an_evaluation_without_an_applicable_item_has_no_score() -> None:
    """But it has no critical error either."""
    extracts = Extracts(evaluations=[evaluated()], evaluation_items=[item(1, "accuracy", None)])
    assert months(extracts) == {
        "critical_error_free_customer": (1, 1),
        "critical_error_free_business": (1, 1),
        "critical_error_free_compliance": (1, 1),
    }


def test_calibration_sessions_are_excluded() -> None:
    """Only true excludes; empty does not."""
    items = [item(1, "accuracy", "5", evaluation_id=evaluation_id) for evaluation_id in ("e", "f", "g")]
    evaluations = [evaluated(is_calibration=True), evaluated("f", is_calibration=False), evaluated("g")]
    assert months(Extracts(evaluations=evaluations, evaluation_items=items))["qa_score"] == (2, 2)


def test_error_free_counts_evaluations_and_not_errors() -> None:
    """Two customer errors in one of two evaluations; a non-critical one is none."""
    items = [
        item(1, "accuracy", "0", error_class="customer_critical"),
        item(2, "accuracy", "0", error_class="customer_critical"),
        item(3, "accuracy", "5", error_class="none"),
        item(1, "accuracy", "0", evaluation_id="f", error_class="business_critical"),
        item(2, "accuracy", "0", evaluation_id="f", error_class="non_critical"),
    ]
    found = months(Extracts(evaluations=[evaluated(), evaluated("f")], evaluation_items=items))
    assert found["critical_error_free_customer"] == (1, 2)
    assert found["critical_error_free_business"] == (1, 2)
    assert found["critical_error_free_compliance"] == (2, 2)


def test_day_team_and_site_are_the_agents_as_evaluated() -> None:
    """Not as on the contact's day; client and queue are the contact's."""
    evaluated_at = datetime(2026, 3, 31, 23, 0, tzinfo=UTC)
    extracts = Extracts(
        legs=[Leg("c", 1, AT, AT, client_id="k", queue_id="q", agent_id="other", answered_at=AT)],
        evaluations=[Evaluation("e", "c", "a", evaluated_at)],
        evaluation_items=[item(1, "accuracy", "5")],
        agents=[AgentVersion("a", AT, "t1", "s1"), AgentVersion("a", AT + timedelta(days=1), "t2", "s2")],
        site_timezones={"s1": "UTC", "s2": "Europe/Lisbon"},
    )
    values = quality.kpi_values(extracts)
    found = {(key.level, key.level_id) for key in values if key[:3] == ("qa_score", "day", "2026-04-01")}
    assert found == {
        ("organization", "all"),
        ("client", "k"),
        ("site", "s2"),
        ("team", "t2"),
        ("agent", "a"),
        ("queue", "q"),
    }
