"""When contacts arrive in each queue: by hour of the site's day, by weekday, with good and bad days."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from simulator.arrays import Array, Rng
from simulator.clock import HOUR
from simulator.world import SITES, TELECOM, World

OPENS, CLOSES = 8, 20
"""Local hours between which telephone and chat are open."""

_DAYTIME = (0.0,) * OPENS + (0.5, 0.9, 1.3, 1.35, 1.1, 0.95, 1.0, 1.1, 1.2, 1.05, 0.8, 0.5) + (0.0,) * (24 - CLOSES)
_ROUND_THE_CLOCK = (
    *(0.06, 0.04, 0.03, 0.03, 0.03, 0.05, 0.15, 0.4, 0.9, 1.2, 1.3, 1.2),
    *(1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.9, 0.6, 0.4, 0.3, 0.2, 0.1),
)
_WEEKDAYS = (1.3, 1.1, 1.0, 1.0, 1.05, 0.55, 0.35)
_OUTAGE_DAY = date(2026, 3, 25)
"""Of the telecom client's network: many contacts, long waits. A Wednesday."""


@dataclass(frozen=True)
class Demand:
    """Arrivals by queue and grid hour; arrays of shape (queues, hours)."""

    intensity: Array
    """Relative expected number of contacts."""
    cumulative: Array
    """Its running total, from 0 to 1, in each queue."""
    load: Array
    """How busy the queue's agents are, 1 on average."""
    next_open: Array
    """The first hour from this one on in which contacts arrive; the last hour of the grid if none does."""
    is_outage: Array
    """Shape (hours,): the hours of the outage."""

    def sample(self, rng: Rng, queue: Array, world: World) -> Array:
        """Draw an instant of arrival for each contact's queue; shape (contacts,), int32."""
        draw = rng.random(len(queue))
        hour = np.zeros(len(queue), dtype=np.int32)
        for index in range(len(self.intensity)):
            rows = np.flatnonzero(queue == index)
            hour[rows] = np.searchsorted(self.cumulative[index], draw[rows], side="right")
        within = rng.integers(0, HOUR, len(queue))
        return (world.period.grid_start + hour * HOUR + within).astype(np.int32)

    def when_open(self, rng: Rng, queue: Array, at: Array, world: World) -> Array:
        """Put off each contact to when its queue is open, to some moment of the first two hours."""
        period = world.period
        hour = period.hour_of(at)
        opening = self.next_open[queue, hour]
        waits = opening > hour
        later = period.grid_start + opening * HOUR + rng.integers(0, 2 * HOUR, len(at))
        return np.where(waits, later, at).astype(np.int32)


def plan(world: World, rng: Rng) -> Demand:
    """Lay out the demand of every queue over the hours of the grid."""
    period = world.period
    local = [period.local_hours(site.timezone) for site in SITES]
    hours = period.hours
    intensity = np.zeros((len(world.queues), hours))
    outage = (
        (local[1].day == (_OUTAGE_DAY - period.first_day).days) & (local[1].hour >= OPENS) & (local[1].hour < CLOSES)
    )
    for index, queue in enumerate(world.queues):
        clock = local[queue.site]
        daytime = queue.channel in (0, 1)
        weight = np.array(_DAYTIME if daytime else _ROUND_THE_CLOCK)[clock.hour]
        weight = weight * np.array(_WEEKDAYS)[clock.weekday]
        day = np.clip(clock.day, 0, period.days - 1)
        weight *= np.exp(rng.normal(0.0, 0.09, period.days))[day]
        weight *= (clock.day >= 0) & (clock.day < period.days)
        if queue.closed_on_sunday:
            weight *= clock.weekday < len(_WEEKDAYS) - 1
        if queue.client == TELECOM:
            weight *= np.where(outage, 2.4, 1.0)
        intensity[index] = weight
    total = intensity.sum(axis=1, keepdims=True)
    # A short period may leave a queue no open hour at all: then its contacts arrive at any time.
    intensity = np.where(total > 0, intensity, 1.0)
    total = intensity.sum(axis=1, keepdims=True)
    is_open = intensity > 0
    mean = total / is_open.sum(axis=1, keepdims=True)
    load = (intensity / mean) ** 0.6 * np.exp(rng.normal(0.0, 0.25, intensity.shape))
    following = np.where(is_open, np.arange(hours), hours - 1)
    cumulative = np.cumsum(intensity, axis=1) / total
    cumulative[:, -1] = 1.0
    return Demand(
        intensity=intensity,
        cumulative=cumulative,
        load=load.astype(np.float32),
        next_open=np.minimum.accumulate(following[:, ::-1], axis=1)[:, ::-1],
        is_outage=outage,
    )
