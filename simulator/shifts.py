"""Who works when: shifts, what is scheduled in them, and who is on queue in a quarter hour."""

from dataclasses import dataclass

import numpy as np

from simulator.arrays import NULL, Array, Arrays, Rng, chance, choose
from simulator.clock import DAY, HOUR, QUARTER
from simulator.world import POOLS, SITES, World

ACTIVITIES = ("on_queue", "break", "lunch", "training", "meeting", "off_queue")
ON_QUEUE, BREAK, LUNCH, TRAINING, MEETING, OFF_QUEUE = range(len(ACTIVITIES))

_PLANS = (
    ((ON_QUEUE, 8), (BREAK, 1), (ON_QUEUE, 8), (LUNCH, 2), (ON_QUEUE, 15)),
    ((ON_QUEUE, 8), (BREAK, 1), (ON_QUEUE, 8), (LUNCH, 2), (ON_QUEUE, 8), (TRAINING, 4), (ON_QUEUE, 3)),
    ((ON_QUEUE, 8), (BREAK, 1), (ON_QUEUE, 8), (LUNCH, 2), (ON_QUEUE, 9), (MEETING, 2), (ON_QUEUE, 4)),
    ((ON_QUEUE, 8), (BREAK, 1), (ON_QUEUE, 8), (LUNCH, 2), (ON_QUEUE, 13), (OFF_QUEUE, 2)),
)
"""What a shift of eight and a half hours holds, in quarter hours."""
_PLAN_WEIGHTS = (0.7, 0.1, 0.1, 0.1)
_SHIFT_STARTS = (8 * HOUR, 11 * HOUR + HOUR // 2, 9 * HOUR, 11 * HOUR + HOUR // 2)
"""Local time of day."""
_DAYS_OFF = ((5, 6), (6, 0), (5, 6), (4, 5), (1, 6), (2, 5))


@dataclass
class Shifts(Arrays):
    """Shifts, agent after agent, day after day."""

    agent: Array
    day: Array
    """Local days since the first one."""
    start: Array
    end: Array
    plan: Array
    is_attended: Array


@dataclass
class Segments(Arrays):
    """The parts of shifts, in the order of the shifts and of time."""

    shift: Array
    activity: Array
    start: Array
    end: Array


@dataclass(frozen=True)
class Roster:
    """Which agents are on queue in each quarter hour of the grid, by pool, by site and overall."""

    shifts: Shifts
    segments: Segments
    agents: Array
    """Agents on queue, group after group and quarter after quarter."""
    first: Array
    """Shape (groups * quarters + 1,): where in `agents` those of a group and quarter begin."""
    next_staffed: Array
    """Shape (pools, quarters): the first quarter from this one on with somebody of the pool on queue."""
    quarters: int

    def pick(self, rng: Rng, pool: Array, quarter: Array) -> Array:
        """Pick somebody on queue for each contact: of its pool, else of the site, else anybody; else NULL."""
        chosen = np.full(len(pool), NULL, dtype=np.int16)
        draw = rng.random(len(pool))
        site = len(POOLS) + np.array([pool_site for pool_site, _ in POOLS])[pool]
        anybody = np.full(len(pool), len(POOLS) + len(SITES))
        for group in (pool, site, anybody):
            cell = group.astype(np.int64) * self.quarters + quarter
            count = self.first[cell + 1] - self.first[cell]
            free = (chosen == NULL) & (count > 0)
            chosen[free] = self.agents[(self.first[cell] + draw * count).astype(np.int64)[free]]
        return chosen


def plan(world: World, rng: Rng) -> Roster:
    """Plan every shift of the period and two days more, and note who is on queue when."""
    shifts = _shifts(world, rng)
    segments = _segments(shifts)
    period = world.period
    quarters = period.quarters
    rows = shifts.is_attended[segments.shift] & (segments.activity == ON_QUEUE)
    rows &= segments.start < period.extract_at
    on_queue = segments.take(rows)
    length = (on_queue.end - on_queue.start) // QUARTER
    offset = np.arange(int(length.sum())) - np.repeat(np.cumsum(length) - length, length)
    quarter = np.repeat((on_queue.start - period.grid_start) // QUARTER, length) + offset
    agent = np.repeat(shifts.agent[on_queue.shift], length)
    inside = quarter < quarters
    quarter, agent = quarter[inside], agent[inside]
    pool_of_agent = pool_of_teams(world)[world.agents.team]
    site_of_pool = np.array([site for site, _ in POOLS])
    pool = pool_of_agent[agent]
    groups = (pool, len(POOLS) + site_of_pool[pool], np.full(len(pool), len(POOLS) + len(SITES)))
    cells = np.concatenate([group * quarters + quarter for group in groups]).astype(np.int64)
    order = np.argsort(cells, kind="stable")
    cells_in_all = (len(POOLS) + len(SITES) + 1) * quarters
    first = np.searchsorted(cells[order], np.arange(cells_in_all + 1))
    staffed = (first[1:] > first[:-1])[: len(POOLS) * quarters].reshape(len(POOLS), quarters)
    following = np.where(staffed, np.arange(quarters), quarters - 1)
    next_staffed = np.minimum.accumulate(following[:, ::-1], axis=1)[:, ::-1]
    return Roster(
        shifts=shifts,
        segments=segments,
        agents=np.tile(agent, 3)[order].astype(np.int16),
        first=first,
        next_staffed=next_staffed,
        quarters=quarters,
    )


def pool_of_teams(world: World) -> Array:
    """Return the pool of each team; shape (teams,)."""
    return np.array([POOLS.index((team.site, team.client)) for team in world.teams], dtype=np.int64)


def _shifts(world: World, rng: Rng) -> Shifts:
    agents, period = world.agents, world.period
    days = period.days + 2
    agent, day = (grid.ravel() for grid in np.meshgrid(np.arange(len(agents)), np.arange(days), indexing="ij"))
    member, team = np.divmod(agent, len(world.teams))
    days_off = np.array(_DAYS_OFF)[(member + 2 * team) % len(_DAYS_OFF)]
    from_monday = day + period.days_since_monday
    works = (days_off != (from_monday % 7)[:, None]).all(axis=1)
    agent, day, from_monday = agent[works], day[works], from_monday[works]
    site = np.array([team.site for team in world.teams])[agents.team[agent]]
    midnights = np.array([period.local_midnights(place.timezone, days) for place in SITES])
    # Agents of a team work early, middle and late in turn, and change from week to week.
    turn = (agent // len(world.teams) + from_monday // 7) % len(_SHIFT_STARTS)
    start = midnights[site, day] + np.array(_SHIFT_STARTS)[turn]
    left = np.where(agents.left_at[agent] == NULL, np.iinfo(np.int32).max, agents.left_at[agent])
    employed = (start >= agents.hired_at[agent]) & (start + DAY <= left)
    agent, day, start = agent[employed], day[employed], start[employed]
    plans = choose(rng, _PLAN_WEIGHTS, len(agent))
    lengths = np.array([sum(length for _, length in parts) for parts in _PLANS])
    return Shifts(
        agent=agent.astype(np.int16),
        day=day.astype(np.int32),
        start=start.astype(np.int32),
        end=(start + lengths[plans] * QUARTER).astype(np.int32),
        plan=plans,
        is_attended=~chance(rng, 0.03, len(agent)),
    )


def _segments(shifts: Shifts) -> Segments:
    most = max(len(parts) for parts in _PLANS)
    activity = np.zeros((len(_PLANS), most), dtype=np.int8)
    length = np.zeros((len(_PLANS), most), dtype=np.int32)
    for index, parts in enumerate(_PLANS):
        for place, (what, quarters) in enumerate(parts):
            activity[index, place], length[index, place] = what, quarters
    lengths = length[shifts.plan]
    # Agents of a team take their breaks one after the other.
    shift_of_break = (shifts.agent + shifts.day) % 4
    lengths[:, 0] += shift_of_break
    lengths[:, 2] -= shift_of_break
    ends = np.cumsum(lengths, axis=1) * QUARTER + shifts.start[:, None]
    starts = ends - lengths * QUARTER
    used = (lengths > 0).ravel()
    return Segments(
        shift=np.repeat(np.arange(len(shifts), dtype=np.int32), most)[used],
        activity=activity[shifts.plan].ravel()[used],
        start=starts.ravel()[used].astype(np.int32),
        end=ends.ravel()[used].astype(np.int32),
    )
