"""Writes the seed of phone numbering plans from the metadata of libphonenumber: `make phone-countries`."""

import csv
import re
from pathlib import Path
from typing import Any

import phonenumbers
from phonenumbers import PhoneMetadata

SEED = Path(__file__).parent / "settings" / "phone_countries.csv"
COLUMNS = [
    "country",
    "calling_code",
    "is_main_country",
    "international_prefix",
    "national_prefix",
    "national_lengths",
    "usual_lengths",
]
# The country of numbers that belong to none, such as those of satellites.
NO_COUNTRY = "001"


def lengths(*descriptions: Any) -> str:
    """The numbers of digits that a national number may have, ascending; -1 stands for none in the metadata."""
    found = {length for description in descriptions if description for length in description.possible_length}
    return " ".join(str(length) for length in sorted(found - {-1}))


def international_prefix(plan: Any) -> str:
    """What is dialled before a calling code, as a regular expression; first the one that people use if there are many.

    A tilde stands for a pause. Classes of digits are spelled out, since escapes differ between engines.
    """
    prefix: str = (plan.international_prefix or "").replace("\\d", "[0-9]")
    preferred = (plan.preferred_international_prefix or "").replace("~", "")
    if preferred and not re.match(rf"{re.escape(preferred)}(\||$)", prefix):
        return f"{preferred}|{prefix}"
    return prefix


def national_prefix(plan: Any) -> str:
    """The digits before a national number: the metadata's own, or what most of its ways to write one begin with.

    Belarus dials 8, but writes 8 0 before all numbers but free ones.
    """
    own: str = plan.national_prefix or ""
    rules = [format_.national_prefix_formatting_rule or "" for format_ in plan.number_format]
    written = {re.sub(r"\\[0-9]|[^0-9]", "", rule) for rule in rules}
    return max(written, key=len) if own and all(prefix.startswith(own) for prefix in written) and written else own


def row(country: str, plan: Any) -> list[object]:
    """The row of a country's numbering plan."""
    return [
        country,
        plan.country_code,
        int(country in {NO_COUNTRY, phonenumbers.region_code_for_country_code(plan.country_code)}),
        international_prefix(plan),
        national_prefix(plan),
        lengths(plan.general_desc),
        lengths(plan.fixed_line, plan.mobile) or lengths(plan.general_desc),
    ]


def main() -> None:
    """Write the seed, ordered by country and calling code."""
    plans = [
        row(country, PhoneMetadata.metadata_for_region(country, None)) for country in phonenumbers.SUPPORTED_REGIONS
    ]
    plans += [
        row(NO_COUNTRY, PhoneMetadata.metadata_for_nongeo_region(code, None))
        for code in phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS
    ]
    with SEED.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(sorted(plans, key=lambda plan: (str(plan[0]), int(str(plan[1])))))


if __name__ == "__main__":
    main()
