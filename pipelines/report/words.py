"""Writes the English words of KPIs and their worked examples into the report's languages, as the models say them.

`make definitions` does it. Translators see in the diff what they have to follow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from pipelines.report.definitions import examples

if TYPE_CHECKING:
    from pipelines.kpi.definitions import Kpi

ENGLISH = Path(__file__).parent / "languages" / "en.yml"

_HEADING = "\nkpis:\n"
_WINDOW = re.compile(r"_(\d+)h$")


def with_words(file: str, kpis: Iterable[Kpi]) -> str:
    """Give the text of the English file with the words of these KPIs; of several windows one entry with {hours}."""
    words: dict[str, dict[str, str]] = {}
    for kpi in kpis:
        window = _WINDOW.search(kpi.name)
        told = {"name": kpi.label, "description": kpi.description, "numerator": kpi.numerator}
        if kpi.denominator != "1":
            told["denominator"] = kpi.denominator
        if window:
            told = {part: re.sub(rf"\b{window[1]} h\b", "{hours} h", text) for part, text in told.items()}
        words[_WINDOW.sub("_{hours}h", kpi.name)] = told
    own = file.partition(_HEADING)[0]
    generated = {"kpis": words, "examples": examples()}
    return own + "\n" + yaml.safe_dump(generated, sort_keys=False, allow_unicode=True, width=1000)
