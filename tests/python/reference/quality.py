"""Evaluations and the KPIs of the section Quality of the specification."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import partial

from .contacts import agent_at, by_own_ids, contacts_of_extracts, local_date
from .extracts import EvaluationItem, Extracts
from .tally import KpiValues, Tally

LEVELS = ("organization", "client", "site", "team", "agent", "queue")
SECTION_OF_KPI = {
    "qa_accuracy": "accuracy",
    "qa_completeness": "completeness",
    "qa_compliance": "compliance",
    "qa_privacy": "privacy",
    "script_adherence": "script",
}
ERROR_CLASS_OF_KPI = {
    "critical_error_free_customer": "customer_critical",
    "critical_error_free_business": "business_critical",
    "critical_error_free_compliance": "compliance_critical",
}


def is_applicable(item: EvaluationItem) -> bool:
    """Return whether an item counts: "An item without a score is not applicable"."""
    return item.score is not None and item.is_not_applicable is not True


def sums(items: Iterable[EvaluationItem]) -> tuple[Fraction, Fraction]:
    """Return Σ score and Σ max_score over applicable items."""
    applicable = [item for item in items if is_applicable(item)]
    score = sum((Fraction(item.score) for item in applicable if item.score is not None), Fraction(0))
    return score, sum((Fraction(item.max_score) for item in applicable), Fraction(0))


def score_of(items: Sequence[EvaluationItem], auto_fail_is_zero: bool = True) -> Fraction | None:
    """Return "Σ score / Σ max_score over applicable items, 0 if an item auto-failed (var)".

    "is_auto_fail true means that the item failed the evaluation", whatever else that item says. Where no item is
    applicable and none failed, there is no score.
    """
    if auto_fail_is_zero and any(item.is_auto_fail is True for item in items):
        return Fraction(0)
    score, highest = sums(items)
    return score / highest if highest else None


def tallies(extracts: Extracts, reporting_timezone: str, auto_fail_is_zero: bool) -> tuple[Tally, Tally]:
    """Add up the evaluations, and next to them how many there are of each KPI ("n = evaluations")."""
    contacts = by_own_ids(contacts_of_extracts(extracts, reporting_timezone))
    items_of: dict[str, list[EvaluationItem]] = defaultdict(list)
    for item in extracts.evaluation_items:
        items_of[item.evaluation_id].append(item)
    tally, evaluations = Tally(), Tally()
    for evaluation in extracts.evaluations:
        # "calibration sessions excluded"
        if evaluation.is_calibration is True:
            continue
        items = items_of[evaluation.evaluation_id]
        contact = contacts.get(evaluation.contact_id)
        # "Day, team and site: the agent's at evaluated_at."
        agent = agent_at(evaluation.agent_id, evaluation.evaluated_at, extracts.agents)
        site_id = agent.site_id if agent is not None else None
        day = local_date(evaluation.evaluated_at, (site_id,), extracts.site_timezones, reporting_timezone)
        members = {
            "client": contact.client_id if contact is not None else None,
            "site": site_id,
            "team": agent.team_id if agent is not None else None,
            "agent": evaluation.agent_id,
            "queue": contact.queue_id if contact is not None else None,
        }
        add = partial(tally.add, day=day, members=members, levels=LEVELS)
        count = partial(evaluations.add, day=day, members=members, levels=LEVELS, numerator=1, denominator=1)
        score = score_of(items, auto_fail_is_zero)
        if score is not None:
            add("qa_score", numerator=score, denominator=1)
            count("qa_score")
        for kpi, section in SECTION_OF_KPI.items():
            reached, highest = sums(item for item in items if item.section == section)
            if highest:
                add(kpi, numerator=reached, denominator=highest)
                count(kpi)
        for kpi, error_class in ERROR_CLASS_OF_KPI.items():
            add(kpi, numerator=all(item.error_class != error_class for item in items), denominator=1)
            count(kpi)
    return tally, evaluations


def samples(extracts: Extracts, reporting_timezone: str = "UTC", auto_fail_is_zero: bool = True) -> KpiValues:
    """Count the evaluations behind each value ("n = evaluations"): those with something to say about the KPI."""
    return tallies(extracts, reporting_timezone, auto_fail_is_zero)[1].counts()


def kpi_values(extracts: Extracts, reporting_timezone: str = "UTC", auto_fail_is_zero: bool = True) -> KpiValues:
    """Compute the KPIs of the section Quality.

    qa_score: "mean over evaluations"; the sections: "Σ score / Σ max_score in that section"; error free:
    "evaluations without an error of that class / evaluations".
    """
    return tallies(extracts, reporting_timezone, auto_fail_is_zero)[0].values()
