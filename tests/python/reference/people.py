"""Employee surveys: enps and esat (specification, Cost, people, backlog)."""

from __future__ import annotations

from functools import partial

from .contacts import local_date
from .extracts import Extracts
from .tally import KpiKey, KpiValues, Number, Tally

LEVELS = ("organization", "site", "team")
FEWEST_ANSWERS_SHOWN = 5


def kpi_values(extracts: Extracts, reporting_timezone: str = "UTC") -> KpiValues:
    """Compute enps and esat, before anything is suppressed.

    "`enps` (points), `esat` (4-5 of 5): team, site, organization only". enps is an NPS: 9-10 minus 0-6. An answer
    counts for the day on which its survey was sent, as an answer about a contact counts for the contact's day: the
    answers to one round stay together. The site is the survey's, else the team's.
    """
    tally = Tally()
    for survey in extracts.employee_surveys:
        site_id = survey.site_id or extracts.team_sites.get(survey.team_id)
        add = partial(
            tally.add,
            day=local_date(survey.sent_at, (site_id,), extracts.site_timezones, reporting_timezone),
            members={"site": site_id, "team": survey.team_id},
            levels=LEVELS,
            denominator=1,
        )
        if survey.enps_score is not None:
            add("enps", numerator=int(survey.enps_score >= 9) - int(survey.enps_score <= 6))
        if survey.satisfaction_score is not None:
            add("esat", numerator=survey.satisfaction_score >= 4)
    return tally.values()


def published(values: KpiValues) -> dict[KpiKey, tuple[Number, Number] | None]:
    """Suppress: below 5 answers "value, numerator, denominator, sample and interval are all null"."""
    return {key: sums if sums[1] >= FEWEST_ANSWERS_SHOWN else None for key, sums in values.items()}
