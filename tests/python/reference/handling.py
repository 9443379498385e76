"""Handled legs and the KPIs of the section Handling of the specification."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial

from .contacts import Contact, agent_at, contacts_of_extracts, is_handled_leg, local_date
from .extracts import Extracts, Leg, Queue
from .tally import ALL_LEVELS, KpiValues, Tally
from .workforce import LEVELS as WORKFORCE_LEVELS
from .workforce import agent_time

UNCODED = "uncoded"
SECONDS_PER_HOUR = 3600


def handle_seconds(leg: Leg) -> int:
    """Return talk + hold + acw; "an empty duration counts 0"."""
    return (leg.talk_seconds or 0) + (leg.hold_seconds or 0) + (leg.acw_seconds or 0)


def add_leg(tally: Tally, leg: Leg, extracts: Extracts, reporting_timezone: str) -> None:
    """Count one leg, if it is a "handled inbound leg that has ended".

    "day of answered_at; team and site the agent's then, else site the queue's; reason and client the leg's
    own, else the queue's client". The day is in the queue's site's zone, else the agent's site's
    (architecture.md, Time).
    """
    if leg.direction != "inbound" or not is_handled_leg(leg) or leg.ended_at is None or leg.answered_at is None:
        return
    queue = {queue.queue_id: queue for queue in extracts.queues}.get(leg.queue_id or "", Queue(""))
    agent = agent_at(leg.agent_id, leg.answered_at, extracts.agents)
    agent_site = agent.site_id if agent is not None else None
    members = {
        "client": leg.client_id or queue.client_id,
        "site": agent_site or queue.site_id,
        "team": agent.team_id if agent is not None else None,
        "agent": leg.agent_id,
        "queue": leg.queue_id,
        "channel": leg.channel,
        "reason": leg.reason_code,
    }
    day = local_date(leg.answered_at, (queue.site_id, agent_site), extracts.site_timezones, reporting_timezone)
    add = partial(tally.add, day=day, members=members, levels=ALL_LEVELS, denominator=1)
    add("aht_seconds", numerator=handle_seconds(leg))
    add("talk_seconds_avg", numerator=leg.talk_seconds or 0)
    add("hold_seconds_avg", numerator=leg.hold_seconds or 0)
    add("acw_seconds_avg", numerator=leg.acw_seconds or 0)
    add("hold_rate", numerator=(leg.hold_count or 0) > 0)
    add("transfer_rate", numerator=leg.end_reason == "transferred")


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
    """Compute handle_seconds_per_contact and contacts_handled, by the day of the handled inbound contact."""
    tally, counts = Tally(), Tally()
    for contact in contacts:
        if not contact.is_inbound or not contact.is_handled:
            continue
        total = sum(handle_seconds(leg) for leg in contact.legs)
        tally.add(
            "handle_seconds_per_contact",
            contact.date_day,
            contact.members,
            ALL_LEVELS,
            numerator=total,
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
    tally = Tally()
    for leg in extracts.legs:
        add_leg(tally, leg, extracts, reporting_timezone)
    contacts = contacts_of_extracts(extracts, reporting_timezone)
    return {**tally.values(), **per_contact(contacts), **mix(contacts)}
