"""The extracts of the ACD about contacts: contact_legs and ivr_sessions."""

from dataclasses import dataclass

import numpy as np

from simulator.arrays import NULL, Array, Rng, chance, choose
from simulator.clock import HOUR
from simulator.contacts import DIRECTIONS, INBOUND, OUTBOUND, Traffic
from simulator.identity import PHONE_FORMS, Identity, account_numbers, addresses, customer_ids
from simulator.parts import Parts
from simulator.tables import Column, Table, codes, ids, instants, integers
from simulator.versions import emptied, some, with_versions, withdrawn_contacts
from simulator.visits import END_REASONS, INITIATIONS
from simulator.world import CHANNELS, CHAT, CLIENTS, REASONS, UNLISTED_QUEUE, VOICE, World

REASON_CODES = tuple(reason.code for reason in REASONS)
CLIENT_IDS = tuple(client.id for client in CLIENTS)
EXIT_TYPES = ("self_served", "hung_up", "to_agent", "failed")
SELF_SERVED, HUNG_UP, TO_AGENT, FAILED_SESSION = range(len(EXIT_TYPES))
_RESOLUTIONS = ("resolved", "unresolved")
_UNKNOWN_ENDS = 0.004
"""Share of legs of which it was logged how they ended, but not when."""


def contact_ids(rows: Array, parts: Array | None = None) -> Column:
    """Make a column of contact ids from the contacts' rows, and from the parts that have an id of their own."""
    column = ids("C", np.where(rows == NULL, NULL, rows + 1).astype(np.int32), 8)
    if parts is None:
        return column
    return Column("text", (*column.arrays, parts), f"{column.sql} || case when {{1}} > 0 then '-' || {{1}} else '' end")


def agent_ids(agents: Array) -> Column:
    """Make a column of agent ids from the agents' rows."""
    return ids("A", np.where(agents == NULL, NULL, agents.astype(np.int32) + 1), 4)


def contact_legs(world: World, traffic: Traffic, parts: Parts, identity: Identity, rng: Rng) -> Table:
    """Make the legs of all contacts."""
    contacts, legs, size = traffic.contacts, parts.legs, len(parts.legs)
    contact = legs.contact
    extract_at = world.period.extract_at
    handled = (legs.agent != NULL) & (legs.answered != NULL)
    ended = legs.end != NULL

    queue = legs.queue.copy()
    queue[chance(rng, 0.003, size) & (queue != NULL)] = len(world.queues)
    # Whoever works a queue is mostly logged with the client; where not, the queue tells it.
    client_of_queue = np.array([queue.client for queue in world.queues], dtype=np.int8)
    client = np.where(chance(rng, 0.05, len(contacts)), NULL, client_of_queue[contacts.queue])[contact]
    client = np.where(queue == len(world.queues), client_of_queue[contacts.queue][contact], client)
    reason = np.where(handled & ended & ~chance(rng, 0.07, size), contacts.reason[contact], NULL)
    # An agent's own view of the outcome is rosier than the truth.
    resolved = contacts.is_resolving[contact] | chance(rng, 0.45, size)
    coded = handled & ended & (contacts.direction[contact] == INBOUND) & chance(rng, 0.6, size)
    resolution = np.where(coded, np.where(resolved, 0, 1), NULL)
    identified = handled | (contacts.agent == NULL)[contact]
    ended_after = np.where(ended, legs.end + np.maximum(legs.acw, 0), np.maximum(legs.answered, legs.start))
    updated_at = np.minimum(ended_after + rng.integers(1, 30, size), extract_at - 1).astype(np.int32)

    table = Table(
        "acd",
        "contact_legs",
        {
            "contact_id": contact_ids(contact, parts.part),
            "leg_number": integers(legs.leg_number),
            "related_contact_id": contact_ids(parts.related, parts.related_part),
            "client_id": codes(client.astype(np.int8), CLIENT_IDS),
            "channel": codes(contacts.channel[contact], CHANNELS),
            "direction": codes(contacts.direction[contact], DIRECTIONS),
            "initiation": codes(legs.initiation, INITIATIONS),
            "queue_id": codes(queue, (*(queue.id for queue in world.queues), UNLISTED_QUEUE)),
            "agent_id": agent_ids(legs.agent),
            "customer_id": customer_ids(np.where(identified, identity.customer[contact], NULL)),
            "customer_address": identity.address(world, contact),
            "dialled_address": codes(np.full(size, NULL, dtype=np.int8), ()),
            "account_number": account_numbers(np.where(handled, identity.account[contact], NULL)),
            "reason_code": codes(reason.astype(np.int8), REASON_CODES),
            "started_at": instants(legs.start),
            "enqueued_at": instants(legs.enqueued),
            "answered_at": instants(legs.answered),
            "ended_at": instants(np.where(chance(rng, _UNKNOWN_ENDS, size), NULL, legs.end).astype(np.int32)),
            "ring_seconds": integers(legs.ring),
            "talk_seconds": integers(legs.talk),
            "hold_seconds": integers(legs.hold),
            "hold_count": integers(legs.hold_count),
            "acw_seconds": integers(legs.acw),
            "end_reason": codes(legs.end_reason, END_REASONS),
            "resolution_code": codes(resolution.astype(np.int8), _RESOLUTIONS),
            "updated_at": instants(updated_at),
        },
    )
    # Some handled legs were extracted before, while they were still going on.
    rows = np.flatnonzero(handled & ended)[::80]
    earlier = table.take(rows)
    while_open = ("reason_code", "ended_at", "talk_seconds", "hold_seconds", "hold_count", "acw_seconds")
    earlier = earlier.but(
        **{name: emptied(earlier.columns[name]) for name in (*while_open, "end_reason", "resolution_code")},
        updated_at=instants(np.minimum(legs.answered[rows] + 1, legs.end[rows])),
    )
    withdrawn = np.flatnonzero(np.isin(contact, withdrawn_contacts(len(contacts))))
    return with_versions(table, earlier, withdrawn, updated_at, extract_at)


@dataclass(frozen=True)
class _Sessions:
    """Sessions; arrays of shape (sessions,)."""

    contact: Array
    person: Array
    channel: Array
    intent: Array
    entered: Array
    exited: Array
    exit_type: Array
    form: Array
    customer: Array


def ivr_sessions(world: World, traffic: Traffic, identity: Identity, rng: Rng) -> Table:
    """Make the self-service sessions: those that led to a contact, and those that did not."""
    contacts, extract_at = traffic.contacts, world.period.extract_at
    real_time = (contacts.direction == INBOUND) & (contacts.channel <= CHAT)
    led = np.flatnonzero(real_time & chance(rng, 0.55, len(contacts)))
    alone = rng.choice(np.flatnonzero(contacts.direction != OUTBOUND), max(1, round(0.95 * len(led))))
    sessions = [
        _leading_to(contacts.start, led, traffic, identity, rng),
        _on_their_own(alone, traffic, world, rng),
    ]
    entered = np.concatenate([part.entered for part in sessions])
    order = np.argsort(entered, kind="stable")
    order = order[(entered[order] >= world.period.grid_start) & (entered[order] < extract_at)]

    def joined(name: str) -> Array:
        values: Array = np.concatenate([getattr(part, name) for part in sessions])[order]
        return values

    person, exited, exit_type = joined("person"), joined("exited"), joined("exit_type")
    open_still = exited > extract_at
    exited[open_still], exit_type[open_still] = NULL, NULL
    updated_at = np.where(exited == NULL, entered[order], exited).astype(np.int32)
    known = world.persons.is_known[person] & (person != NULL)
    with_account = known & chance(rng, 0.35, len(order))
    table = Table(
        "acd",
        "ivr_sessions",
        {
            "session_id": ids("S", np.arange(1, len(order) + 1, dtype=np.int32), 8),
            "contact_id": contact_ids(joined("contact")),
            "client_id": codes(
                np.where(chance(rng, 0.02, len(order)), NULL, world.persons.client[person]).astype(np.int8),
                CLIENT_IDS,
            ),
            "channel": codes(joined("channel"), CHANNELS),
            "customer_id": customer_ids(joined("customer")),
            "customer_address": addresses(world.persons, joined("form"), person),
            "account_number": account_numbers(np.where(with_account, world.persons.account[person], NULL)),
            "intent": codes(joined("intent"), REASON_CODES),
            "entered_at": instants(entered[order].astype(np.int32)),
            "exited_at": instants(exited.astype(np.int32)),
            "exit_type": codes(exit_type, EXIT_TYPES),
            "updated_at": instants(updated_at),
        },
    )
    earlier = table.take(np.flatnonzero(exited != NULL)[::150])
    earlier = earlier.but(
        exited_at=emptied(earlier.columns["exited_at"]),
        exit_type=emptied(earlier.columns["exit_type"]),
        updated_at=earlier.columns["entered_at"],
    )
    return with_versions(table, earlier, some(table, 1500, 700), updated_at, extract_at)


def _leading_to(start: Array, rows: Array, traffic: Traffic, identity: Identity, rng: Rng) -> _Sessions:
    contacts, size = traffic.contacts, len(rows)
    return _Sessions(
        contact=rows,
        person=contacts.person[rows],
        channel=contacts.channel[rows],
        intent=np.where(chance(rng, 0.12, size), NULL, contacts.reason[rows]).astype(np.int8),
        entered=start[rows] - rng.integers(15, 150, size),
        exited=start[rows],
        exit_type=np.full(size, TO_AGENT, dtype=np.int8),
        form=identity.form[rows],
        customer=np.where(chance(rng, 0.5, size), identity.customer[rows], NULL),
    )


def _on_their_own(rows: Array, traffic: Traffic, world: World, rng: Rng) -> _Sessions:
    """Make sessions around the time of other contacts, some of which follow one that went wrong."""
    contacts, size = traffic.contacts, len(rows)
    exit_type = choose(rng, (0.66, 0.23, 0.0, 0.11), size)
    entered = contacts.start[rows] + rng.integers(-3 * HOUR, 3 * HOUR, size)
    person = rng.integers(0, world.known_customers, size).astype(np.int32)
    before = (exit_type != SELF_SERVED) & chance(rng, 0.25, size) & (contacts.direction[rows] == INBOUND)
    person = np.where(before, contacts.person[rows], person)
    entered = np.where(before, contacts.start[rows] - rng.integers(400, 3 * HOUR, size), entered)
    channel = np.where(chance(rng, 0.7, size), VOICE, CHAT).astype(np.int8)
    phone_form = np.where(world.persons.region[person] == 0, 0, PHONE_FORMS)
    known = world.persons.is_known[person]
    return _Sessions(
        contact=np.full(size, NULL),
        person=person,
        channel=channel,
        intent=choose(rng, (0.3, 0.25, 0.1, 0.08, 0.25, 0.02), size),
        entered=entered,
        exited=entered + rng.integers(20, 300, size),
        exit_type=exit_type,
        form=np.where(channel == VOICE, phone_form, NULL).astype(np.int8),
        customer=np.where(known & chance(rng, 0.7, size), person, NULL),
    )
