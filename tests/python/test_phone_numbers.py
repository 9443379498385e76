"""Phone numbers in E.164, against libphonenumber: valid numbers of many countries, in every form that is usual."""

import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import phonenumbers
import pytest
from conftest import built, run_dbt
from phonenumbers import PhoneMetadata, PhoneNumberFormat, PhoneNumberType

from pipelines.warehouse import connect

# fmt: off
COUNTRIES = [
    "AE", "AR", "AT", "AU", "BD", "BE", "BG", "BR", "BY", "CA", "CH", "CL", "CN", "CO", "CZ", "DE", "DK", "EE", "EG",
    "ES", "FI", "FR", "GB", "GR", "HK", "HR", "HU", "ID", "IE", "IL", "IN", "IS", "IT", "JP", "KE", "KR", "KZ", "LK",
    "LT", "LU", "LV", "MA", "MX", "MY", "NG", "NL", "NO", "NZ", "PE", "PH", "PK", "PL", "PT", "RO", "RS", "RU", "SA",
    "SE", "SG", "SI", "SK", "TH", "TR", "TW", "UA", "US", "VN", "ZA",
]
# fmt: on
NUMBERS = 200

# Forms of a country that are not read as libphonenumber reads them, how many of its numbers at most, and why.
EXCEPTIONS = {
    ("AR", "national"): (120, "mobiles are dialled with a 15 behind the area code, in place of the 9 before it"),
    ("AR", "national with dashes"): (120, "the same"),
    ("AR", "national with dots"): (120, "the same"),
    ("AR", "national with an extension"): (120, "the same"),
    ("BY", "national"): (40, "free numbers are written with 8, all others with 8 0"),
    ("BY", "national with dashes"): (40, "the same"),
    ("BY", "national with dots"): (40, "the same"),
    ("BY", "national with an extension"): (40, "the same"),
}
# Without a plus, digits that begin with the own calling code may be a national number too, if many lengths are usual.
# fmt: off
BARE_DIGITS_ARE_AMBIGUOUS = {
    "AT", "AU", "BR", "BY", "CO", "DE", "HK", "ID", "IE", "IL", "IT", "KR", "LU", "NG", "NL", "NZ", "PH", "PK", "RS",
    "SA", "SE", "SG", "TH", "TW",
}
# fmt: on

QUERY = """
    select * from (
        {{ normalized_addresses('written', 'address', 'normal_address', ['phone_country', 'address']) }}
    ) as normalized
"""


def example(country: str, kind: int, source: random.Random) -> Any | None:
    """A number like the example of a kind in a country, its last digits drawn; None if it is none."""
    shown = phonenumbers.example_number_for_type(country, kind)
    if shown is None:
        return None
    digits = phonenumbers.national_significant_number(shown)
    drawn = source.randint(1, max(1, len(digits) - 2))
    digits = digits[:-drawn] + "".join(source.choices("0123456789", k=drawn))
    try:
        number = phonenumbers.parse(f"+{shown.country_code}{digits}")
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number_for_region(number, country) else None


def examples(country: str) -> Iterator[Any]:
    """Different valid numbers, most of them fixed and mobile, the same each time."""
    source = random.Random(country)
    kinds = [PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE] * 2 + [PhoneNumberType.TOLL_FREE, PhoneNumberType.VOIP]
    found: set[str] = set()
    while len(found) < NUMBERS:
        number = example(country, source.choice(kinds), source)
        if number is not None and (text := phonenumbers.format_number(number, PhoneNumberFormat.E164)) not in found:
            found.add(text)
            yield number


def plan_of(country: str) -> Any:
    """Libphonenumber's metadata of a country."""
    return PhoneMetadata.metadata_for_region(country, None)


def prefix_of_calls_abroad(country: str) -> str:
    """What is dialled before a calling code; of several prefixes of carriers the first."""
    plan = plan_of(country)
    if plan.preferred_international_prefix:
        return str(plan.preferred_international_prefix).replace("~", "")
    candidates: list[str] = [plan.international_prefix, "00", *(f"00{digit}" for digit in range(10)), "0011", "0014"]
    return next(prefix for prefix in candidates if prefix.isdigit() and re.fullmatch(plan.international_prefix, prefix))


def forms(country: str, number: Any) -> dict[str, str]:
    """The usual forms of a number, by name."""
    plan = plan_of(country)
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    international = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    digits = phonenumbers.national_significant_number(number)
    trunk = plan.national_prefix
    written = {
        "E.164": e164,
        "international": international,
        "international with dots": international.replace(" ", "."),
        "tel": phonenumbers.format_number(number, PhoneNumberFormat.RFC3966),
        "sip": f"sip:{e164}@carrier.example.net;user=phone",
        "name and sip": f'"A. Caller" <sip:{e164}@carrier.example.net>;tag=1',
        "with an extension": f"{international} ext. 12",
        "abroad": prefix_of_calls_abroad(country) + e164[1:],
        "abroad with spaces": f"{prefix_of_calls_abroad(country)} {international[1:]}",
        "national": national,
        "national with dashes": re.sub("[ ()]+", "-", national).strip("-"),
        "national with dots": re.sub("[ ()-]+", ".", national).strip("."),
        "national with an extension": f"{national} x12345",
        "national digits": digits,
        "bare digits": e164[1:],
    }
    if trunk and country != "BY":  # which writes 8 0 before what it dials with 8
        written["trunk prefix"] = f"{trunk}{digits}"
        written["trunk prefix in brackets"] = f"+{number.country_code} ({trunk}) {digits}"
    return written


@pytest.fixture(scope="module")
def differing(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], list[str]]:
    """By country and form, the numbers that did not come out as libphonenumber writes them."""
    folder = tmp_path_factory.mktemp("phones")
    warehouse = built(folder, {}, "--select", "phone_countries", "nobody_addresses").folder / "warehouse.duckdb"
    rows = [
        (country, form, text, phonenumbers.format_number(number, PhoneNumberFormat.E164))
        for country in COUNTRIES
        for number in examples(country)
        for form, text in forms(country, number).items()
    ]
    normalized = compiled(warehouse)
    with connect(warehouse) as connection:
        connection.execute(
            "create temp table expected as"
            " select unnest(?) as phone_country, unnest(?) as form, unnest(?) as address, unnest(?) as e164",
            [list(column) for column in zip(*rows, strict=True)],
        )
        connection.execute("create temp view written as select distinct phone_country, address from expected")
        found = connection.execute(
            f"""
            select phone_country, form, address || ' is ' || e164 || ', not ' || coalesce(normal_address, 'nobody')
            from expected
            left join ({normalized}) as normalized using (phone_country, address)
            where normal_address is distinct from e164
            order by all
            """
        ).fetchall()
    wrong = defaultdict(list)
    for country, form, message in found:
        wrong[country, form].append(message)
    return wrong


def compiled(warehouse: Path) -> str:
    """The SQL of the project's own macro."""
    outcome = run_dbt("compile", warehouse, {"phone_country": "GB"}, "--quiet", "--inline", QUERY, "--output", "json")
    assert outcome.returncode == 0, outcome.stdout
    return str(json.loads(outcome.stdout)["compiled"])


def test_every_usual_form_of_a_number_is_its_e164(differing: dict[tuple[str, str], list[str]]) -> None:
    unexpected = {
        where: messages
        for where, messages in differing.items()
        if where[1] != "bare digits" and len(messages) > EXCEPTIONS.get(where, (0, ""))[0]
    }
    assert not unexpected, "\n".join(
        f"{where}: {len(messages)}, {messages[:3]}" for where, messages in unexpected.items()
    )


def test_every_exception_is_needed(differing: dict[tuple[str, str], list[str]]) -> None:
    assert EXCEPTIONS.keys() - differing.keys() == set()


def test_bare_digits_are_read_where_their_length_tells(differing: dict[tuple[str, str], list[str]]) -> None:
    found = {country for country, form in differing if form == "bare digits"}
    assert found == BARE_DIGITS_ARE_AMBIGUOUS, " ".join(sorted(found))
