"""Surveys: which answer counts (specification, Experience), and the KPIs that are computed from answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial

from .contacts import Contact, by_own_ids
from .extracts import NEVER, Survey
from .tally import ALL_LEVELS, KpiValues, Members, Tally

DEFAULT_SURVEY_DAYS = 28


def counting_answers(
    contacts: Iterable[Contact], surveys: Iterable[Survey], survey_days: int = DEFAULT_SURVEY_DAYS
) -> list[tuple[Contact, Survey]]:
    """Choose the answers that count: one for each contact and agent.

    "Of several answers to one contact and agent (survey.agent_id, else the contact's) the latest within 28 days (var)
    of its end counts." An answer that was given before the end is within them.
    """
    of_contact = by_own_ids(contacts)
    chosen: dict[tuple[str, str | None], tuple[Contact, Survey]] = {}
    for survey in sorted(surveys, key=lambda survey: (survey.responded_at or NEVER, survey.survey_id)):
        contact = of_contact.get(survey.contact_id)
        if contact is None or contact.ended_at is None or survey.responded_at is None:
            continue
        if survey.responded_at <= contact.ended_at + timedelta(days=survey_days):
            # They come in order of their answers, so that the latest one stays.
            chosen[contact.contact_id, survey.agent_id or contact.agent_id] = (contact, survey)
    return list(chosen.values())


def survey_members(contact: Contact, survey: Survey) -> Members:
    """Return the members: "Level agent takes survey.agent_id, else the contact's agent"."""
    return {**contact.members, "agent": survey.agent_id or contact.agent_id}


def survey_resolution(
    contacts: Sequence[Contact], surveys: Sequence[Survey], survey_days: int = DEFAULT_SURVEY_DAYS
) -> KpiValues:
    """Compute fcr_survey and ocr_survey (specification, Resolution).

    fcr_survey: "issue_resolved and contacts_needed = 1 / answers to both"; ocr_survey: "answers with
    issue_resolved, contacts_needed = 1 and not other_channels_used / answers to all three", at organization
    and client.
    """
    tally = Tally()
    for contact, survey in counting_answers(contacts, surveys, survey_days):
        if survey.issue_resolved is None or survey.contacts_needed is None:
            continue
        add = partial(tally.add, day=contact.date_day, members=survey_members(contact, survey), denominator=1)
        first_contact = survey.issue_resolved and survey.contacts_needed == 1
        add("fcr_survey", levels=ALL_LEVELS, numerator=first_contact)
        if survey.other_channels_used is not None:
            one_contact = first_contact and not survey.other_channels_used
            add("ocr_survey", levels=("organization", "client"), numerator=one_contact)
    return tally.values()


def kpi_values(
    contacts: Sequence[Contact], surveys: Sequence[Survey], survey_days: int = DEFAULT_SURVEY_DAYS
) -> KpiValues:
    """Compute the KPIs of the section Experience; an NPS numerator is promoters minus detractors."""
    tally = Tally()
    for contact, survey in counting_answers(contacts, surveys, survey_days):
        members = survey_members(contact, survey)
        add = partial(tally.add, day=contact.date_day, members=members, levels=ALL_LEVELS, denominator=1)
        if survey.csat_score is not None:
            add("csat", numerator=survey.csat_score >= 4)
            add("csat_mean", numerator=survey.csat_score)
        if survey.nps_score is not None:
            add("nps", numerator=int(survey.nps_score >= 9) - int(survey.nps_score <= 6))
        if survey.ces_score is not None:
            add("ces", numerator=survey.ces_score >= 5)
        if survey.ownership_score is not None:
            add("ownership", numerator=survey.ownership_score >= 4)
    # "surveys answered / sent (every survey of a known contact, however late the answer)".
    known = by_own_ids(contacts)
    for survey in surveys:
        contact_of_survey = known.get(survey.contact_id)
        if contact_of_survey is not None:
            tally.add(
                "survey_response_rate",
                contact_of_survey.date_day,
                survey_members(contact_of_survey, survey),
                ALL_LEVELS,
                numerator=survey.responded_at is not None,
                denominator=1,
            )
    return tally.values()
