"""What people read is true: cited decisions, tests and files exist, and lines are short enough to read."""

import ast
import io
import re
import tokenize
from collections import Counter
from pathlib import Path

import pytest
import yaml
from conftest import PROJECT, code_blocks

WIDTH = 120
DECISIONS = PROJECT / "docs" / "decisions.md"
GUIDE = PROJECT / "CONTRIBUTING.md"
PAGES = sorted(
    page.relative_to(PROJECT).as_posix()
    for page in [*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md"), *(PROJECT / "macros").rglob("*.md")]
)
# `make definitions` writes it; test_definitions.py holds it to the semantic layer.
GENERATED = "docs/kpi-definitions.md"

WRITTEN_BY_HAND = {".sql", ".yml", ".md", ".py", ".j2"}
# Folders of the project, apart from what a run or a tool leaves behind.
FOLDERS = sorted(
    folder.name
    for folder in PROJECT.iterdir()
    if folder.is_dir() and not folder.name.startswith(".") and folder.name not in {"logs", "target", "var"}
    if not folder.name.endswith(".egg-info")
)
FILES = [file for name in FOLDERS for file in (PROJECT / name).rglob("*") if file.suffix in WRITTEN_BY_HAND]
PATH = re.compile(rf"(?<![\w/.<>*}}-])(?:{'|'.join(FOLDERS)})/[\w./<>*-]*\w[\w/>*]*(?![{{…])")
FILE_NAME = re.compile(r"`([\w.-]+\.(?:md|py|sql|yml|toml|yaml))`")
BARE_NAME = re.compile(r"(?<![\w/.<>*{}}-])[\w-]+\.(?:md|py|sql|yml|toml|yaml)\b")
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)[^)]*\)")


def _comments(file: Path) -> str:
    """What a file says in words: a page or YAML as a whole, else its comments and docstrings."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".sql":
        return "\n".join(re.findall(r"--[^\n]*|\{#.*?#\}", text, flags=re.DOTALL))
    if file.suffix == ".py":
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        comments = [token.string for token in tokens if token.type == tokenize.COMMENT]
        documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, documented)]
        return "\n".join([*comments, *(ast.get_docstring(node) or "" for node in nodes)])
    return text


def _exists(path: str, beside: Path = PROJECT) -> bool:
    """Whether a path leads somewhere, from the project's folder or a page's; `<name>` stands for any name."""
    pattern = re.sub(r"<\w+>", "*", path).rstrip("/")
    return any(True for root in (PROJECT, beside) for _ in (root.glob(pattern) if ".." not in path else ())) or (
        (beside / path).exists()
    )


@pytest.fixture(scope="module")
def decisions() -> dict[str, str]:
    """Text of each decision by its id."""
    found = re.findall(r"^### (\S+) (.*?)(?=^##|\Z)", DECISIONS.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    return dict(found)


@pytest.fixture(scope="module")
def tests() -> set[str]:
    """Names of dbt's unit tests, of the SQL tests and of pytest's functions."""
    declared = [yaml.safe_load(file.read_text("utf-8")) or {} for file in (PROJECT / "models").rglob("*.yml")]
    names = {test["name"] for yml in declared for test in yml.get("unit_tests", [])}
    names |= {file.stem for file in (PROJECT / "tests").rglob("*.sql")}
    for file in (PROJECT / "tests").rglob("test_*.py"):
        names |= set(re.findall(r"^def (test_\w+)", file.read_text("utf-8"), flags=re.MULTILINE))
    return names


def test_ids_of_decisions_are_numbered_within_their_group(decisions: dict[str, str]) -> None:
    headings = re.findall(r"^(##|###) ([A-Z]{3})(?:: |-(\d+) )", DECISIONS.read_text("utf-8"), flags=re.MULTILINE)
    groups = [prefix for level, prefix, _ in headings if level == "##"]
    expected = [
        f"{group}-{number}"
        for group in groups
        for number in range(1, 1 + Counter(prefix for level, prefix, _ in headings if level == "###")[group])
    ]
    assert list(decisions) == expected


def test_every_decision_that_is_cited_exists(decisions: dict[str, str]) -> None:
    prefixes = {decision.split("-")[0] for decision in decisions}
    pages = [PROJECT / page for page in PAGES]
    cited = {
        (file.relative_to(PROJECT).as_posix(), citation)
        for file in [*FILES, *pages]
        for citation in re.findall(rf"\b(?:{'|'.join(prefixes)})-\d+\b", file.read_text("utf-8"))
    }
    assert {citation for file, citation in cited if file != "docs/decisions.md"}
    assert sorted((file, citation) for file, citation in cited if citation not in decisions) == []


def test_every_test_that_a_decision_names_exists(decisions: dict[str, str], tests: set[str]) -> None:
    named = [
        (decision, name.strip())
        for decision, text in decisions.items()
        for names in re.findall(r"\[([a-z0-9_,\s]+)\](?!\()", text)
        for name in names.split(",")
    ]
    assert named
    assert [(decision, name) for decision, name in named if name not in tests] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_names_exists(page: str) -> None:
    file = PROJECT / page
    text = file.read_text("utf-8")
    named = PATH.findall(text) + LINK.findall(text)
    dead = {path for path in named if not _exists(path, file.parent)}
    dead |= {name for name in FILE_NAME.findall(text) if not (PROJECT / name).exists() and not _is_a_file(name)}
    # A page that brings a file shows what is in it.
    assert dead - code_blocks(file).keys() == set()


def test_every_file_that_a_comment_names_exists() -> None:
    dead = [
        (file.relative_to(PROJECT).as_posix(), path)
        for file in FILES
        if file.relative_to(PROJECT).as_posix() not in PAGES
        for path in PATH.findall(_comments(file))
        if not _exists(path, file.parent)
    ]
    assert dead == []


def test_every_file_that_a_comment_names_without_its_folder_exists() -> None:
    dead = [
        (file.relative_to(PROJECT).as_posix(), name)
        for file in FILES
        if file.relative_to(PROJECT).as_posix() not in PAGES
        for name in BARE_NAME.findall(_comments(file))
        if not (PROJECT / name).exists() and not _is_a_file(name)
    ]
    assert dead == []


def _is_a_file(name: str) -> bool:
    return any(file.name == name for file in FILES)


def test_each_step_of_the_guide_names_a_file_or_a_command() -> None:
    steps = re.findall(r"^\d+\. (.*?)(?=^\d+\. |^$)", GUIDE.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    assert steps
    assert [step for step in steps if not re.search(r"`(?:[\w<>.-]+/|make |\w+\.\w+`)", step)] == []


@pytest.mark.parametrize("page", [page for page in PAGES if page != GENERATED])
def test_lines_are_short(page: str) -> None:
    """A row of a table can't be broken; all else can."""
    lines = (PROJECT / page).read_text("utf-8").splitlines()
    assert [line for line in lines if len(line) > WIDTH and not line.startswith("|")] == []
