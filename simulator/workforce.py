"""The extracts of workforce management: agents, schedules and forecasts."""

import numpy as np

from simulator.acd import agent_ids
from simulator.arrays import NULL, Array, Rng, chance, seconds
from simulator.clock import DAY, HOUR
from simulator.contacts import INBOUND, Traffic
from simulator.shifts import ACTIVITIES, BREAK, LUNCH, ON_QUEUE, Roster
from simulator.tables import Column, Table, codes, dates, hundredths, ids, instants, integers
from simulator.versions import some, with_versions
from simulator.visits import Floor
from simulator.world import SITES, World

_HALF_HOURS_FROM = 2000
"""Contacts a day from which forecasts are made by half hour; below it they are made by hour."""
_FORECAST_HOURS = range(7, 21)
"""Local hours that are forecast."""


def agents(world: World, rng: Rng) -> Table:
    """Make the history of every agent: a row from the beginning, and one more for those who change team."""
    everyone = world.agents
    movers = np.flatnonzero(everyone.new_team != NULL)
    number = np.concatenate([np.arange(len(everyone)), movers])
    team = np.concatenate([everyone.team, everyone.new_team[movers]])
    effective = np.concatenate([everyone.effective_from, everyone.moves_at[movers]])
    order = np.lexsort((effective, number))
    number, team, effective = number[order], team[order], effective[order]
    roles = sorted({team.role for team in world.teams})
    left = everyone.left_at[number]
    updated_at = np.maximum(effective, world.period.grid_start - 20 * DAY + rng.integers(0, DAY, len(number)))
    table = Table(
        "wfm",
        "agents",
        {
            "agent_id": agent_ids(number),
            "agent_name": ids("Agent ", (number + 1).astype(np.int32), 4),
            "team_id": codes(team, [team.id for team in world.teams]),
            "site_id": codes(np.array([team.site for team in world.teams], dtype=np.int8)[team], [s.id for s in SITES]),
            "role": codes(np.array([roles.index(team.role) for team in world.teams], dtype=np.int8)[team], roles),
            "hired_on": dates(everyone.hired_at[number] // DAY),
            "left_on": dates(np.where(left == NULL, NULL, left // DAY)),
            "effective_from": instants(effective),
            "updated_at": instants(updated_at.astype(np.int32)),
        },
    )
    rows = some(table, 9, 4)
    # Before, these agents had been entered with another team.
    earlier = table.take(rows).but(
        team_id=codes(np.zeros(len(rows), dtype=np.int16), [team.id for team in world.teams]),
        updated_at=instants((updated_at[rows] - DAY).astype(np.int32)),
    )
    return with_versions(table, earlier, rows[:0], updated_at, world.period.extract_at)


def schedules(world: World, roster: Roster, rng: Rng) -> Table:
    """Make what agents are scheduled to do, published on the Thursday before the week, some of it again."""
    segments, shifts, size = roster.segments, roster.shifts, len(roster.segments)
    weeks = (shifts.day[segments.shift] + world.period.first_day.weekday()) // 7
    published = (world.period.first_week + weeks * 7 * DAY - 4 * DAY + 14 * HOUR).astype(np.int32)
    number = np.arange(1, size + 1, dtype=np.int32)

    def table(rows: Array, activity: Array, start: Array, end: Array, published_at: Array) -> Table:
        return Table(
            "wfm",
            "schedules",
            {
                "schedule_id": ids("W", number[rows], 6),
                "agent_id": agent_ids(shifts.agent[segments.shift[rows]]),
                "activity": codes(activity, ACTIVITIES),
                "starts_at": instants(start.astype(np.int32)),
                "ends_at": instants(end.astype(np.int32)),
                "published_at": instants(published_at.astype(np.int32)),
                "updated_at": instants(published_at.astype(np.int32)),
            },
        )

    everything = np.arange(size)
    current = table(everything, segments.activity, segments.start, segments.end, published)
    # Published again the day before: breaks and lunches that the first plan had a quarter of an hour later.
    # Some are published again only after they began, and that does not count.
    moved = np.flatnonzero(np.isin(segments.activity, (BREAK, LUNCH)) & chance(rng, 0.07, size))
    again_at = np.maximum(segments.start[moved] - 20 * HOUR, published[moved] + HOUR)
    too_late = chance(rng, 0.1, len(moved))
    again_at = np.where(too_late, segments.start[moved] + HOUR, again_at)
    shift = np.where(too_late, 900, 0)
    again = table(moved, segments.activity[moved], segments.start[moved] + shift, segments.end[moved] + shift, again_at)
    first_plan = np.where(too_late, 0, 900)
    current = current.but(
        starts_at=instants(_moved(segments.start, moved, first_plan)),
        ends_at=instants(_moved(segments.end, moved, first_plan)),
    )
    # The extracts of days before have the two days after them already.
    listed_until = 0 if world.known_until is None else world.known_until - 16 * HOUR + 3 * DAY
    is_new = shifts.start[segments.shift] >= listed_until
    again = again.take((again_at < world.period.extract_at) & is_new[moved])
    withdrawn = np.flatnonzero((segments.activity != ON_QUEUE) & chance(rng, 0.001, size))
    known = (published < world.period.extract_at) & is_new
    withdrawn = withdrawn[known[withdrawn]]
    withdrawal = current.take(withdrawn).but(updated_at=instants(published[withdrawn] + HOUR))
    return current.take(known).marked().followed_by(again.marked(), withdrawal.marked(is_deleted=True))


def _moved(values: Array, rows: Array, by: Array) -> Array:
    result = values.copy()
    result[rows] += by.astype(values.dtype)
    return result


def forecasts(floor: Floor, traffic: Traffic, rng: Rng) -> Table:
    """Make two forecasts of every open interval of each queue: of the week before, and of the day before.

    Forecasters know more than the profile of the demand: their numbers lie between it and what came.
    """
    world, demand, legs = floor.world, floor.demand, traffic.legs
    period = world.period
    per_hour = 2 if world.size // period.days >= _HALF_HOURS_FROM else 1
    minutes = 60 // per_hour
    queues, hours = demand.intensity.shape
    intervals = hours * per_hour
    offered = (legs.enqueued != NULL) & (traffic.contacts.direction[legs.contact] == INBOUND)
    offered &= legs.queue != NULL
    cell = legs.queue[offered].astype(np.int64) * intervals
    cell += (legs.enqueued[offered] - period.grid_start) // (minutes * 60)
    actual = np.bincount(cell, minlength=queues * intervals).reshape(queues, intervals)
    expected = np.repeat(demand.intensity, per_hour, axis=1)
    expected = expected * (actual.sum(axis=1) / expected.sum(axis=1))[:, None]

    open_hours = demand.intensity > 0
    for index, queue in enumerate(world.queues):
        clock = period.local_hours(SITES[queue.site].timezone)
        open_hours[index] &= np.isin(clock.hour, _FORECAST_HOURS)
    queue_of, interval = np.nonzero(np.repeat(open_hours, per_hour, axis=1))
    start = period.grid_start + interval * minutes * 60
    week = (start - period.first_week) // (7 * DAY)
    publications = (
        (0.45, 0.22, period.first_week + week * 7 * DAY - 3 * DAY + 10 * HOUR),
        (0.70, 0.14, (start // DAY) * DAY - 8 * HOUR),
    )
    parts = []
    for knowledge, noise, published in publications:
        contacts = knowledge * actual[queue_of, interval] + (1 - knowledge) * expected[queue_of, interval]
        contacts = contacts * np.exp(rng.normal(0.02, noise, len(start)))
        handle = 380 * np.exp(rng.normal(0.0, 0.08, len(start)))
        parts.append(
            Table(
                "wfm",
                "forecasts",
                {
                    "queue_id": codes(queue_of.astype(np.int16), [queue.id for queue in world.queues]),
                    "interval_start": instants(start.astype(np.int32)),
                    "interval_minutes": integers(np.full(len(start), minutes, dtype=np.int16)),
                    "contacts": hundredths(seconds(contacts * 100)),
                    "aht_seconds": _whole(seconds(handle)),
                    "published_at": instants(published.astype(np.int32)),
                },
            ).marked()
        )
    return parts[0].followed_by(parts[1])


def _whole(values: Array) -> Column:
    """Make a column of numbers that have no decimals."""
    return Column("number", (values,), "{0}")
