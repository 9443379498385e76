"""Addresses, normalised in the ten steps of the specification of KPIs (Contacts, customer_key)."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from .values import NULL_WORDS

VOICE_CHANNELS = frozenset({"voice"})
FEWEST_DIGITS_OF_A_PHONE = 6
COMPARED_DIGITS_OF_A_PHONE = 9
PHONE_CHARACTERS = r"[\d\s()+./-]"
WITHHELD_WORDS = ("anonymous", "withheld", "restricted", "unknown", "unavailable", "private", "blocked")
KEYS = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")
NOBODYS = frozenset({*WITHHELD_WORDS, *(word.translate(KEYS) for word in WITHHELD_WORDS)})


def digits_of(text: str) -> str:
    """Return the digits of a text."""
    return "".join(re.findall(r"[0-9]", text))


def is_phone_like(text: str) -> bool:
    """Return whether a text is digits and phone punctuation."""
    return re.fullmatch(f"{PHONE_CHARACTERS}+", text) is not None and digits_of(text) != ""


def bare(address: str) -> str:
    """Take steps 2 to 6: what was written around an address goes."""
    # (2) "what stands in the last `<…>`"
    in_brackets = re.findall(r"<([^<>]*)>", address)
    if in_brackets:
        address = in_brackets[-1].strip()
    # (3) "the scheme goes (`tel:`, `sip:`, `sips:`, `mailto:`)"
    scheme = re.match(r"(tel|sips?|mailto):", address, re.IGNORECASE)
    if scheme:
        address = address[scheme.end() :]
    # (4) "what follows `;` or `?` goes"
    address = re.split(r"[;?]", address, maxsplit=1)[0].strip()
    # (5) "of a sip address whose user part is digits and phone punctuation, the user part"
    user = address.partition("@")[0]
    if scheme and scheme[1].lower() in ("sip", "sips") and is_phone_like(user):
        address = user.strip()
    # (6) "after at least six digits an extension goes (`x` or `ext.` and up to five digits)"
    extension = re.fullmatch(rf"({PHONE_CHARACTERS}+?)\s*(?:x|ext\.?)\s*\d{{1,5}}", address, re.IGNORECASE)
    if extension and len(digits_of(extension[1])) >= FEWEST_DIGITS_OF_A_PHONE:
        address = extension[1].strip()
    return address


def is_nobodys(address: str) -> bool:
    """Return whether an address is nobody's (7).

    "withheld words and the digits that phones spell for them […], one digit repeated, anything with `*`, digits masked
    with `x`, `*.invalid`".
    """
    digits = digits_of(address)
    masked = re.fullmatch(rf"(?:{PHONE_CHARACTERS}|x)+", address, re.IGNORECASE) and "x" in address.lower() and digits
    return (
        address.lower() in NOBODYS
        or (is_phone_like(address) and (digits in NOBODYS or (len(digits) > 1 and len(set(digits)) == 1)))
        or "*" in address
        or bool(masked)
        or address.lower().endswith(".invalid")
    )


def comparable_phone(phone: str, phone_country: str | None) -> str:
    """Return what a phone compares on.

    "With var `phone_country` […] a phone becomes E.164 […], what fits no length compares as its digits); without it
    phones compare on their last nine digits". Without the package phonenumbers nothing is known of countries.
    """
    if phone_country is None or find_spec("phonenumbers") is None:
        return digits_of(phone)[-COMPARED_DIGITS_OF_A_PHONE:]
    library = import_module("phonenumbers")
    try:
        number = library.parse(phone, phone_country)
    except library.NumberParseException:
        return digits_of(phone)
    if not library.is_possible_number(number):
        return digits_of(phone)
    return str(library.format_number(number, library.PhoneNumberFormat.E164))


@cache
def normalised(address: str | None, channel: str | None, phone_country: str | None = None) -> str | None:
    """Return what an address compares on, or None where it can identify nobody."""
    # (1) "trim; null words → none"
    address = (address or "").strip()
    if not address or address in NULL_WORDS:
        return None
    is_voice = channel in VOICE_CHANNELS
    address = bare(address)
    if not address or is_nobodys(address):
        return None
    # (8) "with @: e-mail in lower case, none on voice"
    if "@" in address:
        return None if is_voice else address.lower()
    # (9) "at least six digits with phone punctuation: a *phone*"
    if is_phone_like(address) and len(digits_of(address)) >= FEWEST_DIGITS_OF_A_PHONE:
        return comparable_phone(address, phone_country)
    # (10) "all else: none on voice, as written in lower case elsewhere"
    return None if is_voice else address.lower()
