"""The languages of the report: one file each in `languages/`, with the same keys."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from pipelines.errors import UsageError

FOLDER = Path(__file__).parent / "languages"
DEFAULT = "en"

# Where formats of numbers and dates come from (BCP 47): Thai with Gregorian years, Chinese as it is written in China.
LOCALES = {"th": "th-u-ca-gregory-nu-latn", "zh": "zh-Hans", "en": "en-GB"}


def codes() -> list[str]:
    """Name the languages: English first."""
    return sorted((file.stem for file in FOLDER.glob("*.yml")), key=lambda code: (code != DEFAULT, code))


def read_own(code: str) -> dict[str, Any]:
    """Read what the file of a language says.

    Raises:
        UsageError: there is no such language.

    """
    if code not in codes():
        raise UsageError(f"The report has no language {code!r}; it has {', '.join(codes())}.")
    own: dict[str, Any] = yaml.safe_load((FOLDER / f"{code}.yml").read_text(encoding="utf-8"))
    return own


@cache
def read(code: str) -> dict[str, Any]:
    """Read a language: `language`, `text`, `kpis` and `examples`; what it lacks is English.

    Raises:
        UsageError: there is no such language.

    """
    own = read_own(code)
    if code == DEFAULT:
        return own
    english = read(DEFAULT)
    parts = ("text", "kpis", "examples")
    return {"language": own["language"]} | {part: english[part] | own.get(part, {}) for part in parts}


def locale(code: str) -> str:
    """Name the locale whose formats a language takes."""
    return LOCALES.get(code, code)


def babel_locale(code: str) -> str:
    """Name the locale of a language as Babel does."""
    return locale(code).partition("-u-")[0].replace("-", "_")


def of_kpi(kpi: dict[str, Any], code: str) -> dict[str, str]:
    """Say what a KPI of the catalogue is: name, description, numerator, denominator and worked example.

    In English the catalogue's own words hold, and so they do for a KPI that a language does not know.
    """
    before, _, after = kpi["text_key"].partition("{hours}")
    hours = kpi["kpi"].removeprefix(before).removesuffix(after)
    numerator, _, denominator = kpi["formula"].partition(" / ")
    known = read(code)["kpis"].get(kpi["text_key"]) or {} if code != DEFAULT else {}
    texts = {name: text.replace("{hours}", hours) for name, text in known.items()}
    own = {"name": kpi["name"], "description": kpi["description"], "numerator": numerator, "denominator": denominator}
    return own | texts | {"example": read(code)["examples"].get(kpi["family"], "")}
