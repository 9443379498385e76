"""How customers can be recognised: numbers and addresses as the CRM keeps them, and as a contact shows them.

Phone numbers begin with 555 and mail addresses end in example.com: none of them can belong to anybody.
"""

from dataclasses import dataclass

import numpy as np

from simulator.arrays import NULL, Array, Rng, chance, choose
from simulator.contacts import INBOUND, INTERNAL, Contacts
from simulator.tables import Column, ids
from simulator.world import CHAT, EMAIL, SMS, SOCIAL, VOICE, Persons, World

_N = "({1}::varchar)"
_PERSON = "lpad({2}::varchar, 7, '0')"
_FORMS = {
    "eu_plus": f"'+40' || {_N}",
    "eu_zero": f"'0' || {_N}",
    "eu_long": f"'0040 ' || {_N}[1:3] || ' ' || {_N}[4:6] || ' ' || {_N}[7:9]",
    "eu_dots": f"'0' || {_N}[1:3] || '.' || {_N}[4:6] || '.' || {_N}[7:9]",
    "eu_tel": f"'tel:+40' || {_N}",
    "eu_sip": f"'<sip:+40' || {_N} || '@sbc.example.com;user=phone>'",
    "us_plus": f"'+15' || {_N}",
    "us_area": f"'(5' || {_N}[1:2] || ') ' || {_N}[3:5] || '-' || {_N}[6:9]",
    "us_dash": f"'1-5' || {_N}[1:2] || '-' || {_N}[3:5] || '-' || {_N}[6:9]",
    "us_plain": f"'5' || {_N}",
    "us_tel": f"'tel:+1-5' || {_N}[1:2] || '-' || {_N}[3:5] || '-' || {_N}[6:9]",
    "us_sip": f"'sip:+15' || {_N} || '@sbc.example.com'",
    "anonymous": "'anonymous'",
    "withheld": "'Unavailable'",
    "restricted": "'Restricted'",
    "sip_anonymous": "'sip:anonymous@anonymous.invalid'",
    "keypad": "'266696687'",
    "short_code": "'12100'",
    "email": f"'c' || {_PERSON} || '@example.com'",
    "email_mixed": f"'C' || {_PERSON} || '@Example.com'",
    "handle": f"'@c' || {_PERSON}",
}
"""SQL of each form of an address, from the phone's last nine digits ({1}) and the person's number ({2})."""
_CODES = {form: code for code, form in enumerate(_FORMS)}
PHONE_FORMS = 6
"""Of each region."""


@dataclass(frozen=True)
class Identity:
    """How each contact can be recognised; arrays of shape (contacts,)."""

    customer: Array
    """Number of the customer whose id was recorded, else NULL."""
    account: Array
    """Account number recorded, else NULL."""
    form: Array
    """Form of the address, else NULL."""
    person: Array

    def address(self, world: World, contact: Array) -> Column:
        """Return the customer address of each of the contacts given, as a column."""
        return addresses(world.persons, self.form[contact], self.person[contact])


def addresses(persons: Persons, form: Array, person: Array) -> Column:
    """Make a column of the addresses of persons in the form given for each; NULL is empty."""
    cases = " ".join(f"when {code} then {sql}" for code, sql in enumerate(_FORMS.values()))
    return Column("text", (form, persons.phone[person], person), f"case {{0}} {cases} end")


def phones(persons: Persons, form: int, rows: Array, present: Array) -> Column:
    """Make the CRM's column of phone numbers: one form for each region, empty where not present."""
    forms = np.where(persons.region[rows] == 0, form, form + PHONE_FORMS)
    return addresses(persons, np.where(present, forms, NULL).astype(np.int8), rows)


def emails(persons: Persons, rows: Array, present: Array) -> Column:
    """Make the CRM's column of mail addresses of some persons, empty where not present."""
    return addresses(persons, np.where(present, _CODES["email"], NULL).astype(np.int8), rows)


def customer_ids(numbers: Array) -> Column:
    """Make a column of customer ids."""
    return ids("CU", numbers, 7)


def account_numbers(numbers: Array) -> Column:
    """Make a column of account numbers."""
    return ids("AC", numbers, 7)


def recognise(world: World, contacts: Contacts, rng: Rng) -> Identity:
    """Draw how each contact can be recognised: by customer id, account, address, by several or by none."""
    persons, size = world.persons, len(contacts)
    person, channel = contacts.person, contacts.channel
    known = persons.is_known[person] & (person != NULL)
    way = choose(rng, (0.50, 0.18, 0.32), size)
    handled = contacts.agent != NULL
    has_id = known & (way == 0) & (handled | chance(rng, 0.4, size))
    has_id |= known & (channel == CHAT) & chance(rng, 0.3, size)
    has_account = known & handled & ((way == 1) | chance(rng, 0.08, size))

    form = choose(rng, (0.56, 0.2, 0.1, 0.1, 0.02, 0.02), size) + np.where(persons.region[person] == 0, 0, PHONE_FORMS)
    hidden = chance(rng, 0.035, size) & (contacts.direction == INBOUND)
    withheld = choose(rng, (0.5, 0.2, 0.1, 0.1, 0.05, 0.05), size) + _CODES["anonymous"]
    form = np.where(hidden & (channel == VOICE), withheld, form)
    mail = np.where(chance(rng, 0.3, size), _CODES["email_mixed"], _CODES["email"])
    form = np.where((channel == EMAIL) | (channel == CHAT), mail, form)
    form = np.where(channel == SOCIAL, _CODES["handle"], form)
    unsaid = (channel == CHAT) & chance(rng, 0.45, size)
    unsaid |= (has_id | has_account) & (channel != SMS) & (channel != EMAIL) & chance(rng, 0.1, size)
    form = np.where(unsaid | (contacts.direction == INTERNAL), NULL, form)
    return Identity(
        customer=np.where(has_id, person, NULL).astype(np.int32),
        account=np.where(has_account, persons.account[person], NULL).astype(np.int32),
        form=form.astype(np.int8),
        person=person,
    )
