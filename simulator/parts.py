"""Legs as a platform logs them: rings before an answer, transfers and callbacks with an id of their own.

What happened is the same: a contact that is logged in parts is put together by its related ids.
"""

from dataclasses import dataclass, replace

import numpy as np

from simulator.arrays import NULL, Array, Rng, chance
from simulator.contacts import INBOUND, OUTBOUND, Traffic
from simulator.versions import withdrawn_contacts
from simulator.visits import (
    BY_CALLBACK,
    BY_TRANSFER,
    CALLBACK_REQUESTED,
    RING_NO_ANSWER,
    Floor,
    Legs,
)
from simulator.world import VOICE

_RINGS = 0.12
"""Share of answered calls before which somebody else was rung."""
_LEAST_WAIT = 12
"""Seconds in a queue that leave time for another ring."""
_OWN_ID = 0.3
"""Share of transfers that the platform logs as a contact of their own."""
_RELATED = 0.8
"""Share of callbacks that name the contact that they were asked for in."""


@dataclass(frozen=True)
class Parts:
    """Legs in the order of their contact and number, rings among them; arrays of shape (legs,)."""

    legs: Legs
    """`contact` is the contact that happened, `leg_number` that of the part."""
    part: Array
    """What the part's id ends with: the leg that it begins with, 0 of the contact's first part."""
    related: Array
    """The contact that a part, or a callback, goes on with, else NULL."""
    related_part: Array
    into: Array
    """The contact that the leg belongs to once all are put together."""


def in_parts(floor: Floor, traffic: Traffic, rng: Rng) -> Parts:
    """Log the legs of all contacts in parts."""
    legs = _with_rings(floor, traffic, rng)
    contact, size = legs.contact, len(legs)
    first = np.ones(size, dtype=np.bool_)
    first[1:] = contact[1:] != contact[:-1]
    position = np.arange(size)
    since_first = position - np.maximum.accumulate(np.where(first, position, 0))
    inbound = traffic.contacts.direction[contact] == INBOUND

    # A ring comes before the leg that was answered, so a transfer begins with the first leg that follows.
    arrives = ~first & (legs.initiation == BY_TRANSFER) & inbound
    arrives[1:] &= ~((legs.end_reason[:-1] == RING_NO_ANSWER) & (legs.initiation[:-1] == BY_TRANSFER))
    splits = arrives & chance(rng, _OWN_ID, size)
    begins = first | splits
    start = np.maximum.accumulate(np.where(begins, position, 0))
    part = np.where(splits[start], since_first[start] + 1, 0)
    before = np.maximum(start - 1, 0)
    related = np.where(part > 0, contact, NULL)
    related_part = np.where(part > 0, part[before], 0)

    asked_in = _asked_in(traffic, rng)
    called_back = (legs.initiation == BY_CALLBACK) & (asked_in[contact] != NULL)
    related = np.where(called_back, asked_in[contact], related)
    withdrawn = np.isin(asked_in, withdrawn_contacts(len(traffic.contacts)))
    into = np.where(called_back & ~withdrawn[contact], asked_in[contact], contact)
    numbered = replace(legs, leg_number=(position - start + 1).astype(np.int8))
    return Parts(numbered, part.astype(np.int8), related.astype(np.int32), related_part.astype(np.int8), into)


def _with_rings(floor: Floor, traffic: Traffic, rng: Rng) -> Legs:
    """Let somebody else be rung before some calls are answered."""
    legs = traffic.legs
    size = len(legs)
    answered = (legs.answered != NULL) & (legs.enqueued != NULL) & (legs.queue != NULL) & (legs.agent != NULL)
    voice = (traffic.contacts.channel == VOICE) & (traffic.contacts.direction == INBOUND)
    rows = np.flatnonzero(
        answered & voice[legs.contact] & (legs.answered - legs.enqueued >= _LEAST_WAIT) & chance(rng, _RINGS, size)
    )
    before = legs.take(rows)
    period = floor.world.period
    rung = floor.roster.pick(rng, floor.pools(before.queue), period.quarter_of(before.enqueued))
    some = (rung != NULL) & (rung != before.agent)
    before, rows, rung = before.take(some), rows[some], rung[some]
    ring = np.minimum(before.answered - before.enqueued - 2, rng.integers(6, 25, len(rows))).astype(np.int32)
    nothing = np.full(len(rows), NULL, dtype=np.int32)
    rings = replace(
        before,
        agent=rung.astype(legs.agent.dtype),
        answered=nothing,
        end=(before.enqueued + ring).astype(np.int32),
        ring=ring,
        talk=nothing,
        hold=nothing,
        hold_count=nothing,
        acw=nothing,
        end_reason=np.full(len(rows), RING_NO_ANSWER, dtype=np.int8),
    )
    every = Legs.concat([legs, rings])
    place = np.concatenate([np.arange(size) * 2 + 1, rows * 2])
    return every.take(np.argsort(place, kind="stable"))


def _asked_in(traffic: Traffic, rng: Rng) -> Array:
    """Return the contact in which most callbacks were asked for, else NULL; shape (contacts,)."""
    contacts, legs, size = traffic.contacts, traffic.legs, len(traffic.contacts)
    asks = np.zeros(size, dtype=np.bool_)
    asks[legs.contact[legs.end_reason == CALLBACK_REQUESTED]] = True
    asks &= contacts.direction == INBOUND
    order = np.argsort(contacts.issue, kind="stable")
    position = np.arange(size)
    newest = np.maximum.accumulate(np.where(asks[order], position, -1))
    issue = contacts.issue[order]
    found = (newest >= 0) & (issue[newest] == issue) & (contacts.direction[order] == OUTBOUND)
    asked_in = np.full(size, NULL, dtype=np.int32)
    asked_in[order[found]] = order[newest[found]]
    asked_in[~chance(rng, _RELATED, size)] = NULL
    return asked_in
