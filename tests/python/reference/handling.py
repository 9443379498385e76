"""Handled legs and the KPIs of the section Handling of the specification."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from .contacts import Contact, agent_at, contacts_of_extracts, is_handled_leg, local_date, queue_of
from .extracts import Extracts, Leg
from .tally import ALL_LEVELS, KpiValues, Members, Tally, kind_of_channel
from .workforce import LEVELS as WORKFORCE_LEVELS
from .workforce import agent_time

UNCODED = "uncoded"
KIND_LEVELS = ("organization", "client", "site", "team", "reason")
RING_LEVELS = ("organization", "client", "site", "team", "agent", "queue")
SECONDS_PER_HOUR = 3600


def handle_seconds(leg: Leg) -> int:
    """Return talk + hold + acw: "hold and acw that were not [recorded] count 0"."""
    return (leg.talk_seconds or 0) + (leg.hold_seconds or 0) + (leg.acw_seconds or 0)


@dataclass(frozen=True)
class LegMembers:
    """The day and the members that a leg counts for."""

    day: date
    members: Members


def leg_members(leg: Leg, instant: datetime, extracts: Extracts, reporting_timezone: str) -> LegMembers:
    """Return what a leg counts for at an instant.

    "team and site the agent's then, else site the queue's; reason and client the leg's own, else the queue's client".
    The day is in the queue's site's zone, else the agent's site's (architecture.md, Time).
    """
    queue = queue_of(leg.queue_id, extracts.queues)
    agent = agent_at(leg.agent_id, instant, extracts.agents)
    agent_site = agent.site_id if agent is not None else None
    return LegMembers(
        day=local_date(instant, (queue.site_id, agent_site), extracts.site_timezones, reporting_timezone),
        members={
            "client": leg.client_id or queue.client_id,
            "site": agent_site or queue.site_id,
            "team": agent.team_id if agent is not None else None,
            "agent": leg.agent_id,
            "queue": leg.queue_id,
            "channel": leg.channel,
            "reason": leg.reason_code,
        },
    )


def add_handled_leg(tally: Tally, leg: Leg, counts_for: LegMembers) -> None:
    """Count a leg in the means and shares of handled legs.

    aht: "handled legs whose talk time was recorded"; the parts: "handled legs for which it was recorded (zeros
    included)"; hold_rate: "handled legs with a hold_count".
    """
    add = partial(tally.add, day=counts_for.day, members=counts_for.members, levels=ALL_LEVELS, denominator=1)
    if leg.talk_seconds is not None:
        add("aht_seconds", numerator=handle_seconds(leg))
        kind = kind_of_channel(leg.channel)
        add(f"aht_seconds_{kind}", levels=KIND_LEVELS, numerator=handle_seconds(leg))
        add("talk_seconds_avg", numerator=leg.talk_seconds)
    if leg.hold_seconds is not None:
        add("hold_seconds_avg", numerator=leg.hold_seconds)
    if leg.acw_seconds is not None:
        add("acw_seconds_avg", numerator=leg.acw_seconds)
    if leg.hold_count is not None:
        add("hold_rate", numerator=leg.hold_count > 0)
    add("transfer_rate", numerator=leg.end_reason == "transferred")


def legs_that_count(contacts: Iterable[Contact]) -> Iterator[Leg]:
    """Give the legs "of an inbound contact, ended, its own direction not internal": callback legs are among them."""
    for contact in contacts:
        if contact.is_inbound:
            yield from (leg for leg in contact.legs if not leg.is_open and leg.direction != "internal")


def per_leg(extracts: Extracts, reporting_timezone: str) -> KpiValues:
    """Compute the KPIs of legs.

    Handled legs count on the "day of answered_at". ring_no_answer_rate: "rings not answered / rings not answered +
    answered legs […]; a ring counts at its started_at, an answered leg at its answered_at".
    """
    tally = Tally()
    for leg in legs_that_count(contacts_of_extracts(extracts, reporting_timezone)):
        if is_handled_leg(leg) and leg.answered_at is not None:
            counts_for = leg_members(leg, leg.answered_at, extracts, reporting_timezone)
            add_handled_leg(tally, leg, counts_for)
        elif leg.is_ring:
            counts_for = leg_members(leg, leg.started_at, extracts, reporting_timezone)
        else:
            continue
        tally.add(
            "ring_no_answer_rate",
            counts_for.day,
            counts_for.members,
            RING_LEVELS,
            numerator=leg.answered_at is None,
            denominator=1,
        )
    return tally.values()


def mix(contacts: Iterable[Contact]) -> KpiValues:
    """Compute channel_mix and contact_type_mix.

    "inbound contacts of the channel (reason) / all inbound contacts of the period, at level channel (reason)
    only; contacts without reason are the member `uncoded`".
    """
    parts, whole = Tally(), Tally()
    for contact in contacts:
        if not contact.is_inbound:
            continue
        for kpi, level, member in (
            ("channel_mix", "channel", contact.channel),
            ("contact_type_mix", "reason", contact.reason_code or UNCODED),
        ):
            parts.add(kpi, contact.date_day, {level: member}, (level,), numerator=1, denominator=1)
            whole.add(kpi, contact.date_day, {}, ("organization",), numerator=1, denominator=1)
    return {
        key: (sums[0], whole.sums[key._replace(level="organization", level_id="all")][0])
        for key, sums in parts.sums.items()
    }


def per_contact(contacts: Sequence[Contact]) -> KpiValues:
    """Compute handle_seconds_per_contact and contacts_handled, by the day of the handled inbound contact.

    The first: "Σ over all legs / handled inbound contacts with a recorded talk time".
    """
    tally, counts = Tally(), Tally()
    for contact in contacts:
        if not contact.is_inbound or not contact.is_handled:
            continue
        if any(leg.talk_seconds is not None for leg in contact.legs):
            tally.add(
                "handle_seconds_per_contact",
                contact.date_day,
                contact.members,
                ALL_LEVELS,
                numerator=sum(handle_seconds(leg) for leg in contact.legs),
                denominator=1,
            )
        counts.add("contacts_handled", contact.date_day, contact.members, ALL_LEVELS, numerator=1, denominator=1)
    return {**tally.values(), **counts.counts()}


def contacts_handled_per_hour(extracts: Extracts, as_of: datetime, reporting_timezone: str = "UTC") -> KpiValues:
    """Compute contacts_handled_per_hour: handled inbound contacts / logged-in hours.

    Hours have an agent, a team and a site, so these are its levels, as for the other KPIs of agents' time.
    """
    tally = Tally()
    kpi = "contacts_handled_per_hour"
    for contact in contacts_of_extracts(extracts, reporting_timezone):
        if contact.is_inbound and contact.is_handled:
            tally.add(kpi, contact.date_day, contact.members, WORKFORCE_LEVELS, numerator=1, denominator=0)
    for piece in agent_time(extracts, as_of, reporting_timezone):
        if piece.is_logged_in:
            hours = piece.seconds / SECONDS_PER_HOUR
            tally.add(kpi, piece.day, piece.members, WORKFORCE_LEVELS, numerator=0, denominator=hours)
    return tally.values()


def kpi_values(extracts: Extracts, reporting_timezone: str = "UTC") -> KpiValues:
    """Compute the KPIs of the section Handling, but for contacts_handled_per_hour, which needs an as_of."""
    contacts = contacts_of_extracts(extracts, reporting_timezone)
    return {**per_leg(extracts, reporting_timezone), **per_contact(contacts), **mix(contacts)}
