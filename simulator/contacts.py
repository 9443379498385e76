"""Issues of customers and the contacts that they take.

An issue is a reason to get in touch. Its first contact arrives with the demand; a contact resolves it with
a chance that depends on the reason, the channel and the agent; whoever is not helped comes back, minutes to
weeks later.
"""

from dataclasses import dataclass, replace

import numpy as np

from simulator.arrays import (
    NULL,
    Array,
    Arrays,
    Rng,
    chance,
    choose,
    choose_by_row,
    logistic,
    seconds,
)
from simulator.clock import DAY, HOUR
from simulator.visits import (
    ABANDONED,
    BY_AGENT,
    BY_CALLBACK,
    BY_CAMPAIGN,
    BY_TRANSFER,
    CALLBACK_REQUESTED,
    COMPLETED,
    FAILED,
    OVERFLOWED,
    TRANSFERRED,
    Arrivals,
    Floor,
    Legs,
)
from simulator.world import CHANNEL_SHARES, CHAT, EMAIL, QUEUES, REASONS, SALE, VOICE

DIRECTIONS = ("inbound", "outbound", "internal")
INBOUND, OUTBOUND, INTERNAL = range(len(DIRECTIONS))

_MOST_ROUNDS = 8
_LARGEST_BATCH = 400_000
_MOST_LEGS = 3
_CHANNEL_RESOLUTION = np.array([0.0, -0.1, -0.25, -0.2, -0.2])
_RETURNS = 0.92
_RETURNS_AFTER_ABANDON = 0.75
_SWITCHES = 0.13
_SWITCH_TO = np.array(
    (
        (0.0, 0.7, 0.3, 0.0, 0.0),
        (0.8, 0.0, 0.2, 0.0, 0.0),
        (0.7, 0.3, 0.0, 0.0, 0.0),
        (1.0, 0.0, 0.0, 0.0, 0.0),
        (1.0, 0.0, 0.0, 0.0, 0.0),
    )
)
"""By the channel before."""


@dataclass
class Contacts(Arrays):
    """Contacts, in the order of their start once they are complete; instants in seconds since EPOCH."""

    issue: Array
    """NULL for internal contacts."""
    person: Array
    direction: Array
    channel: Array
    reason: Array
    queue: Array
    """That the contact first arrives in; for outbound ones, on whose behalf it is made."""
    start: Array
    end: Array
    """NULL while a leg is open."""
    agent: Array
    """Of the last handled leg, else NULL."""
    is_resolving: Array
    """Whether this contact resolves its issue."""


@dataclass
class _Attempts(Arrays):
    """Customers' attempts to get help with an issue: who gets in touch why, where and when."""

    issue: Array
    person: Array
    channel: Array
    reason: Array
    queue: Array
    at: Array


@dataclass(frozen=True)
class Traffic:
    """All contacts and their legs; a leg's `contact` is the contact's row."""

    contacts: Contacts
    legs: Legs


def simulate(floor: Floor, seeds: np.random.SeedSequence) -> Traffic:
    """Let customers get in touch until there are as many contacts as the world wants, exactly.

    Issues are made in batches, each with its own seed, so that memory stays within bounds.
    """
    wanted = floor.world.size
    batch = min(_LARGEST_BATCH, max(500, wanted // 4))
    parts: list[Traffic] = []
    counts = np.zeros(0, dtype=np.int64)
    while not _is_enough(counts, wanted):
        rng = np.random.default_rng(seeds.spawn(1)[0])
        part = _batch(floor, rng, batch)
        part.contacts.issue += len(counts)
        counts = np.concatenate([counts, np.bincount(part.contacts.issue - len(counts), minlength=batch)])
        parts.append(part)
    kept_issues = _kept(counts, wanted)
    contacts, legs, rows = [], [], 0
    while parts:
        part = parts.pop(0)
        kept = kept_issues[part.contacts.issue]
        row = np.where(kept, np.cumsum(kept) - 1 + rows, NULL).astype(np.int32)
        part_legs = part.legs.take(kept[part.legs.contact])
        contacts.append(part.contacts.take(kept))
        legs.append(replace(part_legs, contact=row[part_legs.contact]))
        rows += int(kept.sum())
    return _in_order(Traffic(Contacts.concat(contacts), Legs.concat(legs)))


def _is_enough(counts: Array, wanted: int) -> bool:
    whole = int(np.searchsorted(np.cumsum(counts), wanted, side="right"))
    missing = wanted - int(counts[:whole].sum())
    return missing == 0 or int((counts[whole:] == 1).sum()) >= missing


def _kept(counts: Array, wanted: int) -> Array:
    """Tell which issues to keep for exactly so many contacts: the first ones, then single ones to fill up."""
    whole = int(np.searchsorted(np.cumsum(counts), wanted, side="right"))
    kept = np.arange(len(counts)) < whole
    missing = wanted - int(counts[:whole].sum())
    kept[whole + np.flatnonzero(counts[whole:] == 1)[:missing]] = True
    return kept


def _in_order(traffic: Traffic) -> Traffic:
    """Order contacts by their start, legs by contact and number."""
    order = np.argsort(traffic.contacts.start, kind="stable")
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    contact = rank[traffic.legs.contact]
    leg_order = np.argsort(contact.astype(np.int64) * 8 + traffic.legs.leg_number, kind="stable")
    legs = replace(traffic.legs, contact=contact).take(leg_order)
    return Traffic(traffic.contacts.take(order), legs)


def _batch(floor: Floor, rng: Rng, size: int) -> Traffic:
    """Simulate `size` issues: customers', and a few of campaigns and of agents among themselves."""
    kind = choose(rng, (0.985, 0.010, 0.005), size)
    parts = [
        _customers_issues(floor, rng, np.flatnonzero(kind == 0)),
        _campaign(floor, rng, np.flatnonzero(kind == 1)),
        _internal(floor, rng, np.flatnonzero(kind > 1)),
    ]
    return _joined([part for part in parts if len(part.contacts)])


def _joined(parts: list[Traffic]) -> Traffic:
    legs, rows = [], 0
    for part in parts:
        legs.append(replace(part.legs, contact=(part.legs.contact + rows).astype(np.int32)))
        rows += len(part.contacts)
    return Traffic(Contacts.concat([part.contacts for part in parts]), Legs.concat(legs))


def _customers_issues(floor: Floor, rng: Rng, issue: Array) -> Traffic:
    """Simulate customers' issues, round after round: everybody's first contact, then some's second one."""
    attempts = _first_attempts(floor, rng, issue)
    parts: list[Traffic] = []
    for number in range(1, _MOST_ROUNDS + 1):
        attempts = attempts.take(attempts.at < floor.world.period.extract_at)
        if not len(attempts):
            break
        traffic, last_reason = _inbound(floor, rng, attempts, number)
        parts.append(traffic)
        parts.append(_callbacks(floor, rng, traffic.contacts, last_reason))
        attempts = _further_attempts(floor, rng, traffic.contacts)
    return _joined([part for part in parts if len(part.contacts)])


def _first_attempts(floor: Floor, rng: Rng, issue: Array) -> _Attempts:
    world, size = floor.world, len(issue)
    # Some customers get in touch more often than others.
    person = (len(world.persons) * rng.random(size) ** 1.25).astype(np.int32)
    client = world.persons.client[person]
    channel = choose_by_row(rng, np.array(CHANNEL_SHARES)[client])
    reason = choose_by_row(rng, np.array([r.shares for r in REASONS]).T[client])
    queue = world.queue_for(rng, person, channel)
    return _Attempts(issue, person, channel, reason, queue, floor.demand.sample(rng, queue, world))


def _further_attempts(floor: Floor, rng: Rng, contacts: Contacts) -> _Attempts:
    """Let those come back who were not helped: after a day or so, or after minutes if they gave up."""
    gave_up = contacts.agent == NULL
    returns = np.where(gave_up, _RETURNS_AFTER_ABANDON, _RETURNS)
    again = ~contacts.is_resolving & chance(rng, returns, len(contacts))
    contacts, gave_up = contacts.take(again), gave_up[again]
    size = len(contacts)
    hours = np.exp(rng.normal(np.log(16.0), 1.5, size))
    hours = np.where(gave_up, np.exp(rng.normal(np.log(0.6), 1.3, size)), hours)
    gap = seconds((hours * HOUR).clip(max=25.0 * DAY), 20)
    # Some do not wait for the end of an e-mail conversation.
    impatient = (contacts.channel == EMAIL) & chance(rng, 0.3, size)
    at = np.where(impatient, contacts.start, contacts.end) + gap
    switches = chance(rng, _SWITCHES, size)
    channel = np.where(switches, choose_by_row(rng, _SWITCH_TO[contacts.channel]), contacts.channel)
    queue = floor.world.queue_for(rng, contacts.person, channel)
    at = floor.demand.when_open(rng, queue, at, floor.world)
    return _Attempts(contacts.issue, contacts.person, channel.astype(np.int8), contacts.reason, queue, at)


def _inbound(floor: Floor, rng: Rng, attempts: _Attempts, number: int) -> tuple[Traffic, Array]:
    """Simulate the contact that comes of each attempt; returns them and each one's last end reason."""
    size = len(attempts)
    legs = _legs(floor, rng, attempts)
    agent = np.full(size, NULL, dtype=np.int16)
    end = np.zeros(size, dtype=np.int32)
    last_reason = np.zeros(size, dtype=np.int8)
    transfers = np.zeros(size, dtype=np.int8)
    for leg in legs:
        handled = leg.agent != NULL
        agent[leg.contact[handled]] = leg.agent[handled]
        end[leg.contact] = np.maximum(end[leg.contact], leg.end)
        last_reason[leg.contact] = leg.end_reason
        transfers[leg.contact] += leg.end_reason == TRANSFERRED
    log_odds = (
        np.array([reason.resolution for reason in REASONS])[attempts.reason]
        + floor.world.agents.skill[agent]
        + _CHANNEL_RESOLUTION[attempts.channel]
        - 0.5 * transfers
        + 0.1 * number
    )
    helped = (agent != NULL) & (last_reason == COMPLETED)
    contacts = Contacts(
        issue=attempts.issue.astype(np.int32),
        person=attempts.person,
        direction=np.full(size, INBOUND, dtype=np.int8),
        channel=attempts.channel,
        reason=attempts.reason,
        queue=attempts.queue,
        start=attempts.at.astype(np.int32),
        end=end,
        agent=agent,
        is_resolving=helped & chance(rng, logistic(log_odds), size),
    )
    return Traffic(contacts, Legs.concat(legs)), last_reason


def _legs(floor: Floor, rng: Rng, attempts: _Attempts) -> list[Legs]:
    """Simulate the first legs, and the second and third ones of contacts that are transferred or overflow."""
    row = np.arange(len(attempts), dtype=np.int32)
    first = Arrivals(row, attempts.queue, attempts.channel, attempts.reason, attempts.at)
    legs = [floor.visit(rng, first, 1)]
    for leg_number in range(2, _MOST_LEGS + 1):
        before = legs[-1]
        goes_on = (before.end_reason == TRANSFERRED) | (before.end_reason == OVERFLOWED)
        if leg_number == _MOST_LEGS:
            stays = goes_on & ~chance(rng, 0.6, len(before))
            _let_end(before, stays)
            goes_on &= ~stays
        before = before.take(goes_on)
        channel = attempts.channel[before.contact]
        arrivals = Arrivals(
            contact=before.contact,
            queue=_other_queue(floor, attempts.queue[before.contact], channel),
            channel=channel,
            reason=attempts.reason[before.contact],
            at=before.end,
        )
        leg = floor.visit(rng, arrivals, leg_number)
        transferred = before.end_reason == TRANSFERRED
        leg.initiation[transferred] = BY_TRANSFER
        # Some calls are put through to a colleague directly, past any queue.
        direct = transferred & (leg.answered != NULL) & chance(rng, 0.15, len(leg))
        leg.queue[direct], leg.enqueued[direct] = NULL, NULL
        legs.append(leg)
    _let_end(legs[-1], np.ones(len(legs[-1]), dtype=np.bool_))
    return legs


def _let_end(legs: Legs, rows: Array) -> None:
    """Let legs that would have gone on end instead."""
    legs.end_reason[rows & (legs.end_reason == TRANSFERRED)] = COMPLETED
    legs.end_reason[rows & (legs.end_reason == OVERFLOWED)] = ABANDONED


def _other_queue(floor: Floor, queue: Array, channel: Array) -> Array:
    """Return the queue that a contact moves on to: the same client's, of the other region or a copy of it."""
    kinds = np.array([1, 0, 2, 3, 5, 4, 6, 7])
    kind = kinds[queue % len(kinds)]
    following = (queue // len(kinds) + (channel == CHAT)) % (len(floor.world.queues) // len(kinds))
    other: Array = (following * len(kinds) + kind).astype(np.int16)
    return other


def _callbacks(floor: Floor, rng: Rng, contacts: Contacts, last_reason: Array) -> Traffic:
    """Simulate the outbound contacts after inbound ones: callbacks that were asked for, and follow-ups."""
    asked = last_reason == CALLBACK_REQUESTED
    follows_up = (contacts.agent != NULL) & chance(rng, 0.045, len(contacts))
    rows = np.flatnonzero((asked & chance(rng, 0.9, len(asked))) | follows_up)
    before, asked = contacts.take(rows), asked[rows]
    delay = np.where(asked, rng.uniform(600, 2 * HOUR, len(rows)), rng.uniform(HOUR, 3 * DAY, len(rows)))
    at = floor.demand.when_open(rng, _voice_queue(before.queue), before.end + seconds(delay), floor.world)
    inside = at < floor.world.period.extract_at
    initiation = np.where(asked, BY_CALLBACK, BY_AGENT)[inside]
    return _outbound(floor, rng, before.take(inside), at[inside], initiation)


def _voice_queue(queue: Array) -> Array:
    kinds = np.array([0, 1, 0, 0, 4, 5, 4, 4])
    voice: Array = (queue - queue % len(kinds) + kinds[queue % len(kinds)]).astype(np.int16)
    return voice


def _campaign(floor: Floor, rng: Rng, issue: Array) -> Traffic:
    """Simulate calls to customers that a campaign asks for, each an issue of its own."""
    world, size = floor.world, len(issue)
    person = rng.integers(0, world.known_customers, size).astype(np.int32)
    queue = world.queue_for(rng, person, np.full(size, VOICE, dtype=np.int8))
    at = floor.demand.sample(rng, queue, world)
    before = Contacts(
        issue=issue.astype(np.int32),
        person=person,
        direction=np.full(size, OUTBOUND, dtype=np.int8),
        channel=np.full(size, VOICE, dtype=np.int8),
        reason=np.full(size, SALE, dtype=np.int8),
        queue=queue,
        start=at,
        end=at,
        agent=np.full(size, NULL, dtype=np.int16),
        is_resolving=np.zeros(size, dtype=np.bool_),
    )
    return _outbound(floor, rng, before, at, np.full(size, BY_CAMPAIGN))


def _outbound(floor: Floor, rng: Rng, before: Contacts, at: Array, initiation: Array) -> Traffic:
    """Simulate one call to each customer; some do not answer."""
    size = len(before)
    queue = _voice_queue(before.queue)
    agent = floor.roster.pick(rng, floor.pools(queue), floor.world.period.quarter_of(at))
    voice = np.full(size, VOICE, dtype=np.int8)
    ring = rng.integers(4, 25, size)
    legs = floor.handle(rng, Arrivals(np.arange(size), queue, voice, before.reason, at), 1, agent, at + ring)
    missed = (agent == NULL) | chance(rng, 0.25, size)
    legs.initiation = initiation.astype(np.int8)
    legs.queue[:] = NULL
    legs.end_reason = np.where(missed, FAILED, COMPLETED).astype(np.int8)
    legs.end = np.where(missed, at + ring, legs.end).astype(np.int32)
    for values in (legs.answered, legs.talk, legs.hold, legs.hold_count, legs.acw):
        values[missed] = NULL
    contacts = replace(
        before,
        direction=np.full(size, OUTBOUND, dtype=np.int8),
        channel=voice,
        queue=queue,
        start=at.astype(np.int32),
        end=legs.end.copy(),
        agent=np.where(missed, NULL, agent).astype(np.int16),
        is_resolving=np.zeros(size, dtype=np.bool_),
    )
    return Traffic(contacts, legs)


def _internal(floor: Floor, rng: Rng, issue: Array) -> Traffic:
    """Simulate calls between agents."""
    size = len(issue)
    voice_queues = [index for index, queue in enumerate(QUEUES) if queue.channel == VOICE]
    queue = np.array(voice_queues, dtype=np.int16)[rng.integers(0, len(voice_queues), size)]
    at = floor.demand.sample(rng, queue, floor.world)
    agent = floor.roster.pick(rng, floor.pools(queue), floor.world.period.quarter_of(at))
    voice = np.full(size, VOICE, dtype=np.int8)
    reason = choose(rng, (1.0,) * len(REASONS), size)
    answer = at + rng.integers(2, 15, size)
    legs = floor.handle(rng, Arrivals(np.arange(size), queue, voice, reason, at), 1, agent, answer)
    legs.initiation[:] = BY_AGENT
    legs.queue[:] = NULL
    legs.end_reason[:] = COMPLETED
    contacts = Contacts(
        issue=issue.astype(np.int32),
        person=np.full(size, NULL, dtype=np.int32),
        direction=np.full(size, INTERNAL, dtype=np.int8),
        channel=voice,
        reason=reason,
        queue=queue,
        start=at,
        end=legs.end.copy(),
        agent=agent,
        is_resolving=np.zeros(size, dtype=np.bool_),
    )
    return Traffic(contacts, legs)


def as_known_at_extract(traffic: Traffic, extract_at: int) -> Traffic:
    """Forget what lies after the extract: legs that have not begun, answers and ends still to come."""
    rows = traffic.legs.start < extract_at
    legs = traffic.legs.take(rows)
    waiting = (legs.answered >= extract_at) | ((legs.answered == NULL) & (legs.end >= extract_at))
    for values in (legs.answered, legs.agent, legs.ring):
        values[waiting] = NULL
    is_open = waiting | (legs.end >= extract_at)
    for values in (legs.end, legs.end_reason, legs.talk, legs.hold, legs.hold_count, legs.acw):
        values[is_open] = NULL
    contacts = traffic.contacts
    has_open = np.zeros(len(contacts), dtype=np.bool_)
    has_open[legs.contact[is_open]] = True
    contacts.end[has_open] = NULL
    contacts.is_resolving[has_open] = False
    handled = np.zeros(len(contacts), dtype=np.bool_)
    handled[legs.contact[(legs.agent != NULL) & (legs.answered != NULL)]] = True
    contacts.agent[~handled] = NULL
    return Traffic(contacts, legs)
