"""Repeats, heads, evidence, and the KPIs of the section Resolution of the specification: over all pairs, no cleverness.

The unit of thought is a pair of inbound contacts of one customer and one client, an earlier and a later one:

    earlier   by started_at, "Ties in started_at are ordered by contact_id"
    gap       "next.started_at - this.ended_at, at least 0"; none where the earlier one has no ended_at
    evidence  "a later-starting inbound contact of the same customer, handled or abandoned but not a short
    abandon" repeat    "an inbound contact which is evidence against an earlier handled inbound contact within
    W" head      "a handled inbound identified contact that is no repeat"

and a scope, which pairs must share besides: the channel, the channel and the reason, or nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import partial

from .addresses import normalised
from .contacts import (
    DEFAULT_SHARED_ADDRESS_MAX_CUSTOMERS,
    Contact,
    CustomerKey,
    contacts_of,
    contacts_of_extracts,
    identify,
)
from .experience import DEFAULT_SURVEY_DAYS, survey_resolution
from .extracts import Customer, Extracts, Leg, Queue, Session, newest_event
from .tally import ALL_LEVELS, KpiValues, Tally

DEFAULT_WINDOWS = (24, 48, 72, 168)
DEFAULT_CALL_RESOLUTION_DAYS = 30
OCR_LEVELS = ("organization", "client", "site", "channel")
WENT_WRONG = ("hung_up", "failed")


class Scope(Enum):
    """What the two contacts of a pair must share besides customer and client."""

    CHANNEL = "same channel"
    REASON = "same channel and reason"
    ANY_CHANNEL = "any channel"


@dataclass(frozen=True)
class Links:
    """A contact's neighbours within one scope, and what follows from them per window (hours).

    previous: "of the earlier-starting handled ones, the one that ended last"; next_evidence: "the nearest
    *evidence*, not the nearest contact". A gap is None where there is no neighbour, or the earlier of the two
    is still open. is_repeated: there is evidence against the contact within the window, whether that window
    has run out or not.
    """

    previous: Contact | None
    gap_since_previous: timedelta | None
    next_evidence: Contact | None
    gap_to_next_evidence: timedelta | None
    is_head: dict[int, bool]
    is_repeat: dict[int, bool]
    is_repeated: dict[int, bool]


@dataclass(frozen=True)
class Resolution:
    """What is known of the resolution of an inbound contact; the dicts are per window (hours)."""

    contact: Contact
    same_channel: Links
    same_reason: Links
    any_channel: Links
    is_mature: dict[int, bool]
    went_wrong_around: dict[int, list[str]]


@dataclass(frozen=True)
class SelfService:
    """A self-service session and whose it was."""

    session: Session
    customer_key: CustomerKey | None


def starts_before(one: Contact, other: Contact) -> bool:
    """Return whether one starts before the other; "Ties in started_at are ordered by contact_id"."""
    return (one.started_at, one.contact_id) < (other.started_at, other.contact_id)


def gap_between(earlier: Contact, later: Contact) -> timedelta | None:
    """Return "next.started_at - this.ended_at, at least 0"."""
    if earlier.ended_at is None:
        return None
    return max(later.started_at - earlier.ended_at, timedelta(0))


def share_scope(one: Contact, other: Contact, scope: Scope) -> bool:
    """Return whether two contacts may be linked at all.

    "Outbound and internal contacts are neither evidence nor eligible. Links stay within one client (contacts
    without a client are one group)." Same reason: "a contact without a reason is always a head and never
    followed".
    """
    return (
        one.is_inbound
        and other.is_inbound
        and one.customer_key is not None
        and one.customer_key == other.customer_key
        and one.client_id == other.client_id
        and (scope is Scope.ANY_CHANNEL or one.channel == other.channel)
        and (scope is not Scope.REASON or (one.reason_code is not None and one.reason_code == other.reason_code))
    )


def may_be_evidence(contact: Contact) -> bool:
    """Return whether it is "an inbound contact […], handled or abandoned but not a short abandon"."""
    return contact.is_inbound and (contact.is_handled or (contact.is_abandoned and not contact.is_short_abandon))


def evidence_after(contact: Contact, others: Iterable[Contact], scope: Scope) -> list[Contact]:
    """Return all evidence of non-resolution against a contact, in order of start."""
    found = [
        other
        for other in others
        if share_scope(contact, other, scope) and starts_before(contact, other) and may_be_evidence(other)
    ]
    return sorted(found, key=lambda other: (other.started_at, other.contact_id))


def handled_before(contact: Contact, others: Iterable[Contact], scope: Scope) -> list[Contact]:
    """Return all earlier-starting handled contacts in scope."""
    return [
        other
        for other in others
        if share_scope(contact, other, scope) and starts_before(other, contact) and other.is_handled
    ]


def within(gap: timedelta | None, window: timedelta) -> bool:
    """Return whether a gap lies in a window: "A gap of exactly W is inside"."""
    return gap is not None and gap <= window


def is_repeat(contact: Contact, others: Iterable[Contact], scope: Scope, window: timedelta) -> bool:
    """Return whether it is "evidence against an earlier handled inbound contact within W"."""
    return may_be_evidence(contact) and any(
        within(gap_between(earlier, contact), window) for earlier in handled_before(contact, others, scope)
    )


def is_head(contact: Contact, others: Iterable[Contact], scope: Scope, window: timedelta) -> bool:
    """Return whether it is "a handled inbound identified contact that is no repeat"."""
    return (
        contact.is_handled
        and contact.is_inbound
        and contact.is_identified
        and not is_repeat(contact, others, scope, window)
    )


def is_mature(contact: Contact, as_of: datetime, window: timedelta) -> bool:
    """Return whether the window has run out: "ended_at + W ≤ as_of"."""
    return contact.ended_at is not None and contact.ended_at + window <= as_of


def is_repeated(contact: Contact, others: Iterable[Contact], scope: Scope, window: timedelta) -> bool:
    """Return whether there is evidence against the contact within the window."""
    return any(within(gap_between(contact, later), window) for later in evidence_after(contact, others, scope))


def previous_of(contact: Contact, others: Iterable[Contact], scope: Scope) -> Contact | None:
    """Find the previous contact.

    "The previous contact is, of the earlier-starting handled ones, the one that ended last (contacts may
    overlap and an e-mail may last days)." An open one has not ended, so it is nobody's previous contact.
    """
    ended = [other for other in handled_before(contact, others, scope) if other.ended_at is not None]
    return max(ended, key=lambda other: (other.ended_at, other.started_at, other.contact_id), default=None)


def links_of(contact: Contact, others: Sequence[Contact], scope: Scope, windows: Sequence[int]) -> Links:
    """Find a contact's neighbours in a scope, and say what follows from them."""
    previous = previous_of(contact, others, scope)
    following = evidence_after(contact, others, scope)
    next_evidence = following[0] if following else None
    spans = {hours: timedelta(hours=hours) for hours in windows}
    return Links(
        previous=previous,
        gap_since_previous=gap_between(previous, contact) if previous is not None else None,
        next_evidence=next_evidence,
        gap_to_next_evidence=gap_between(contact, next_evidence) if next_evidence is not None else None,
        is_head={hours: is_head(contact, others, scope, span) for hours, span in spans.items()},
        is_repeat={hours: is_repeat(contact, others, scope, span) for hours, span in spans.items()},
        is_repeated={hours: is_repeated(contact, others, scope, span) for hours, span in spans.items()},
    )


def by_customer(contacts: Iterable[Contact]) -> dict[str, list[Contact]]:
    """Give each contact the ones that it could possibly be linked with: its customer's (for speed alone)."""
    groups: dict[CustomerKey, list[Contact]] = {}
    for contact in contacts:
        if contact.customer_key is not None:
            groups.setdefault(contact.customer_key, []).append(contact)
    return {contact.contact_id: group for group in groups.values() for contact in group}


def self_service_of(
    sessions: Iterable[Session],
    customers: Sequence[Customer],
    shared_address_max_customers: int = DEFAULT_SHARED_ADDRESS_MAX_CUSTOMERS,
    phone_country: str | None = None,
) -> list[SelfService]:
    """Find out whose sessions they were, by the rule that holds for contacts."""
    return [
        SelfService(
            session,
            identify(
                session.customer_id,
                session.account_number,
                normalised(session.customer_address, session.channel, phone_country),
                customers=customers,
                shared_address_max_customers=shared_address_max_customers,
                phone_country=phone_country,
            )[0],
        )
        for session in sessions
    ]


def went_wrong_around(contact: Contact, sessions: Iterable[SelfService], window: timedelta) -> list[Session]:
    """Return the self-service sessions that speak against one-contact resolution.

    "self-service session that went wrong (hung_up, failed; other than the one that led to this contact) of
    the same client or of none, entered within W before, during or within W after".
    """
    if contact.ended_at is None:
        return []
    return [
        entry.session
        for entry in sessions
        if entry.customer_key is not None
        and entry.customer_key == contact.customer_key
        and entry.session.exit_type in WENT_WRONG
        and entry.session.contact_id not in contact.own_ids
        and entry.session.client_id in (None, contact.client_id)
        and contact.started_at - window <= entry.session.entered_at <= contact.ended_at + window
    ]


def resolution_of(
    contact: Contact,
    others: Sequence[Contact],
    sessions: Sequence[SelfService],
    as_of: datetime,
    windows: Sequence[int] = DEFAULT_WINDOWS,
) -> Resolution:
    """Say everything about one inbound contact; `others` may be any contacts, itself included."""
    spans = {hours: timedelta(hours=hours) for hours in windows}
    return Resolution(
        contact=contact,
        same_channel=links_of(contact, others, Scope.CHANNEL, windows),
        same_reason=links_of(contact, others, Scope.REASON, windows),
        any_channel=links_of(contact, others, Scope.ANY_CHANNEL, windows),
        is_mature={hours: is_mature(contact, as_of, span) for hours, span in spans.items()},
        went_wrong_around={
            hours: [session.session_id for session in went_wrong_around(contact, sessions, span)]
            for hours, span in spans.items()
        },
    )


def resolution_of_contacts(
    contacts: Sequence[Contact],
    sessions: Sequence[SelfService],
    as_of: datetime,
    windows: Sequence[int] = DEFAULT_WINDOWS,
) -> dict[str, Resolution]:
    """Give the resolution of every inbound contact (the rows of `fct_contact_resolution`) by contact_id."""
    neighbours = by_customer(contacts)
    return {
        contact.contact_id: resolution_of(contact, neighbours.get(contact.contact_id, []), sessions, as_of, windows)
        for contact in contacts
        if contact.is_inbound
    }


def resolution_by_contact(
    legs: Iterable[Leg],
    customers: Sequence[Customer] = (),
    sessions: Iterable[Session] = (),
    queues: Sequence[Queue] = (),
    as_of: datetime | None = None,
    *,
    windows: Sequence[int] = DEFAULT_WINDOWS,
    shared_address_max_customers: int = DEFAULT_SHARED_ADDRESS_MAX_CUSTOMERS,
) -> dict[str, Resolution]:
    """Go from plain legs to the resolution of every inbound contact; as_of is by default the newest event."""
    legs = list(legs)
    if not legs:
        return {}
    contacts = contacts_of(legs, customers, queues, shared_address_max_customers=shared_address_max_customers)
    owned = self_service_of(sessions, customers, shared_address_max_customers)
    return resolution_of_contacts(contacts, owned, as_of or newest_event(legs), windows)


def add_windowed(tally: Tally, resolution: Resolution, hours: int) -> None:
    """Count a handled, inbound, identified contact in the KPIs of one window.

    "Immature contacts are in no numerator and no denominator". repeat_rate "looks back, so no maturity", but
    takes only contacts "with an ended_at".
    """
    contact = resolution.contact
    add = partial(tally.add, day=contact.date_day, members=contact.members, denominator=1)
    if contact.ended_at is not None:
        repeat = resolution.same_channel.is_repeat[hours]
        add(f"repeat_rate_{hours}h", levels=ALL_LEVELS, numerator=repeat)
    if not resolution.is_mature[hours]:
        return
    if resolution.same_channel.is_head[hours]:
        resolved = not resolution.same_channel.is_repeated[hours]
        add(f"fcr_{hours}h", levels=ALL_LEVELS, numerator=resolved)
    if resolution.same_reason.is_head[hours]:
        resolved = not resolution.same_reason.is_repeated[hours]
        add(f"fcr_same_reason_{hours}h", levels=ALL_LEVELS, numerator=resolved)
    if resolution.any_channel.is_head[hours]:
        resolved = not resolution.any_channel.is_repeated[hours] and not resolution.went_wrong_around[hours]
        add(f"ocr_{hours}h", levels=OCR_LEVELS, numerator=resolved)


def kpi_values_of_contacts(
    contacts: Sequence[Contact],
    as_of: datetime,
    windows: Sequence[int] = DEFAULT_WINDOWS,
    sessions: Sequence[SelfService] = (),
    call_resolution_days: int = DEFAULT_CALL_RESOLUTION_DAYS,
) -> KpiValues:
    """Compute the KPIs of the section that follow from contacts and self-service sessions, not from surveys.

    "FCR is credited to the contact that did or did not resolve: its agent, queue, day."
    """
    tally = Tally()
    neighbours = by_customer(contacts)
    long_window = timedelta(days=call_resolution_days)
    for contact in contacts:
        if not contact.is_inbound:
            continue
        add = partial(tally.add, day=contact.date_day, members=contact.members, levels=ALL_LEVELS, denominator=1)
        add("identified_rate", numerator=contact.is_identified)
        if contact.is_handled and contact.resolution_code is not None:
            add("fcr_disposition", numerator=contact.resolution_code == "resolved")
        if not contact.is_handled or not contact.is_identified:
            continue
        others = neighbours[contact.contact_id]
        resolution = resolution_of(contact, others, sessions, as_of, windows)
        for hours in windows:
            add_windowed(tally, resolution, hours)
        if is_mature(contact, as_of, long_window):
            resolved = not is_repeated(contact, others, Scope.CHANNEL, long_window)
            add("call_resolution_rate", numerator=resolved)
    return tally.values()


def kpi_values(
    extracts: Extracts,
    as_of: datetime | None = None,
    windows: Sequence[int] = DEFAULT_WINDOWS,
    *,
    reporting_timezone: str = "UTC",
    call_resolution_days: int = DEFAULT_CALL_RESOLUTION_DAYS,
    survey_days: int = DEFAULT_SURVEY_DAYS,
    shared_address_max_customers: int = DEFAULT_SHARED_ADDRESS_MAX_CUSTOMERS,
) -> KpiValues:
    """Compute every KPI of the section Resolution: (numerator, denominator) per key of `kpi_values`."""
    contacts = contacts_of_extracts(extracts, reporting_timezone, shared_address_max_customers)
    sessions = self_service_of(
        extracts.sessions, extracts.customers, shared_address_max_customers, extracts.phone_country
    )
    as_of = as_of or extracts.newest_event()
    return {
        **kpi_values_of_contacts(contacts, as_of, windows, sessions, call_resolution_days),
        **survey_resolution(contacts, extracts.surveys, survey_days),
    }
