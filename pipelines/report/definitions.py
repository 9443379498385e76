"""What docs/kpi-definitions.md says of each family of KPIs: worked example, settings, other systems. English only."""

import re
from functools import cache

from markdown_it import MarkdownIt

from pipelines.settings import PROJECT_DIR

_BLOCK = re.compile(r"{% docs kpi_(\w+) %}(.*?){% enddocs %}", re.DOTALL)


@cache
def explanations() -> dict[str, str]:
    """Give the explanation of each family as HTML; markup that is written into the texts shows as text."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    files = sorted((PROJECT_DIR / "models" / "marts").glob("*/_*__kpis.md"))
    blocks = (block for file in files for block in _BLOCK.findall(file.read_text(encoding="utf-8")))
    return {family: markdown.render(text.strip()) for family, text in blocks}
