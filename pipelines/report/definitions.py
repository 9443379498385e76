"""What docs/kpi-definitions.md says of each family of KPIs, in English: its worked example, and the rest."""

import re
from functools import cache

from markdown_it import MarkdownIt

from pipelines.settings import PROJECT_DIR

_EXAMPLE = re.compile(r"^\*\*Worked example\.\*\* (.*?)(?:\n\n|\Z)", re.DOTALL | re.MULTILINE)
_BLOCK = re.compile(r"{% docs kpi_(\w+) %}(.*?){% enddocs %}", re.DOTALL)


@cache
def _blocks() -> dict[str, str]:
    files = sorted((PROJECT_DIR / "models" / "marts").glob("*/_*__kpis.md"))
    return {family: text.strip() for file in files for family, text in _BLOCK.findall(file.read_text(encoding="utf-8"))}


def explanations() -> dict[str, str]:
    """Give the explanation of each family as HTML; markup that is written into the texts shows as text."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    return {family: markdown.render(_EXAMPLE.sub("", text)) for family, text in _blocks().items()}


def examples() -> dict[str, str]:
    """Give the worked example of each family, in one line; code stands between backticks."""
    found = {family: _EXAMPLE.search(text) for family, text in _blocks().items()}
    return {family: " ".join(example[1].split()) for family, example in found.items() if example}
