"""Realistic extracts of any size: a made-up contact centre at work, and the truth behind its contacts.

The same arguments always give the same extracts, byte for byte as CSV. See `simulate`.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import get_args

import numpy as np

from pipelines.errors import UsageError
from simulator import (
    acd,
    crm,
    demand,
    finance,
    identity,
    parts,
    quality,
    reference,
    shifts,
    states,
    surveys,
    truth,
    workforce,
    world,
)
from simulator import contacts as traffic_of
from simulator.days import Days
from simulator.tables import FileFormat, Table, connect, write
from simulator.visits import Floor

__all__ = ["simulate"]

_MOST_CONTACTS = 50_000_000
_MOST_DAYS = 3650
_OF_THE_FIRST_DAYS = ("customers", "agents")
"""Tables of people, besides those of the source reference: further days bring no others."""


def simulate(
    contacts: int, days: int, seed: int, out: Path, file_format: FileFormat = "csv", *, start: date | None = None
) -> None:
    """Write the extracts of a contact centre that has `contacts` contacts in `days` days from `start` on.

    Without a start the days end with 2026-04-26. Every table of the sources that the demo has goes to
    `out/<source>/<table>.<file_format>`, the issue behind each contact to `out/truth`. The extracts are drawn at
    16:00 UTC of the last day: what was going on then is open. The same arguments give the same extracts in either
    format.

    A folder that holds simulated days already takes later ones: their files have the first day in their names, and
    their ids begin with it. People and places, which are those of the first days, are not written again. Who was on
    shift as the earlier days were drawn logs off then; contacts that were open then stay open.

    Raises UsageError where an argument can't be used, or where `out` is neither new nor empty nor holds earlier days.
    """
    _check(contacts, days, seed, file_format)
    of_days = Days.of(contacts, days, seed, start, out)
    with connect() as connection, ThreadPoolExecutor(1) as writer:
        written: Future[None] | None = None
        for table in _tables(of_days):  # the next one is made while the last one is written
            if written:
                written.result()
            named = replace(table.tagged(of_days.tag), file=table.name + of_days.file_name)
            written = writer.submit(write, connection, named, out, file_format)
        if written:
            written.result()
    of_days.note(out)


def _check(contacts: int, days: int, seed: int, file_format: str) -> None:
    if not 1 <= contacts <= _MOST_CONTACTS:
        raise UsageError(f"{contacts} contacts can't be simulated: ask for 1 to {_MOST_CONTACTS}.")
    if not 1 <= days <= _MOST_DAYS:
        raise UsageError(f"{days} days can't be simulated: ask for 1 to {_MOST_DAYS}.")
    if seed < 0:
        raise UsageError(f"The seed {seed} can't be used: give a whole number from 0 on.")
    if file_format not in get_args(FileFormat):
        formats = " or ".join(get_args(FileFormat))
        raise UsageError(f"Extracts can't be written as {file_format!r}: choose the format {formats}.")


def _world(days: Days, first: np.random.Generator) -> world.World:
    """Build the world, which is that of the folder's first days."""
    if not days.before:
        return world.build(days.call.contacts, days.call.period, first)
    founding = days.before[0]
    first = np.random.default_rng(np.random.SeedSequence(founding.seed).spawn(1)[0])
    founded = world.build(founding.contacts, founding.period, first)
    return replace(
        founded,
        period=days.call.period,
        size=days.call.contacts,
        known_until=days.before[-1].period.extract_at,
    )


def _tables(days: Days) -> Iterator[Table]:
    """Simulate, and make one table after the other. Every topic has a random stream of its own."""
    seed = [days.call.seed, len(days.before)] if days.before else days.call.seed
    spawned = np.random.SeedSequence(seed).spawn(32)
    streams = iter(spawned)

    def rng() -> np.random.Generator:
        return np.random.default_rng(next(streams))

    place = _world(days, rng())
    floor = Floor(place, shifts.plan(place, rng()), demand.plan(place, rng()))
    traffic = traffic_of.as_known_at_extract(traffic_of.simulate(floor, next(streams)), place.period.extract_at)
    who = identity.recognise(place, traffic.contacts, rng())
    legs = parts.in_parts(floor, traffic, np.random.default_rng(spawned[-1]))
    yield truth.contacts(place, traffic)
    yield truth.put_together(legs)
    makers: list[Callable[[], Table]] = [
        lambda: acd.contact_legs(place, traffic, legs, who, rng()),
        lambda: acd.ivr_sessions(place, traffic, who, rng()),
        lambda: states.agent_states(place, floor.roster, traffic, rng()),
        lambda: surveys.contact_surveys(place, traffic, rng()),
        lambda: surveys.employee_surveys(place, rng()),
        lambda: crm.customers(place, rng()),
        lambda: crm.cases(place, traffic, rng()),
        lambda: crm.account_logins(place, traffic, rng()),
        lambda: workforce.agents(place, rng()),
        lambda: workforce.schedules(place, floor.roster, rng()),
        lambda: workforce.forecasts(floor, traffic, rng()),
        lambda: finance.operating_costs(place, traffic, rng()),
    ]
    for make in makers:
        table = make()
        if not (days.before and table.name in _OF_THE_FIRST_DAYS):
            yield table
    sales = crm.orders(place, traffic, rng())
    yield sales.table
    yield crm.order_reversals(place, sales, rng())
    yield from quality.evaluations(place, traffic, rng())
    if not days.before:
        yield from reference.tables(place)
