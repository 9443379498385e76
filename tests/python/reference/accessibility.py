"""Queue visits and the KPIs of the section Accessibility of the specification."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from .contacts import DEFAULT_SHORT_ABANDON_SECONDS, local_date
from .extracts import Extracts, Leg, Queue
from .tally import KpiValues, Tally, seconds

LEVELS = ("organization", "client", "site", "queue", "channel")
DEFAULT_SERVICE_LEVEL_SECONDS = 20


@dataclass(frozen=True)
class QueueVisit:
    """A queue visit: an "inbound leg with enqueued_at" that has ended."""

    leg: Leg
    day: date
    client_id: str | None
    site_id: str | None
    wait: timedelta
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


def queue_visits(extracts: Extracts, reporting_timezone: str = "UTC") -> list[QueueVisit]:
    """Find all queue visits: "A visit whose leg has no ended_at yet, answered or not, counts nowhere"."""
    queues = {queue.queue_id: queue for queue in extracts.queues}
    visits = []
    for leg in extracts.legs:
        if leg.direction != "inbound" or leg.enqueued_at is None or leg.ended_at is None:
            continue
        queue = queues.get(leg.queue_id or "", Queue(leg.queue_id or ""))
        # "T […] and short_abandon_seconds come from the queue (defaults 20 s, 0.80, 5 s)".
        threshold = queue.service_level_seconds
        threshold = DEFAULT_SERVICE_LEVEL_SECONDS if threshold is None else threshold
        short = queue.short_abandon_seconds
        short = DEFAULT_SHORT_ABANDON_SECONDS if short is None else short
        # "answered: answered_at set. abandoned: not answered, end_reason abandoned; short: waited ≤
        # short_abandon_seconds. Wait to answer = answered_at - enqueued_at; ≤ T is in time."
        answered = leg.answered_at is not None
        abandoned = not answered and leg.end_reason == "abandoned"
        wait = (leg.answered_at or leg.ended_at) - leg.enqueued_at
        visits.append(
            QueueVisit(
                leg=leg,
                # "Day: of enqueued_at in the queue's site's zone, else the reporting one; site: the queue's."
                day=local_date(leg.enqueued_at, (queue.site_id,), extracts.site_timezones, reporting_timezone),
                client_id=leg.client_id or queue.client_id,
                site_id=queue.site_id,
                wait=wait,
                is_answered=answered,
                is_abandoned=abandoned,
                is_short_abandon=abandoned and wait <= timedelta(seconds=short),
                is_in_threshold=wait <= timedelta(seconds=threshold),
            )
        )
    return visits


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
    add("asa_seconds", numerator=seconds(visit.wait) if answered else 0, denominator=int(answered))


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
