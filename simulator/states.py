"""The extract agent_states: what every agent did, from one login to the end, without a gap.

A shift is tiled by what was scheduled, some minutes early or late. Time on queue is split around the contacts
that the agent really handled. A small simulation holds few contacts for its agents; they stand for the many
that fill a day's work, so the time on contact reaches out from them until agents are as busy as usual.
"""

from dataclasses import dataclass, replace

import numpy as np

from simulator.acd import agent_ids
from simulator.arrays import NULL, Array, Arrays, Rng, chance
from simulator.clock import HOUR
from simulator.contacts import Traffic
from simulator.shifts import BREAK, LUNCH, MEETING, OFF_QUEUE, ON_QUEUE, TRAINING, Roster, Segments
from simulator.tables import Table, codes, instants
from simulator.versions import with_versions
from simulator.visits import Legs
from simulator.world import CHAT, World

STATES = (
    "available",
    "ringing",
    "on_contact",
    "after_contact",
    "break",
    "lunch",
    "training",
    "meeting",
    "coaching",
    "system_down",
    "offline",
)
(
    AVAILABLE,
    RINGING,
    ON_CONTACT,
    AFTER_CONTACT,
    ON_BREAK,
    AT_LUNCH,
    IN_TRAINING,
    IN_MEETING,
    COACHING,
    SYSTEM_DOWN,
    OFFLINE,
) = range(len(STATES))

_STATE_OF = {
    BREAK: ON_BREAK,
    LUNCH: AT_LUNCH,
    TRAINING: IN_TRAINING,
    MEETING: IN_MEETING,
    OFF_QUEUE: IN_MEETING,
}
_BUSY = 0.72
"""Share of time on queue that agents handle contacts."""
_MERGE_GAP = 60
"""Seconds: contacts closer than that make one stretch on contact."""
_AGENT = np.int64(1) << 32
"""Distance between the agents on one time line that holds them all."""


@dataclass
class _Pieces(Arrays):
    """Pieces of time in which an agent is in one state."""

    agent: Array
    state: Array
    start: Array
    end: Array


@dataclass
class _Stretches(Arrays):
    """Stretches on contact on the one time line of all agents; their last `wrap` seconds are work after."""

    segment: Array
    begin: Array
    end: Array
    wrap: Array


def agent_states(world: World, roster: Roster, traffic: Traffic, rng: Rng) -> Table:
    """Make the states of all agents up to the extract; the last one of each agent is still open."""
    extract_at = world.period.extract_at
    actual = _actual_segments(roster, rng)
    on_queue = actual.take(actual.activity == ON_QUEUE)
    off_queue = actual.take(actual.activity != ON_QUEUE)
    pieces = _Pieces.concat(
        [
            _pieces_off_queue(roster, off_queue, rng),
            _pieces_on_queue(roster, on_queue, _realtime(traffic), rng),
            _offline(world, roster, actual),
            _before_the_first_login(world, roster, actual),
        ]
    )
    pieces = pieces.take((pieces.end > pieces.start) & (pieces.start < extract_at))
    pieces = pieces.take(np.argsort(pieces.agent * _AGENT + pieces.start, kind="stable"))
    is_open = pieces.end > extract_at
    ended = np.where(is_open, NULL, pieces.end).astype(np.int32)
    updated_at = np.where(is_open, pieces.start, pieces.end).astype(np.int32)
    table = Table(
        "acd",
        "agent_states",
        {
            "agent_id": agent_ids(pieces.agent),
            "state": codes(pieces.state, STATES),
            "started_at": instants(pieces.start.astype(np.int32)),
            "ended_at": instants(ended),
            "updated_at": instants(updated_at),
        },
    )
    earlier = table.take(np.flatnonzero(~is_open)[::400])
    earlier = earlier.but(
        ended_at=instants(np.full(len(earlier), NULL, dtype=np.int32)),
        updated_at=earlier.columns["started_at"],
    )
    return with_versions(table, earlier, np.zeros(0, dtype=np.int64), updated_at, extract_at)


def _actual_segments(roster: Roster, rng: Rng) -> Segments:
    """Move the boundaries of the scheduled segments of attended shifts by seconds to minutes."""
    segments = roster.segments.take(roster.shifts.is_attended[roster.segments.shift])
    size = len(segments)
    moved = np.rint(rng.normal(20.0, 70.0, size)).astype(np.int32)
    moved = np.where(chance(rng, 0.04, size), moved + 240, moved).clip(-360, 420)
    start = segments.start + moved
    last = np.ones(size, dtype=np.bool_)
    last[:-1] = segments.shift[1:] != segments.shift[:-1]
    end = np.empty_like(start)
    end[:-1] = start[1:]
    logout = segments.end + np.rint(rng.normal(60.0, 120.0, size)).astype(np.int32).clip(-360, 600)
    end[last] = logout[last]
    return Segments(segments.shift, segments.activity, start, end)


def _pieces_off_queue(roster: Roster, segments: Segments, rng: Rng) -> _Pieces:
    state = np.zeros(len(segments), dtype=np.int8)
    for activity, shown in _STATE_OF.items():
        state[segments.activity == activity] = shown
    state[(state == IN_MEETING) & chance(rng, 0.4, len(segments))] = COACHING
    return _Pieces(_agent(roster, segments), state, segments.start, segments.end)


def _agent(roster: Roster, segments: Segments) -> Array:
    agents: Array = roster.shifts.agent[segments.shift].astype(np.int64)
    return agents


def _realtime(traffic: Traffic) -> Legs:
    """Return the legs that were handled by telephone or chat."""
    legs = traffic.legs
    handled = (legs.agent != NULL) & (legs.answered != NULL)
    return legs.take(handled & (traffic.contacts.channel[legs.contact] <= CHAT))


def _pieces_on_queue(roster: Roster, segments: Segments, legs: Legs, rng: Rng) -> _Pieces:
    """Split time on queue into available, ringing, on contact and after contact, and rare system failures."""
    agent = _agent(roster, segments)
    order = np.argsort(agent * _AGENT + segments.start, kind="stable")
    segments, agent = segments.take(order), agent[order]
    opens, closes = agent * _AGENT + segments.start, agent * _AGENT + segments.end

    handled = _handled(legs, opens, closes)
    stretches = _Stretches.concat([handled, _made_up(handled, opens, closes, rng)])
    on_queue = max(1.0, float((closes - opens).sum()))
    busy = float((stretches.end - stretches.begin).sum()) / on_queue
    stretches = _merged(stretches.take(np.argsort(stretches.begin, kind="stable")))
    fill = max(0.0, (_BUSY - busy) / (1.0 - busy)) if busy < 1 else 0.0
    idle_from, is_last, stretches = _reaching_out(stretches, opens, closes, fill, rng)

    size = len(stretches)
    ring = np.where(chance(rng, 0.15, size), rng.integers(3, 12, size), 0)
    ring = np.minimum(ring, stretches.begin - idle_from)
    wrap = np.minimum(stretches.wrap, (stretches.end - stretches.begin) // 3)
    owner, last_owner = agent[stretches.segment], agent[stretches.segment[is_last]]
    idle, closing = stretches.end[is_last], closes[stretches.segment[is_last]]
    failing = closing - np.minimum(np.where(chance(rng, 0.01, len(idle)), 600, 0), closing - idle)
    spans = (
        (AVAILABLE, owner, idle_from, stretches.begin - ring),
        (RINGING, owner, stretches.begin - ring, stretches.begin),
        (ON_CONTACT, owner, stretches.begin, stretches.end - wrap),
        (AFTER_CONTACT, owner, stretches.end - wrap, stretches.end),
        (AVAILABLE, last_owner, idle, failing),
        (SYSTEM_DOWN, last_owner, failing, closing),
    )
    return _Pieces.concat(
        [
            _Pieces(who, np.full(len(who), state, dtype=np.int8), start - who * _AGENT, end - who * _AGENT)
            for state, who, start, end in spans
        ]
    )


def _handled(legs: Legs, opens: Array, closes: Array) -> _Stretches:
    """Return the handled legs as stretches, cut at the end of the segment in which they were answered."""
    begin = legs.agent.astype(np.int64) * _AGENT + legs.answered
    is_open = legs.end == NULL
    talked = np.where(is_open, 2 * HOUR, legs.talk.clip(min=0) + legs.hold.clip(min=0))
    wrap = np.where(is_open, 0, legs.acw.clip(min=0))
    segment = np.searchsorted(opens, begin, side="right") - 1
    valid = (segment >= 0) & (begin < closes[segment] - 30)
    stretches = _Stretches(segment, begin, begin + talked + wrap, wrap).take(valid)
    return replace(stretches, end=np.minimum(stretches.end, closes[stretches.segment]))


def _made_up(stretches: _Stretches, opens: Array, closes: Array, rng: Rng) -> _Stretches:
    """Make a stretch of four minutes in each segment that has none."""
    empty = np.setdiff1d(np.arange(len(opens)), stretches.segment)
    length = (closes - opens)[empty]
    begin = opens[empty] + (length * rng.uniform(0.2, 0.6, len(empty))).astype(np.int64)
    return _Stretches(empty, begin, np.minimum(begin + 240, closes[empty]), np.full(len(empty), 40))


def _merged(stretches: _Stretches) -> _Stretches:
    """Join stretches, in the order of their begin, that overlap or nearly touch."""
    busy_until = np.maximum.accumulate(stretches.end)
    first = np.ones(len(stretches), dtype=np.bool_)
    first[1:] = stretches.segment[1:] != stretches.segment[:-1]
    first[1:] |= stretches.begin[1:] > busy_until[:-1] + _MERGE_GAP
    last = np.append(first[1:], np.ones(1, dtype=np.bool_))[: len(first)]
    return replace(stretches.take(first), end=busy_until[last], wrap=stretches.wrap[last])


def _reaching_out(
    stretches: _Stretches, opens: Array, closes: Array, fill: float, rng: Rng
) -> tuple[Array, Array, _Stretches]:
    """Let stretches fill a share of the idle time before them, and after the last one of a segment.

    Returns where the idle time before each begins, whether it is the last of its segment, and the stretches.
    """
    segment, size = stretches.segment, len(stretches)
    is_first = np.ones(size, dtype=np.bool_)
    is_first[1:] = segment[1:] != segment[:-1]
    is_last = np.append(is_first[1:], np.ones(1, dtype=np.bool_))[:size]
    before = np.clip(rng.normal(fill, 0.12, size), 0.0, 0.97)
    after = np.clip(rng.normal(fill, 0.12, size), 0.0, 0.97)
    end = stretches.end + np.where(is_last, (closes[segment] - stretches.end) * after, 0).astype(np.int64)
    idle_from = np.where(is_first, opens[segment], np.append(np.zeros(1, dtype=np.int64), end)[:size])
    begin = stretches.begin - ((stretches.begin - idle_from) * before).astype(np.int64)
    return idle_from, is_last, replace(stretches, begin=begin, end=end)


def _before_the_first_login(world: World, roster: Roster, segments: Segments) -> _Pieces:
    """Log agents off as the extracts of the days before were drawn, until their first login."""
    agent, first = np.unique(_agent(roster, segments), return_index=True)
    login = segments.start[first].astype(np.int64)
    since = login if world.known_until is None else np.full(len(login), world.known_until, dtype=np.int64)
    return _Pieces(agent, np.full(len(agent), OFFLINE, dtype=np.int8), since, login)


def _offline(world: World, roster: Roster, segments: Segments) -> _Pieces:
    """Fill the time from a logout to the next login; nothing comes after the last shift of those who left."""
    agent = _agent(roster, segments)
    ends_shift = np.ones(len(segments), dtype=np.bool_)
    ends_shift[:-1] = segments.shift[1:] != segments.shift[:-1]
    rows = np.flatnonzero(ends_shift)
    following = np.append(rows[1:], rows[-1:])
    next_login = segments.start[np.minimum(rows + 1, len(segments) - 1)]
    is_last = (agent[rows] != agent[following]) | (rows == following)
    gone = world.agents.left_at[agent[rows]] != NULL
    until = np.where(is_last, np.where(gone, segments.end[rows], 2**31 - 1), next_login)
    return _Pieces(agent[rows], np.full(len(rows), OFFLINE, dtype=np.int8), segments.end[rows], until.astype(np.int64))
