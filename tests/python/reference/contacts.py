"""Legs → contacts: the section Contacts of the specification, sentence by sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TypeVar
from zoneinfo import ZoneInfo

from .addresses import normalised
from .extracts import NEVER, AgentVersion, Customer, Extracts, Leg, Queue
from .put_together import legs_of_contacts
from .values import CLOCK_TOLERANCE

Value = TypeVar("Value")
CustomerKey = tuple[str, str]

DEFAULT_SHORT_ABANDON_SECONDS = 5
DEFAULT_SHARED_ADDRESS_MAX_CUSTOMERS = 3


@dataclass(frozen=True)
class Contact:
    """A contact: "all legs with one contact_id", and those of the contacts that were put together into it.

    "Every record that names a contact_id […] belongs to the contact that this id was put together into": to the one
    that has it among its own_ids.
    """

    contact_id: str
    channel: str
    direction: str
    client_id: str | None
    queue_id: str | None
    agent_id: str | None
    team_id: str | None
    site_id: str | None
    reason_code: str | None
    resolution_code: str | None
    account_number: str | None
    customer_key: CustomerKey | None
    identity_method: str
    started_at: datetime
    ended_at: datetime | None
    date_day: date
    is_handled: bool
    is_queued: bool
    is_abandoned: bool
    is_short_abandon: bool
    wait: timedelta | None
    legs: tuple[Leg, ...]
    own_ids: frozenset[str]

    @property
    def is_inbound(self) -> bool:
        """Return whether the customer came to the contact centre."""
        return self.direction == "inbound"

    @property
    def is_identified(self) -> bool:
        """Return whether it is known whose contact it was."""
        return self.customer_key is not None

    @property
    def members(self) -> dict[str, str | None]:
        """Return the contact's member at each level."""
        return {
            "client": self.client_id,
            "site": self.site_id,
            "team": self.team_id,
            "agent": self.agent_id,
            "queue": self.queue_id,
            "channel": self.channel,
            "reason": self.reason_code,
        }


def is_handled_leg(leg: Leg) -> bool:
    """Return what makes a contact handled: "some leg has agent_id and answered_at"."""
    return leg.agent_id is not None and leg.answered_at is not None


def last_of(legs: Sequence[Leg]) -> Leg:
    """Return the last leg: "the last" means the last that is no ring, if there is one."""
    return [*(leg for leg in legs if leg.is_ring), *(leg for leg in legs if not leg.is_ring)][-1]


def last_recorded(legs: Sequence[Leg], value: Callable[[Leg], Value | None]) -> Value | None:
    """Return the value of the last leg that has one."""
    recorded = [found for found in map(value, legs) if found is not None]
    return recorded[-1] if recorded else None


def by_account(account_number: str, customers: Iterable[Customer]) -> CustomerKey | None:
    """Find "the customer of the […] account_number (two customers on it: the one updated last)"."""
    holders = [customer for customer in customers if customer.account_number == account_number]
    if not holders:
        return None
    return ("customer", max(holders, key=lambda holder: (holder.updated_at, holder.customer_id)).customer_id)


def by_address(
    compared: str, customers: Iterable[Customer], shared_address_max_customers: int, phone_country: str | None
) -> tuple[CustomerKey | None, str]:
    """Find the customer behind a normalised address, and the identity_method.

    "One known customer has that address → that customer; two or more, up to `shared_address_max_customers`
    (default 3) → the address itself; more → none; no known customer → the address itself." A known phone is an address
    of voice.
    """
    holders = {
        customer.customer_id
        for customer in customers
        if compared
        in (normalised(customer.phone, "voice", phone_country), normalised(customer.email, "email", phone_country))
    }
    if len(holders) == 1:
        return ("customer", holders.pop()), "address_match"
    if len(holders) > shared_address_max_customers:
        return None, "none"
    return ("address", compared), "address"


def identify(
    customer_id: str | None,
    account_number: str | None,
    address: str | None,
    *,
    customers: Sequence[Customer],
    shared_address_max_customers: int = DEFAULT_SHARED_ADDRESS_MAX_CUSTOMERS,
    phone_country: str | None = None,
) -> tuple[CustomerKey | None, str]:
    """**customer_key** and `identity_method`: customer_id, account, address_match, address, none.

    "the last recorded customer_id; else the customer of the last recorded account_number […]; else by the last recorded
    address that can identify somebody", which comes normalised. "A customer's key is the same whichever way it was
    found", so it is ("customer", id) for the first three methods and ("address", normalised address) for the fourth.
    """
    if customer_id is not None:
        return ("customer", customer_id), "customer_id"
    if account_number is not None:
        holder = by_account(account_number, customers)
        if holder is not None:
            return holder, "account"
    if address is not None:
        return by_address(address, customers, shared_address_max_customers, phone_country)
    return None, "none"


def queue_of(queue_id: str | None, queues: Iterable[Queue]) -> Queue:
    """Return what is known of a queue: "A queue's name, client, site and channel are its newest row's"."""
    rows = [row for row in queues if row.queue_id == queue_id]
    return max(rows, key=lambda row: row.effective_from or NEVER, default=Queue(queue_id or ""))


def queue_at(queue_id: str | None, instant: datetime, queues: Iterable[Queue]) -> Queue:
    """Return the settings of a queue that were in force: "before the first row, that row's"."""
    rows = [row for row in queues if row.queue_id == queue_id]
    if not rows:
        return Queue(queue_id or "")
    begun = [row for row in rows if (row.effective_from or NEVER) <= instant]
    if not begun:
        return min(rows, key=lambda row: row.effective_from or NEVER)
    return max(begun, key=lambda row: row.effective_from or NEVER)


def short_abandon_at(queue_id: str | None, instant: datetime, queues: Iterable[Queue]) -> timedelta:
    """Return how long an abandon may wait and be short: "defaults 20 s, 0.80, 5 s"."""
    seconds = queue_at(queue_id, instant, queues).short_abandon_seconds
    return timedelta(seconds=DEFAULT_SHORT_ABANDON_SECONDS if seconds is None else seconds)


def agent_at(agent_id: str | None, instant: datetime, agents: Iterable[AgentVersion]) -> AgentVersion | None:
    """Return what held for the agent at that instant ("history, not today's team").

    "Instants before an agent's first effective_from have no team."
    """
    versions = [version for version in agents if version.agent_id == agent_id and version.effective_from <= instant]
    return max(versions, key=lambda version: version.effective_from) if versions else None


def local_date(
    instant: datetime,
    site_ids: Iterable[str | None],
    site_timezones: Mapping[str, str],
    reporting_timezone: str,
) -> date:
    """Return the local date in the zone of the first of these sites that has one, else in the reporting zone.

    architecture.md, Time: "the queue's site, else the agent's site, else var `reporting_timezone`".
    """
    for site_id in site_ids:
        if site_id is not None and site_id in site_timezones:
            return instant.astimezone(ZoneInfo(site_timezones[site_id])).date()
    return instant.astimezone(ZoneInfo(reporting_timezone)).date()


def wait_of(legs: Sequence[Leg], ended_at: datetime | None, abandoned: bool) -> timedelta | None:
    """Return wait_seconds, as a span.

    "first enqueued_at → first answered_at, or → ended_at if abandoned; 0 where clocks disagree within the tolerance".
    Beyond that nobody waited from the one to the other. Where the end of an abandon is not known, "no wait is known".
    """
    enqueued = min((leg.enqueued_at for leg in legs if leg.enqueued_at is not None), default=None)
    answered = min((leg.answered_at for leg in legs if leg.answered_at is not None), default=None)
    until = answered
    if abandoned:
        until = ended_at if last_of(legs).ended_at is not None else None
    if enqueued is None or until is None or until < enqueued - CLOCK_TOLERANCE:
        return None
    return max(until - enqueued, timedelta(0))


def contact_of(
    legs: Iterable[Leg],
    customers: Sequence[Customer] = (),
    queues: Iterable[Queue] = (),
    agents: Iterable[AgentVersion] = (),
    *,
    site_timezones: Mapping[str, str] | None = None,
    reporting_timezone: str = "UTC",
    shared_address_max_customers: int = DEFAULT_SHARED_ADDRESS_MAX_CUSTOMERS,
    phone_country: str | None = None,
    own_ids: frozenset[str] | None = None,
) -> Contact:
    """Make one contact of its legs, which are numbered in their order."""
    site_timezones, queues = site_timezones or {}, list(queues)
    ordered = sorted(legs, key=lambda leg: leg.leg_number)
    first, last = ordered[0], last_of(ordered)
    handled_legs = [leg for leg in ordered if is_handled_leg(leg)]
    # "Its agent and queue: the last handled leg's (else the last leg's)".
    credited = last_of(handled_legs) if handled_legs else last
    queue = queue_of(credited.queue_id, queues)

    # "started_at: earliest leg start; ended_at: latest leg end", "A contact with an open leg has no
    # ended_at". A leg that ended nobody knows when "counts as ended at its latest known instant".
    started_at = min(leg.started_at for leg in ordered)
    ended_at = None if any(leg.is_open for leg in ordered) else max(leg.latest_known for leg in ordered)

    is_queued = any(leg.enqueued_at is not None for leg in ordered)
    # "*abandoned*: queued, not handled, last leg's end_reason is abandoned."
    is_abandoned = is_queued and not handled_legs and last.end_reason == "abandoned"
    wait = wait_of(ordered, ended_at, is_abandoned)
    # "abandoned with wait_seconds ≤ the queue's short_abandon_seconds", as they were when "its first leg in a queue […]
    # was enqueued".
    enqueued_at = next((leg.enqueued_at for leg in ordered if leg.enqueued_at is not None), started_at)
    is_short = is_abandoned and wait is not None and wait <= short_abandon_at(credited.queue_id, enqueued_at, queues)

    # "team_id and site_id: the agent's at started_at […], else site_id is the queue's".
    agent = agent_at(credited.agent_id, started_at, agents)
    agent_site = agent.site_id if agent is not None else None

    customer_key, identity_method = identify(
        last_recorded(ordered, lambda leg: leg.customer_id),
        last_recorded(ordered, lambda leg: leg.account_number),
        # "Voice is `channels.is_voice` of the leg's own channel."
        last_recorded(ordered, lambda leg: normalised(leg.customer_address, leg.channel, phone_country)),
        customers=customers,
        shared_address_max_customers=shared_address_max_customers,
        phone_country=phone_country,
    )
    return Contact(
        contact_id=first.contact_id,
        channel=first.channel,
        direction=first.direction,
        # "client: the first leg's, else the contact's queue's".
        client_id=first.client_id or queue.client_id,
        queue_id=credited.queue_id,
        agent_id=credited.agent_id,
        team_id=agent.team_id if agent is not None else None,
        site_id=agent_site or queue.site_id,
        reason_code=last_recorded(ordered, lambda leg: leg.reason_code),
        resolution_code=last_recorded(ordered, lambda leg: leg.resolution_code),
        account_number=last_recorded(ordered, lambda leg: leg.account_number),
        customer_key=customer_key,
        identity_method=identity_method,
        started_at=started_at,
        ended_at=ended_at,
        date_day=local_date(started_at, (queue.site_id, agent_site), site_timezones, reporting_timezone),
        is_handled=bool(handled_legs),
        is_queued=is_queued,
        is_abandoned=is_abandoned,
        is_short_abandon=is_short,
        wait=wait,
        legs=tuple(ordered),
        own_ids=own_ids or frozenset({first.contact_id}),
    )


def contacts_of(
    legs: Iterable[Leg],
    customers: Sequence[Customer] = (),
    queues: Sequence[Queue] = (),
    agents: Sequence[AgentVersion] = (),
    *,
    site_timezones: Mapping[str, str] | None = None,
    reporting_timezone: str = "UTC",
    shared_address_max_customers: int = DEFAULT_SHARED_ADDRESS_MAX_CUSTOMERS,
    phone_country: str | None = None,
) -> list[Contact]:
    """Make all contacts, in order of contact_id."""
    found = legs_of_contacts(legs)
    return [
        contact_of(
            found[contact_id][0],
            customers,
            queues,
            agents,
            site_timezones=site_timezones,
            reporting_timezone=reporting_timezone,
            shared_address_max_customers=shared_address_max_customers,
            phone_country=phone_country,
            own_ids=found[contact_id][1],
        )
        for contact_id in sorted(found)
    ]


def by_own_ids(contacts: Iterable[Contact]) -> dict[str, Contact]:
    """Return the contact that each contact_id belongs to."""
    return {own_id: contact for contact in contacts for own_id in contact.own_ids}


@lru_cache(maxsize=2)
def contacts_of_extracts(
    extracts: Extracts,
    reporting_timezone: str = "UTC",
    shared_address_max_customers: int = DEFAULT_SHARED_ADDRESS_MAX_CUSTOMERS,
) -> list[Contact]:
    """Make all contacts of an extracts folder."""
    return contacts_of(
        extracts.legs,
        extracts.customers,
        extracts.queues,
        extracts.agents,
        site_timezones=extracts.site_timezones,
        reporting_timezone=reporting_timezone,
        shared_address_max_customers=shared_address_max_customers,
        phone_country=extracts.phone_country,
    )
