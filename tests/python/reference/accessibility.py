"""Queue visits and the KPIs of the section Accessibility of the specification."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial

from .contacts import Contact, contacts_of_extracts, last_of, local_date, queue_at, queue_of, short_abandon_at
from .extracts import Extracts, Leg
from .tally import KpiValues, Tally, kind_of_channel, seconds

LEVELS = ("organization", "client", "site", "queue", "channel")
MIXED_LEVELS = ("organization", "client", "site")
DEFAULT_SERVICE_LEVEL_SECONDS = 20


@dataclass(frozen=True)
class QueueVisit:
    """A queue visit that has ended; its leg is the one that its outcome is of."""

    leg: Leg
    enqueued_at: datetime
    day: date
    client_id: str | None
    site_id: str | None
    wait: timedelta | None
    is_answered: bool
    is_abandoned: bool
    is_short_abandon: bool
    is_in_threshold: bool

    @property
    def members(self) -> dict[str, str | None]:
        """Return the visit's member at each level."""
        return {
            "client": self.client_id,
            "site": self.site_id,
            "queue": self.leg.queue_id,
            "channel": self.leg.channel,
        }


def joins(leg: Leg, visit: Sequence[Leg]) -> bool:
    """Return whether a leg joins the visit before it.

    "A leg joins the visit before it, in the same queue, if it is a ring enqueued at the same instant as that visit's
    newest leg, or if that newest leg is a ring and no leg of the visit was answered."
    """
    newest = visit[-1]
    if leg.queue_id != newest.queue_id:
        return False
    rings_too = leg.is_ring and leg.enqueued_at == newest.enqueued_at
    return rings_too or (newest.is_ring and all(before.answered_at is None for before in visit))


def legs_of_visits(contact: Contact) -> list[list[Leg]]:
    """Return the legs of each queue visit of a contact.

    "Queue visits are made of an inbound contact's legs that have enqueued_at, callback legs and legs whose own
    direction is internal aside, in leg order."
    """
    visits: list[list[Leg]] = []
    for leg in contact.legs if contact.is_inbound else ():
        if leg.enqueued_at is None or leg.initiation == "callback" or leg.direction == "internal":
            continue
        if visits and joins(leg, visits[-1]):
            visits[-1].append(leg)
        else:
            visits.append([leg])
    return visits


def outcome_of(visit: Sequence[Leg]) -> Leg:
    """Return "the leg that was answered, else […] the last that is no ring, else […] the last"."""
    answered = [leg for leg in visit if leg.answered_at is not None]
    return answered[0] if answered else last_of(visit)


def threshold_at(queue_id: str | None, instant: datetime, extracts: Extracts) -> timedelta:
    """Return T: "the queue's when the visit […] was enqueued"."""
    seconds = queue_at(queue_id, instant, extracts.queues).service_level_seconds
    return timedelta(seconds=DEFAULT_SERVICE_LEVEL_SECONDS if seconds is None else seconds)


def target_at(queue_id: str, period_start: datetime, extracts: Extracts) -> Decimal | None:
    """Return the queue's own target of a service level: "the target the queue's at the period's start"."""
    return queue_at(queue_id, period_start, extracts.queues).service_level_target


def visit_of(legs: Sequence[Leg], extracts: Extracts, reporting_timezone: str) -> QueueVisit | None:
    """Make a visit of its legs: one "whose leg is open, answered or not, counts nowhere"."""
    leg, enqueued_at = outcome_of(legs), legs[0].enqueued_at
    if leg.is_open or enqueued_at is None:
        return None
    queue = queue_of(leg.queue_id, extracts.queues)
    # "answered: answered_at set. abandoned: not answered, end_reason abandoned; short: waited ≤
    # short_abandon_seconds. Wait to answer = answered_at - enqueued_at; ≤ T is in time." Of an end that is not known
    # "no wait is known", and "a wait that would be negative is 0".
    answered = leg.answered_at is not None
    abandoned = not answered and leg.end_reason == "abandoned"
    until = leg.answered_at or leg.ended_at
    wait = None if until is None else max(until - enqueued_at, timedelta(0))
    short = short_abandon_at(leg.queue_id, enqueued_at, extracts.queues)
    return QueueVisit(
        leg=leg,
        enqueued_at=enqueued_at,
        # "Day: of enqueued_at in the queue's site's zone, else the reporting one; site: the queue's."
        day=local_date(enqueued_at, (queue.site_id,), extracts.site_timezones, reporting_timezone),
        client_id=leg.client_id or queue.client_id,
        site_id=queue.site_id,
        wait=wait,
        is_answered=answered,
        is_abandoned=abandoned,
        is_short_abandon=abandoned and wait is not None and wait <= short,
        is_in_threshold=wait is not None and wait <= threshold_at(leg.queue_id, enqueued_at, extracts),
    )


def queue_visits(extracts: Extracts, reporting_timezone: str = "UTC") -> list[QueueVisit]:
    """Find all queue visits that count."""
    visits = [
        visit_of(legs, extracts, reporting_timezone)
        for contact in contacts_of_extracts(extracts, reporting_timezone)
        for legs in legs_of_visits(contact)
    ]
    return [visit for visit in visits if visit is not None]


def add_visit(tally: Tally, visit: QueueVisit) -> None:
    """Count one visit; one that ended any other way is a flow-out: "in no service-level denominator"."""
    answered, abandoned, short = visit.is_answered, visit.is_abandoned, visit.is_short_abandon
    answered_in = answered and visit.is_in_threshold
    abandoned_in = abandoned and visit.is_in_threshold
    add = partial(tally.add, day=visit.day, members=visit.members, levels=LEVELS)
    add("service_level", numerator=answered_in, denominator=answered + abandoned - short)
    add("service_level_answered_only", numerator=answered_in, denominator=int(answered))
    add("service_level_abandons_missed", numerator=answered_in, denominator=answered + abandoned)
    add("service_level_abandons_met", numerator=answered_in + abandoned_in, denominator=answered + abandoned)
    add(
        "service_level_abandons_ignored",
        numerator=answered_in,
        denominator=answered + abandoned - abandoned_in,
    )
    add("abandonment_rate", numerator=abandoned - short, denominator=answered + abandoned - short)
    waited = seconds(visit.wait) if answered and visit.wait is not None else 0
    add("asa_seconds", numerator=waited, denominator=int(answered))
    add = partial(tally.add, day=visit.day, members=visit.members, levels=MIXED_LEVELS)
    kind = kind_of_channel(visit.leg.channel)
    add(f"service_level_{kind}", numerator=answered_in, denominator=answered + abandoned - short)
    add(f"abandonment_rate_{kind}", numerator=abandoned - short, denominator=answered + abandoned - short)
    add(f"asa_seconds_{kind}", numerator=waited, denominator=int(answered))


def kpi_values_of_visits(visits: Iterable[QueueVisit]) -> KpiValues:
    """Compute the KPIs of the section from visits."""
    tally, counts = Tally(), Tally()
    for visit in visits:
        add_visit(tally, visit)
        add = partial(counts.add, day=visit.day, members=visit.members, levels=LEVELS, denominator=1)
        add("queue_visits_offered", numerator=1)
        add("queue_visits_answered", numerator=visit.is_answered)
        add("queue_visits_abandoned", numerator=visit.is_abandoned)
    return {**tally.values(), **counts.counts()}


def kpi_values(extracts: Extracts, reporting_timezone: str = "UTC") -> KpiValues:
    """Compute the KPIs of the section Accessibility."""
    return kpi_values_of_visits(queue_visits(extracts, reporting_timezone))
