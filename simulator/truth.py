"""What no extract can tell: the issue behind each contact, and who really got in touch."""

import numpy as np

from simulator.acd import contact_ids
from simulator.arrays import NULL, Array
from simulator.contacts import DIRECTIONS, INBOUND, Contacts, Traffic
from simulator.identity import customer_ids
from simulator.parts import Parts
from simulator.tables import Table, booleans, codes, ids, instants, integers
from simulator.versions import withdrawn_contacts
from simulator.world import CHANNELS, World


def contacts(world: World, traffic: Traffic) -> Table:
    """Make the table truth/contacts: one row for every contact, withdrawn ones included.

    A transfer that was logged with an id of its own is part of its contact; a callback has a row of its own.
    person_id is whoever got in touch, customer_id their id in the CRM if they have one. contact_of_issue
    counts the inbound contacts of an issue; it is empty for others.
    """
    everything = traffic.contacts
    size = len(everything)
    issue = np.where(everything.person == NULL, NULL, everything.issue)
    number = _number_in_issue(everything)
    inbound = everything.direction == INBOUND
    known = world.persons.is_known[everything.person] & (everything.person != NULL)
    withdrawn = np.zeros(size, dtype=np.bool_)
    withdrawn[withdrawn_contacts(size)] = True
    return Table(
        "truth",
        "contacts",
        {
            "contact_id": contact_ids(np.arange(size, dtype=np.int32)),
            "issue_id": ids("I", issue, 8),
            "person_id": ids("P", everything.person, 7),
            "customer_id": customer_ids(np.where(known, everything.person, NULL)),
            "direction": codes(everything.direction, DIRECTIONS),
            "channel": codes(everything.channel, CHANNELS),
            "started_at": instants(everything.start),
            "ended_at": instants(everything.end),
            "contact_of_issue": integers(number),
            "is_first_of_issue": booleans(inbound & (number == 1)),
            "issue_resolved_by_this_contact": booleans(everything.is_resolving),
            "is_withdrawn": booleans(withdrawn),
        },
    )


def put_together(parts: Parts) -> Table:
    """Make the table truth/put_together: what was logged with an id of its own, and the contact that it belongs to."""
    contact = parts.legs.contact
    first = np.ones(len(contact), dtype=np.bool_)
    first[1:] = (contact[1:] != contact[:-1]) | (parts.part[1:] != parts.part[:-1])
    rows = np.flatnonzero(first & ((parts.part > 0) | (parts.into != contact)))
    return Table(
        "truth",
        "put_together",
        {
            "own_contact_id": contact_ids(contact[rows], parts.part[rows]),
            "contact_id": contact_ids(parts.into[rows]),
        },
    )


def _number_in_issue(everything: Contacts) -> Array:
    """Count the inbound contacts of each issue, in the order in which they start; NULL for other contacts."""
    inbound = np.flatnonzero(everything.direction == INBOUND)
    order = inbound[np.argsort(everything.issue[inbound], kind="stable")]
    issue = everything.issue[order]
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = issue[1:] != issue[:-1]
    position = np.arange(len(order))
    number = np.full(len(everything), NULL, dtype=np.int32)
    number[order] = position - np.maximum.accumulate(np.where(first, position, 0)) + 1
    return number
