"""The extracts of the CRM: customers, cases, orders and their reversals, logins to self-service."""

from dataclasses import dataclass

import numpy as np

from simulator.acd import CLIENT_IDS, REASON_CODES, agent_ids, contact_ids
from simulator.arrays import NULL, Array, Rng, chance, choose, seconds
from simulator.clock import DAY, HOUR
from simulator.contacts import INBOUND, INTERNAL, Traffic
from simulator.identity import account_numbers, customer_ids, emails, phones
from simulator.tables import Table, codes, hundredths, ids, instants, integers
from simulator.versions import emptied, some, with_versions
from simulator.world import ALBANY, BUCHAREST, SALE, World

_SEGMENTS = ("standard", "plus", "business")
_STATUSES = ("open", "pending", "closed")
_CURRENCIES = ("EUR", "USD", "RON")
_RATES = np.array([1.0, 1.1, 5.0])
_PLATFORMS = ("web", "ios", "android")
_REVERSALS = ("cancellation", "return")
_OPENS, _CLOSES, _OPEN_DAYS = 8 * HOUR, 18 * HOUR, 5
"""Business hours of the help desk that tracks cases: Monday to Friday, UTC."""


def customers(world: World, rng: Rng) -> Table:
    """Make the customers that the CRM knows; some without phone, mail address or account."""
    persons, size = world.persons, world.known_customers
    rows = np.arange(size)
    start = world.period.grid_start
    created = start - rng.integers(DAY, 2000 * DAY, size)
    updated_at = np.maximum(created, start - rng.integers(0, 400 * DAY, size)).astype(np.int32)
    # A later change of the record falls inside the period.
    changed = chance(rng, 0.05, size)
    updated_at = np.where(changed, rng.integers(start, world.period.extract_at, size), updated_at).astype(np.int32)
    has_phone, has_mail = ~chance(rng, 0.06, size), ~chance(rng, 0.08, size)
    has_phone[:5] = True
    account = np.where(chance(rng, 0.02, size), NULL, persons.account[:size]).astype(np.int32)
    table = Table(
        "crm",
        "customers",
        {
            "customer_id": customer_ids(persons.number[:size]),
            "account_number": account_numbers(account),
            "client_id": codes(persons.client[:size], CLIENT_IDS),
            "segment": codes(
                np.where(chance(rng, 0.03, size), NULL, persons.segment[:size]).astype(np.int8), _SEGMENTS
            ),
            "phone": phones(persons, 0, rows, has_phone),
            "email": emails(persons, rows, has_mail),
            "created_at": instants(created.astype(np.int32)),
            "updated_at": instants(updated_at),
        },
    )
    earlier_rows = np.flatnonzero(changed)[::2]
    earlier = table.take(earlier_rows).but(
        phone=phones(persons, 1, earlier_rows, has_phone[earlier_rows]),
        email=emails(persons, earlier_rows, np.zeros(len(earlier_rows), dtype=np.bool_)),
        updated_at=instants(created[earlier_rows].astype(np.int32)),
    )
    # Two systems told the CRM of these customers in the same second, each something else.
    twice = some(table, 1100, 500)
    conflicting = table.take(twice).but(segment=codes(((persons.segment[twice] + 1) % 3).astype(np.int8), _SEGMENTS))
    versions = with_versions(table, earlier, some(table, 1500, 900), updated_at, world.period.extract_at)
    return versions.followed_by(conflicting.marked())


def cases(world: World, traffic: Traffic, rng: Rng) -> Table:
    """Make the cases that handled contacts open; some are open still, some were reopened."""
    contacts, extract_at = traffic.contacts, world.period.extract_at
    handled = (contacts.agent != NULL) & (contacts.direction == INBOUND) & (contacts.end != NULL)
    rows = np.flatnonzero(handled & chance(rng, np.where(contacts.is_resolving, 0.12, 0.4), len(contacts)))
    size = len(rows)
    opened = contacts.end[rows] - rng.integers(0, 60, size)
    opened = np.maximum(opened, contacts.start[rows])
    first = opened + seconds(np.exp(rng.normal(np.log(3.5 * HOUR), 1.1, size)))
    closed = first + seconds(np.exp(rng.normal(np.log(30.0 * HOUR), 1.2, size)))
    never = chance(rng, 0.03, size)
    closed = np.where(never | (closed > extract_at), NULL, closed).astype(np.int32)
    first = np.where(first > extract_at, NULL, first).astype(np.int32)
    reopened = np.where(chance(rng, 0.09, size), rng.geometric(0.8, size), 0)
    status = np.where(closed != NULL, 2, np.where(first != NULL, 1, 0))
    known = world.persons.is_known[contacts.person[rows]]
    updated_at = np.maximum(np.maximum(opened, first), closed).astype(np.int32)
    contact = np.where(chance(rng, 0.05, size), NULL, rows)
    reason = np.where(chance(rng, 0.04, size), NULL, contacts.reason[rows]).astype(np.int8)
    replies = np.where(first != NULL, rng.geometric(0.55, size), 0)
    in_hours = np.where(first != NULL, _business_seconds(world, first) - _business_seconds(world, opened), NULL)
    waited = np.where(closed != NULL, (closed - opened) * rng.uniform(0.2, 0.9, size), NULL)
    table = Table(
        "crm",
        "cases",
        {
            "case_id": ids("T", np.arange(1, size + 1, dtype=np.int32), 7),
            "customer_id": customer_ids(np.where(known, contacts.person[rows], NULL)),
            "contact_id": contact_ids(contact),
            "reason_code": codes(reason, REASON_CODES),
            "opened_at": instants(opened.astype(np.int32)),
            "first_response_at": instants(first),
            "closed_at": instants(closed),
            "reopened_count": integers(reopened.astype(np.int8)),
            "reply_count": integers(replies.astype(np.int8)),
            "requester_wait_seconds": integers(waited.astype(np.int32)),
            "first_response_business_seconds": integers(in_hours.astype(np.int32)),
            "status": codes(status.astype(np.int8), _STATUSES),
            "updated_at": instants(updated_at),
        },
    )
    earlier_rows = np.flatnonzero(closed != NULL)[::25]
    earlier = table.take(earlier_rows)
    earlier = earlier.but(
        first_response_at=emptied(earlier.columns["first_response_at"]),
        closed_at=emptied(earlier.columns["closed_at"]),
        reply_count=emptied(earlier.columns["reply_count"]),
        requester_wait_seconds=emptied(earlier.columns["requester_wait_seconds"]),
        first_response_business_seconds=emptied(earlier.columns["first_response_business_seconds"]),
        status=codes(np.zeros(len(earlier), dtype=np.int8), _STATUSES),
        updated_at=earlier.columns["opened_at"],
    )
    return with_versions(table, earlier, some(table, 400, 200), updated_at, extract_at)


def _business_seconds(world: World, at: Array) -> Array:
    """Count the seconds of business hours from the first day's Monday to each instant; shape (instants,)."""
    day, second = np.divmod(at - world.period.first_week, DAY)
    week, weekday = np.divmod(day, 7)
    today = np.where(weekday < _OPEN_DAYS, np.clip(second, _OPENS, _CLOSES) - _OPENS, 0)
    spent: Array = (week * _OPEN_DAYS + np.minimum(weekday, _OPEN_DAYS)) * (_CLOSES - _OPENS) + today
    return spent


@dataclass(frozen=True)
class Orders:
    """The orders, as reversals need to know them; arrays of shape (orders,)."""

    ordered: Array
    cents: Array
    table: Table


def orders(world: World, traffic: Traffic, rng: Rng) -> Orders:
    """Make the orders that come of contacts about new orders, and of a few others."""
    contacts, extract_at = traffic.contacts, world.period.extract_at
    handled = (contacts.agent != NULL) & (contacts.direction != INTERNAL) & (contacts.end != NULL)
    sells = np.where(contacts.reason == SALE, np.where(contacts.is_resolving, 0.6, 0.12), 0.02)
    rows = np.flatnonzero(handled & chance(rng, sells, len(contacts)))
    rows = rows[contacts.end[rows] < extract_at]
    size = len(rows)
    ordered = np.maximum(contacts.start[rows], contacts.end[rows] - rng.integers(5, 90, size)).astype(np.int32)
    site = np.array([queue.site for queue in world.queues])[contacts.queue[rows]]
    dollars = (site == ALBANY) & chance(rng, 0.8, size)
    lei = (site == BUCHAREST) & chance(rng, 0.3, size)
    currency = np.where(dollars, 1, np.where(lei, 2, 0)).astype(np.int8)
    amount = np.exp(rng.normal(np.log(85.0), 0.7, size)) * _RATES[currency]
    cents = np.rint(amount * 100).clip(100).astype(np.int64)
    known = world.persons.is_known[contacts.person[rows]] & (contacts.person[rows] != NULL)
    # A few orders name the contact only, a few the agent only.
    unsigned = chance(rng, 0.15, size)
    loose = ~unsigned & chance(rng, 0.04, size)
    updated_at = np.minimum(ordered + rng.integers(1, 600, size), extract_at).astype(np.int32)
    table = Table(
        "crm",
        "orders",
        {
            "order_id": ids("O", np.arange(1, size + 1, dtype=np.int32), 7),
            "customer_id": customer_ids(np.where(known, contacts.person[rows], NULL)),
            "contact_id": contact_ids(np.where(loose, NULL, rows)),
            "agent_id": agent_ids(np.where(unsigned, NULL, contacts.agent[rows])),
            "ordered_at": instants(ordered),
            "gross_amount": hundredths(cents),
            "currency": codes(currency, _CURRENCIES),
            "updated_at": instants(updated_at),
        },
    )
    # Before, these orders had been booked with half the amount.
    corrected = some(table, 40, 7)
    earlier = table.take(corrected).but(
        gross_amount=hundredths(np.maximum(cents[corrected] // 2, 1)), updated_at=instants(ordered[corrected])
    )
    return Orders(ordered, cents, with_versions(table, earlier, some(table, 300, 150), updated_at, extract_at))


def order_reversals(world: World, orders: Orders, rng: Rng) -> Table:
    """Make cancellations and returns: whole or in part, some after 30 days, a few above the amount."""
    extract_at = world.period.extract_at
    order = np.flatnonzero(chance(rng, 0.11, len(orders.ordered)))
    size = len(order)
    kind = choose(rng, (0.45, 0.55), size)
    delay = np.where(kind == 0, rng.uniform(600, 3 * DAY, size), rng.uniform(3 * DAY, 40 * DAY, size))
    share = np.where((kind == 0) | chance(rng, 0.4, size), 1.0, rng.uniform(0.1, 0.9, size))
    share[::40] = 1.25
    at = orders.ordered[order] + seconds(delay, 60)
    known = at < extract_at
    order, kind, share, at = order[known], kind[known], share[known], at[known]
    cents = np.rint(orders.cents[order] * share).clip(1).astype(np.int64)
    updated_at = np.minimum(at + 60, extract_at).astype(np.int32)
    table = Table(
        "crm",
        "order_reversals",
        {
            "reversal_id": ids("R", np.arange(1, len(order) + 1, dtype=np.int32), 7),
            "order_id": ids("O", (order + 1).astype(np.int32), 7),
            "reversal_type": codes(kind, _REVERSALS),
            "reversed_at": instants(at.astype(np.int32)),
            "amount": hundredths(cents),
            "updated_at": instants(updated_at),
        },
    )
    return with_versions(table, table.take(np.arange(0)), some(table, 30, 12), updated_at, extract_at)


def account_logins(world: World, traffic: Traffic, rng: Rng) -> Table:
    """Make the logins: of customers who use self-service anyway, and of some after a contact."""
    contacts, persons = traffic.contacts, world.persons
    extract_at, known = world.period.extract_at, world.known_customers
    first = world.period.grid_start - 21 * DAY if world.known_until is None else world.known_until
    regular = np.repeat(np.arange(known), np.where(chance(rng, 0.16, known), rng.geometric(0.5, known), 0))
    at = rng.integers(first, extract_at, len(regular))
    handled = (contacts.agent != NULL) & (contacts.direction == INBOUND) & (contacts.end != NULL)
    handled &= (contacts.person < known) & chance(rng, 0.2, len(contacts))
    after = np.flatnonzero(handled)
    later = contacts.end[after] + seconds(np.exp(rng.normal(np.log(2.5 * DAY), 1.2, len(after))), 60)
    person = np.concatenate([regular, contacts.person[after]])
    at = np.concatenate([at, later])
    order = np.argsort(at, kind="stable")
    order = order[at[order] < extract_at]
    size = len(order)
    return Table(
        "crm",
        "account_logins",
        {
            "login_id": ids("L", np.arange(1, size + 1, dtype=np.int32), 8),
            "account_number": account_numbers(persons.account[person[order]]),
            "logged_in_at": instants(at[order].astype(np.int32)),
            "platform": codes(
                np.where(chance(rng, 0.03, size), NULL, choose(rng, (0.5, 0.25, 0.25), size)).astype(np.int8),
                _PLATFORMS,
            ),
        },
    ).marked()
