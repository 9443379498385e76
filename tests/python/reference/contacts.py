"""Legs → contacts: the section Contacts of the specification, sentence by sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from typing import TypeVar
from zoneinfo import ZoneInfo

from .extracts import AgentVersion, Customer, Extracts, Leg, Queue

Value = TypeVar("Value")
CustomerKey = tuple[str, str]

DEFAULT_SHORT_ABANDON_SECONDS = 5
DEFAULT_SHARED_ADDRESS_MAX_CUSTOMERS = 3
FEWEST_DIGITS_OF_A_VOICE_ADDRESS = 6
COMPARED_DIGITS_OF_A_PHONE = 9


@dataclass(frozen=True)
class Contact:
    """A contact: "all legs with one contact_id"."""

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


def last_recorded(legs: Sequence[Leg], value: Callable[[Leg], Value | None]) -> Value | None:
    """Return the value of the last leg that has one."""
    recorded = [found for found in map(value, legs) if found is not None]
    return recorded[-1] if recorded else None


@cache
def comparable_address(address: str) -> str:
    """Phones (digits and punctuation only) compare on their last nine digits, e-mail in lower case."""
    digits = [character for character in address if character.isdigit()]
    if digits and not any(character.isalpha() for character in address):
        return "".join(digits[-COMPARED_DIGITS_OF_A_PHONE:])
    if "@" in address:
        return address.lower()
    return address


def by_account(account_number: str, customers: Iterable[Customer]) -> CustomerKey | None:
    """Find "the customer of the […] account_number (two customers on it: the one updated last)"."""
    holders = [customer for customer in customers if customer.account_number == account_number]
    if not holders:
        return None
    return ("customer", max(holders, key=lambda holder: (holder.updated_at, holder.customer_id)).customer_id)


def by_address(
    address: str, channel: str | None, customers: Iterable[Customer], shared_address_max_customers: int
) -> tuple[CustomerKey | None, str]:
    """Find the customer behind an address, and the identity_method.

    "One known customer has that address → that customer; two or more, up to `shared_address_max_customers`
    (default 3) → the address itself; more → none; no known customer → the address itself. A voice address
    with fewer than six digits (withheld, "anonymous", a short code) → none."
    """
    if channel == "voice" and sum(map(str.isdigit, address)) < FEWEST_DIGITS_OF_A_VOICE_ADDRESS:
        return None, "none"
    compared = comparable_address(address)
    holders = {
        customer.customer_id
        for customer in customers
        for known in (customer.phone, customer.email)
        if known is not None and comparable_address(known) == compared
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
    channel: str | None,
    *,
    customers: Sequence[Customer],
    shared_address_max_customers: int = DEFAULT_SHARED_ADDRESS_MAX_CUSTOMERS,
) -> tuple[CustomerKey | None, str]:
    """**customer_key** and `identity_method`: customer_id, account, address_match, address, none.

    "A customer's key is the same whichever way it was found", so it is ("customer", id) for the first three
    methods and ("address", comparable address) for the fourth.
    """
    if customer_id is not None:
        return ("customer", customer_id), "customer_id"
    if account_number is not None:
        holder = by_account(account_number, customers)
        if holder is not None:
            return holder, "account"
    if address is not None:
        return by_address(address, channel, customers, shared_address_max_customers)
    return None, "none"


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

    "first enqueued_at → first answered_at, or → ended_at if abandoned; null if answered before it was
    enqueued".
    """
    enqueued = min((leg.enqueued_at for leg in legs if leg.enqueued_at is not None), default=None)
    answered = min((leg.answered_at for leg in legs if leg.answered_at is not None), default=None)
    until = ended_at if abandoned else answered
    if enqueued is None or until is None or until < enqueued:
        return None
    return until - enqueued


def contact_of(
    legs: Iterable[Leg],
    customers: Sequence[Customer] = (),
    queues: Iterable[Queue] = (),
    agents: Iterable[AgentVersion] = (),
    *,
    site_timezones: Mapping[str, str] | None = None,
    reporting_timezone: str = "UTC",
    shared_address_max_customers: int = DEFAULT_SHARED_ADDRESS_MAX_CUSTOMERS,
) -> Contact:
    """Make one contact of all legs with its contact_id."""
    site_timezones = site_timezones or {}
    ordered = sorted(legs, key=lambda leg: leg.leg_number)
    first, last = ordered[0], ordered[-1]
    handled_legs = [leg for leg in ordered if is_handled_leg(leg)]
    # "Its agent and queue: the last handled leg's (else the last leg's)".
    credited = handled_legs[-1] if handled_legs else last
    queue = {queue.queue_id: queue for queue in queues}.get(credited.queue_id or "")

    # "started_at: earliest leg start; ended_at: latest leg end", "A contact with an open leg has no
    # ended_at".
    started_at = min(leg.started_at for leg in ordered)
    ends = [leg.ended_at for leg in ordered if leg.ended_at is not None]
    ended_at = max(ends) if len(ends) == len(ordered) else None

    is_queued = any(leg.enqueued_at is not None for leg in ordered)
    # "*abandoned*: queued, not handled, last leg's end_reason is abandoned."
    is_abandoned = is_queued and not handled_legs and last.end_reason == "abandoned"
    wait = wait_of(ordered, ended_at, is_abandoned)
    # "abandoned with wait_seconds ≤ the queue's short_abandon_seconds (default 5)".
    short = DEFAULT_SHORT_ABANDON_SECONDS
    if queue is not None and queue.short_abandon_seconds is not None:
        short = queue.short_abandon_seconds
    is_short = is_abandoned and wait is not None and wait <= timedelta(seconds=short)

    # "team_id and site_id: the agent's at started_at […], else site_id is the queue's".
    agent = agent_at(credited.agent_id, started_at, agents)
    agent_site = agent.site_id if agent is not None else None
    queue_site = queue.site_id if queue is not None else None

    customer_key, identity_method = identify(
        last_recorded(ordered, lambda leg: leg.customer_id),
        last_recorded(ordered, lambda leg: leg.account_number),
        last_recorded(ordered, lambda leg: leg.customer_address),
        first.channel,
        customers=customers,
        shared_address_max_customers=shared_address_max_customers,
    )
    return Contact(
        contact_id=first.contact_id,
        channel=first.channel,
        direction=first.direction,
        # "client: the first leg's, else the contact's queue's".
        client_id=first.client_id or (queue.client_id if queue is not None else None),
        queue_id=credited.queue_id,
        agent_id=credited.agent_id,
        team_id=agent.team_id if agent is not None else None,
        site_id=agent_site or queue_site,
        reason_code=last_recorded(ordered, lambda leg: leg.reason_code),
        resolution_code=last_recorded(ordered, lambda leg: leg.resolution_code),
        account_number=last_recorded(ordered, lambda leg: leg.account_number),
        customer_key=customer_key,
        identity_method=identity_method,
        started_at=started_at,
        ended_at=ended_at,
        date_day=local_date(started_at, (queue_site, agent_site), site_timezones, reporting_timezone),
        is_handled=bool(handled_legs),
        is_queued=is_queued,
        is_abandoned=is_abandoned,
        is_short_abandon=is_short,
        wait=wait,
        legs=tuple(ordered),
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
) -> list[Contact]:
    """Make all contacts, in order of contact_id."""
    by_contact: dict[str, list[Leg]] = {}
    for leg in legs:
        by_contact.setdefault(leg.contact_id, []).append(leg)
    return [
        contact_of(
            by_contact[contact_id],
            customers,
            queues,
            agents,
            site_timezones=site_timezones,
            reporting_timezone=reporting_timezone,
            shared_address_max_customers=shared_address_max_customers,
        )
        for contact_id in sorted(by_contact)
    ]


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
    )
