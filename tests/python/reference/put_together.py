"""Which contacts are one: the paragraph Related contacts of the specification of KPIs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from .extracts import Leg

GOES_ON = ("transfer", "callback")


def related_contact(legs: Iterable[Leg]) -> str | None:
    """Return the contact that a contact goes on with.

    That is what its "first leg with a related_contact_id and initiation transfer or callback" names, if that is
    "another contact".
    """
    for leg in sorted(legs, key=lambda leg: leg.leg_number):
        if leg.related_contact_id is not None and leg.initiation in GOES_ON:
            return leg.related_contact_id if leg.related_contact_id != leg.contact_id else None
    return None


def beginning_of(contact_id: str, related: Mapping[str, str | None]) -> str:
    """Return the contact that a chain of related ids begins with.

    "A chain that leads to an id that has not landed or was withdrawn ends before it; a contact whose chain runs into a
    circle stands alone". `related` has every contact that has landed.
    """
    chain = [contact_id]
    while True:
        before = related[chain[-1]]
        if before is None or before not in related:
            return chain[-1]
        if before in chain:
            return contact_id
        chain.append(before)


def by_own_id(legs: Iterable[Leg]) -> dict[str, list[Leg]]:
    """Return the legs of each contact_id as they were recorded."""
    found: dict[str, list[Leg]] = {}
    for leg in legs:
        found.setdefault(leg.contact_id, []).append(leg)
    return found


def put_together(legs: Iterable[Leg]) -> dict[str, str]:
    """Return for each contact_id the contact that it was put together into: its own, if it stands alone."""
    own = by_own_id(legs)
    related = {contact_id: related_contact(its_legs) for contact_id, its_legs in own.items()}
    return {contact_id: beginning_of(contact_id, related) for contact_id in own}


def legs_of_contacts(legs: Iterable[Leg]) -> dict[str, tuple[list[Leg], frozenset[str]]]:
    """Return each contact's legs in order, under its id, and the contact_ids that it was made of.

    "The legs of a contact put together so are in order of started_at, then contact_id, then leg_number, and numbered
    anew." A contact that is one as it is keeps the order and the numbers of its legs.
    """
    own = by_own_id(legs)
    made_of: dict[str, list[str]] = {}
    for own_id, contact_id in put_together(leg for its_legs in own.values() for leg in its_legs).items():
        made_of.setdefault(contact_id, []).append(own_id)
    contacts = {}
    for contact_id, own_ids in made_of.items():
        if len(own_ids) == 1:
            ordered = sorted(own[contact_id], key=lambda leg: leg.leg_number)
        else:
            together = [leg for own_id in own_ids for leg in own[own_id]]
            together.sort(key=lambda leg: (leg.started_at, leg.contact_id, leg.leg_number))
            ordered = [
                replace(leg, contact_id=contact_id, leg_number=number) for number, leg in enumerate(together, start=1)
            ]
        contacts[contact_id] = (ordered, frozenset(own_ids))
    return contacts
