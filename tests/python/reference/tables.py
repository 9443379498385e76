"""The tables of the resolution domain that the specification describes, from contacts, by brute force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from .contacts import Contact, CustomerKey
from .resolution import (
    DEFAULT_WINDOWS,
    Scope,
    by_customer,
    evidence_after,
    gap_between,
    handled_before,
    is_head,
    is_repeat,
    may_be_evidence,
    within,
)

DAYS = 7
HEAD_HOURS = 168
UNKNOWN = "unknown"

DayKey = tuple[date, str, str, str]


@dataclass(frozen=True)
class CurvePoint:
    """One row of fcr_window_curve; cumulative_share is None where the channel has no repeats at all."""

    repeats: int
    cumulative_share: Fraction | None


@dataclass(frozen=True)
class Chain:
    """One row of repeat_chains, and its members."""

    customer_key: CustomerKey
    channel: str
    contact_ids: tuple[str, ...]
    first_agent_id: str | None
    started_at: datetime
    ended_at: datetime | None


def neighbours_of(contact: Contact, groups: Mapping[str, list[Contact]]) -> list[Contact]:
    """Return the contacts of the same customer; none where the customer is not known."""
    return groups.get(contact.contact_id, [])


def gaps_after(contact: Contact, others: Iterable[Contact]) -> list[timedelta]:
    """Return the gaps to all later evidence in the same channel; none where the contact is open."""
    gaps = [gap_between(contact, later) for later in evidence_after(contact, others, Scope.CHANNEL)]
    return [gap for gap in gaps if gap is not None]


def repeat_contacts_by_day(contacts: Sequence[Contact]) -> dict[DayKey, tuple[int, ...]]:
    """Count heads by day, and what followed them: (contacts_n, contacts_n_1, …, contacts_n_7) per key.

    Specification: "contacts_n counts heads (168 h) of that day, contacts_n_k the same customers' later evidence
    contacts of that channel that start more than (k-1) x 24 h and at most k x 24 h after the head ended (gap
    0 is in n_1)."
    """
    groups = by_customer(contacts)
    rows: dict[DayKey, tuple[int, ...]] = {}
    for contact in contacts:
        others = neighbours_of(contact, groups)
        if not is_head(contact, others, Scope.CHANNEL, timedelta(hours=HEAD_HOURS)):
            continue
        gaps = gaps_after(contact, others)
        counts = [1]
        for days in range(1, DAYS + 1):
            low, high = timedelta(days=days - 1), timedelta(days=days)
            counts.append(sum(low < gap <= high or (days == 1 and gap == low) for gap in gaps))
        key = (
            contact.date_day,
            contact.channel,
            contact.queue_id or UNKNOWN,
            contact.reason_code or UNKNOWN,
        )
        before = rows.get(key, (0,) * (DAYS + 1))
        rows[key] = tuple(old + new for old, new in zip(before, counts, strict=True))
    return rows


def gap_of_repeat(contact: Contact, others: Iterable[Contact]) -> timedelta:
    """Return the gap of a repeat: to the handled contact before it that ended last, so the smallest one."""
    gaps = [gap_between(earlier, contact) for earlier in handled_before(contact, others, Scope.CHANNEL)]
    return min(gap for gap in gaps if gap is not None)


def fcr_window_curve(contacts: Sequence[Contact]) -> dict[tuple[str, int], CurvePoint]:
    """Count the repeats per channel and hour of gap, for every channel of an inbound contact.

    Specification: "hour h covers gaps in (h-1, h], gap 0 is hour 1; shares are of all repeats within 168 h";
    Specification: "per hour of gap from 1 to 168, how many repeats a window catches".
    """
    groups = by_customer(contacts)
    curve: dict[tuple[str, int], CurvePoint] = {}
    for channel in sorted({contact.channel for contact in contacts if contact.is_inbound}):
        gaps = []
        for contact in contacts:
            others = neighbours_of(contact, groups)
            if contact.channel == channel and is_repeat(contact, others, Scope.CHANNEL, timedelta(hours=HEAD_HOURS)):
                gaps.append(gap_of_repeat(contact, others))
        for hour in range(1, HEAD_HOURS + 1):
            low, high = timedelta(hours=hour - 1), timedelta(hours=hour)
            caught = sum(gap <= high for gap in gaps)
            repeats = sum(low < gap <= high or (hour == 1 and gap == low) for gap in gaps)
            share = Fraction(caught, len(gaps)) if gaps else None
            curve[channel, hour] = CurvePoint(repeats, share)
    return curve


def repeat_chains(contacts: Sequence[Contact], windows: Sequence[int] = DEFAULT_WINDOWS) -> dict[str, Chain]:
    """Follow customers from contact to contact: chains of two or more, by chain_id.

    Specification: "A `repeat_chains` chain goes on while each next evidence contact of the customer and channel
    starts within the largest window of the one before; its id is its first contact's." A chain begins at a
    handled inbound identified contact; it breaks where the gap from the contact just before it (in order of
    start) exceeds the largest window, or the one before is open. ended_at is the last contact's.
    """
    window = timedelta(hours=max(windows))
    groups: dict[tuple[CustomerKey, str | None, str], list[Contact]] = {}
    for contact in contacts:
        if contact.customer_key is not None and may_be_evidence(contact):
            group = (contact.customer_key, contact.client_id, contact.channel)
            groups.setdefault(group, []).append(contact)
    chains: list[list[Contact]] = []
    for members in groups.values():
        chain: list[Contact] = []
        for contact in sorted(members, key=lambda member: (member.started_at, member.contact_id)):
            if chain and within(gap_between(chain[-1], contact), window):
                chain.append(contact)
            else:
                chains.append(chain)
                chain = [contact] if contact.is_handled else []
        chains.append(chain)
    return {
        chain[0].contact_id: Chain(
            customer_key=chain[0].customer_key,
            channel=chain[0].channel,
            contact_ids=tuple(member.contact_id for member in chain),
            first_agent_id=chain[0].agent_id,
            started_at=chain[0].started_at,
            ended_at=chain[-1].ended_at,
        )
        for chain in chains
        if len(chain) > 1 and chain[0].customer_key is not None
    }
