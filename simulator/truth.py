"""What no extract can tell: the issue behind each contact, and who really got in touch."""

import numpy as np

from simulator.acd import contact_ids, withdrawn_contacts
from simulator.arrays import NULL, Array
from simulator.contacts import DIRECTIONS, INBOUND, Contacts, Traffic
from simulator.identity import customer_ids
from simulator.tables import Table, booleans, codes, ids, instants, integers
from simulator.world import CHANNELS, World


def contacts(world: World, traffic: Traffic) -> Table:
    """Make the table truth/contacts: one row for every contact, withdrawn ones included.

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
