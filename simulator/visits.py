"""What happens to one leg of a contact: it waits, is answered or not, is handled and ends."""

from dataclasses import dataclass

import numpy as np

from simulator.arrays import NULL, Array, Arrays, Rng, chance, choose, seconds
from simulator.clock import DAY, HOUR, QUARTER
from simulator.demand import Demand
from simulator.shifts import Roster
from simulator.world import CHAT, EMAIL, POOLS, REASONS, SMS, VOICE, World

END_REASONS = (
    "completed",
    "abandoned",
    "transferred",
    "overflowed",
    "voicemail",
    "callback_requested",
    "timed_out",
    "failed",
    "ring_no_answer",
)
(
    COMPLETED,
    ABANDONED,
    TRANSFERRED,
    OVERFLOWED,
    VOICEMAIL,
    CALLBACK_REQUESTED,
    TIMED_OUT,
    FAILED,
    RING_NO_ANSWER,
) = range(len(END_REASONS))
INITIATIONS = ("customer", "transfer", "callback", "agent", "campaign")
BY_CUSTOMER, BY_TRANSFER, BY_CALLBACK, BY_AGENT, BY_CAMPAIGN = range(len(INITIATIONS))

_AT_ONCE = np.array([0.7, 0.62, 0.0, 0.2, 0.15])
"""Share of contacts that need not queue, by channel."""
_MEAN_WAIT = np.array([48.0, 55.0, 0.0, 420.0, 700.0])
"""Seconds of those that do."""
_PATIENCE = np.array([260.0, 320.0, np.inf, np.inf, np.inf])
_HURRIED = np.array([0.05, 0.03, 0.0, 0.0, 0.0])
"""Share of contacts that give up within seconds."""
_EMAIL_MEDIAN_WAIT = 0.7 * HOUR
_TALK_MEDIAN = np.array([250.0, 400.0, 330.0, 150.0, 180.0])
_ACW_MEAN = np.array([55.0, 30.0, 45.0, 15.0, 20.0])
_TRANSFERS = 0.085
_LONG_CALL_WAIT, _LONG_CHAT_WAIT = 30, 60
"""Seconds after which some leave the queue another way than by giving up."""


@dataclass
class Arrivals(Arrays):
    """Contacts that a leg begins for, at an instant, in a queue."""

    contact: Array
    queue: Array
    channel: Array
    reason: Array
    at: Array


@dataclass
class Legs(Arrays):
    """Legs of contacts; instants in seconds since EPOCH, durations in seconds, NULL where there is none."""

    contact: Array
    leg_number: Array
    initiation: Array
    queue: Array
    agent: Array
    start: Array
    enqueued: Array
    answered: Array
    end: Array
    ring: Array
    talk: Array
    hold: Array
    hold_count: Array
    acw: Array
    end_reason: Array


@dataclass(frozen=True)
class Floor:
    """The contact centre at work: its world, its roster and its demand."""

    world: World
    roster: Roster
    demand: Demand

    def pools(self, queue: Array) -> Array:
        """Return the pool of agents that answers each queue."""
        of_queue = np.array([POOLS.index((queue.site, queue.client)) for queue in self.world.queues])
        pool: Array = of_queue[queue]
        return pool

    def visit(self, rng: Rng, arrivals: Arrivals, leg_number: int) -> Legs:
        """Let contacts enter their queues and see what comes of it."""
        queue, channel, at, size = arrivals.queue, arrivals.channel, arrivals.at, len(arrivals)
        period = self.world.period
        hour = period.hour_of(at)
        load = self.demand.load[queue, hour] * (1 + self.demand.is_outage[hour])
        scale = np.array([queue.wait for queue in self.world.queues])[queue]
        pressure = np.clip(np.exp(1.3 * (load - 1.0)), 0.35, 8.0) * scale
        pressure = np.where(channel >= EMAIL, np.sqrt(pressure), pressure)

        at_once = chance(rng, np.clip(_AT_ONCE[channel] / np.sqrt(pressure), 0.0, 0.9), size)
        ring = np.where(channel == VOICE, rng.integers(2, 9, size), rng.integers(1, 16, size)).astype(np.int32)
        queued = rng.exponential(1.0, size) * _MEAN_WAIT[channel] * pressure
        reply = np.exp(rng.normal(np.log(_EMAIL_MEDIAN_WAIT), 0.9, size)) * pressure
        wait = np.where(channel == EMAIL, reply, np.where(at_once, 0.0, queued)) + ring

        # E-mails and messages wait for the next quarter hour in which their pool is at work.
        pool = self.pools(queue)
        answer = (at + seconds(np.minimum(wait, 5.0 * DAY))).astype(np.int32)
        quarter = period.quarter_of(np.where(channel >= EMAIL, answer, at))
        staffed = np.where(channel >= EMAIL, self.roster.next_staffed[pool, quarter], quarter)
        opening = period.grid_start + staffed * QUARTER + rng.integers(0, QUARTER, size)
        answer = np.where(staffed > quarter, opening, answer).astype(np.int32)
        agent = self.roster.pick(rng, pool, staffed)

        patience = rng.exponential(1.0, size) * _PATIENCE[channel] + 2.0
        hurried = chance(rng, _HURRIED[channel], size)
        patience = np.where(hurried, rng.uniform(1.0, 8.0, size), patience)
        end_reason = np.full(size, COMPLETED, dtype=np.int8)
        given_up = at + seconds(patience.clip(max=1e8), 1)
        abandons = (channel <= CHAT) & (given_up < answer)
        end_reason[abandons] = ABANDONED
        self._flow_out(rng, end_reason, channel, answer - at, agent)
        unanswered = end_reason != COMPLETED

        legs = self.handle(rng, arrivals, leg_number, agent, answer)
        legs.enqueued = legs.start.copy()
        legs.ring = np.minimum(ring, answer - at).astype(np.int32)
        left = np.minimum(answer, at + rng.integers(15, 150, size))
        left = np.where(abandons & (end_reason == ABANDONED), given_up, left)
        for values in (legs.answered, legs.agent, legs.ring, legs.talk, legs.hold, legs.hold_count, legs.acw):
            values[unanswered] = NULL
        legs.end = np.where(unanswered, left, legs.end).astype(np.int32)
        legs.end_reason = np.where(unanswered, end_reason, legs.end_reason).astype(np.int8)
        return legs

    @staticmethod
    def _flow_out(rng: Rng, end_reason: Array, channel: Array, wait: Array, agent: Array) -> None:
        """Let some of those who wait leave the queue another way."""
        size = len(channel)
        way = choose(rng, (0.30, 0.20, 0.50), size)
        ways = np.array([OVERFLOWED, VOICEMAIL, CALLBACK_REQUESTED], dtype=np.int8)
        leaves = (channel == VOICE) & (wait > _LONG_CALL_WAIT) & chance(rng, 0.16, size)
        end_reason[leaves] = ways[way[leaves]]
        lost = (channel == CHAT) & (wait > _LONG_CHAT_WAIT) & chance(rng, 0.10, size)
        lost |= (channel >= SMS) & chance(rng, 0.02, size)
        end_reason[lost] = TIMED_OUT
        end_reason[chance(rng, 0.002, size)] = FAILED
        closed = (agent == NULL) & (end_reason == COMPLETED)
        end_reason[closed] = np.where(channel[closed] == VOICE, VOICEMAIL, TIMED_OUT)

    def handle(self, rng: Rng, arrivals: Arrivals, leg_number: int, agent: Array, answer: Array) -> Legs:
        """Let agents handle contacts from the instants of answer on; some they transfer."""
        channel, size = arrivals.channel, len(arrivals)
        factor = np.array([reason.talk for reason in REASONS])[arrivals.reason] * self.world.agents.pace[agent]
        talk = seconds(np.exp(rng.normal(0.0, 0.55, size)) * _TALK_MEDIAN[channel] * factor, 8)
        holds = (channel == VOICE) & chance(rng, 0.27, size)
        hold_count = np.where(holds, rng.geometric(0.75, size), 0).astype(np.int32)
        hold = seconds(np.where(holds, 8 + hold_count * rng.exponential(48.0, size), 0.0))
        acw = seconds(rng.exponential(1.0, size) * _ACW_MEAN[channel])
        # A written conversation goes on after the first answer, an e-mail for hours or days.
        thread = np.where(
            (channel == EMAIL) & chance(rng, 0.4, size),
            np.exp(rng.normal(np.log(9.0 * HOUR), 1.0, size)).clip(max=5.0 * DAY),
            np.where(channel >= SMS, talk * rng.uniform(0.5, 8.0, size), 0.0),
        )
        transfers = (channel <= CHAT) & chance(rng, _TRANSFERS * factor, size)
        return Legs(
            contact=np.array(arrivals.contact, dtype=np.int32),
            leg_number=np.full(size, leg_number, dtype=np.int8),
            initiation=np.full(size, BY_CUSTOMER, dtype=np.int8),
            queue=np.array(arrivals.queue, dtype=np.int16),
            agent=np.array(agent, dtype=np.int16),
            start=np.array(arrivals.at, dtype=np.int32),
            enqueued=np.full(size, NULL, dtype=np.int32),
            answered=np.array(answer, dtype=np.int32),
            end=(answer + talk + hold + seconds(thread)).astype(np.int32),
            ring=seconds(rng.integers(1, 9, size)),
            talk=talk,
            hold=hold,
            hold_count=hold_count,
            acw=acw,
            end_reason=np.where(transfers, TRANSFERRED, COMPLETED).astype(np.int8),
        )
