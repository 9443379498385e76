"""Realistic extracts of any size: a made-up contact centre at work, and the truth behind its contacts.

The same arguments always give the same extracts, byte for byte as CSV. See `simulate`.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
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
from simulator.clock import Period
from simulator.tables import FileFormat, Table, connect, write
from simulator.visits import Floor

__all__ = ["simulate"]

_MOST_CONTACTS = 50_000_000
_MOST_DAYS = 3650


def simulate(contacts: int, days: int, seed: int, out: Path, file_format: FileFormat = "csv") -> None:
    """Write the extracts of a contact centre that has `contacts` contacts in `days` days from 2026-02-16 on.

    Every table of every source but technion_bank goes to `out/<source>/<table>.<file_format>`, the issue
    behind each contact to `out/truth/contacts.<file_format>`. The extracts are drawn at 16:00 UTC of the last
    day: what was going on then is open. The same contacts, days and seed give the same extracts in either
    format.

    Raises UsageError where an argument can't be used, or where `out` is not a new or empty folder.
    """
    _check(contacts, days, seed, out, file_format)
    with connect() as connection, ThreadPoolExecutor(1) as writer:
        written: Future[None] | None = None
        for table in _tables(contacts, days, seed):  # the next one is made while the last one is written
            if written:
                written.result()
            written = writer.submit(write, connection, table, out, file_format)
        if written:
            written.result()


def _check(contacts: int, days: int, seed: int, out: Path, file_format: str) -> None:
    if not 1 <= contacts <= _MOST_CONTACTS:
        raise UsageError(f"{contacts} contacts can't be simulated: ask for 1 to {_MOST_CONTACTS}.")
    if not 1 <= days <= _MOST_DAYS:
        raise UsageError(f"{days} days can't be simulated: ask for 1 to {_MOST_DAYS}.")
    if seed < 0:
        raise UsageError(f"The seed {seed} can't be used: give a whole number from 0 on.")
    if file_format not in get_args(FileFormat):
        formats = " or ".join(get_args(FileFormat))
        raise UsageError(f"Extracts can't be written as {file_format!r}: choose the format {formats}.")
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file: name a new or empty folder for the extracts.")
    if out.is_dir() and any(out.iterdir()):
        raise UsageError(f"The folder {out} is not empty: name a new or empty folder for the extracts.")


def _tables(contacts: int, days: int, seed: int) -> Iterator[Table]:
    """Simulate, and make one table after the other. Every topic has a random stream of its own."""
    streams = iter(np.random.SeedSequence(seed).spawn(32))

    def rng() -> np.random.Generator:
        return np.random.default_rng(next(streams))

    place = world.build(contacts, Period(days), rng())
    floor = Floor(place, shifts.plan(place, rng()), demand.plan(place, rng()))
    traffic = traffic_of.as_known_at_extract(traffic_of.simulate(floor, next(streams)), place.period.extract_at)
    who = identity.recognise(place, traffic.contacts, rng())
    makers: list[Callable[[], Table]] = [
        lambda: truth.contacts(place, traffic),
        lambda: acd.contact_legs(place, traffic, who, rng()),
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
        yield make()
    sales = crm.orders(place, traffic, rng())
    yield sales.table
    yield crm.order_reversals(place, sales, rng())
    yield from quality.evaluations(place, traffic, rng())
    yield from reference.tables(place)
