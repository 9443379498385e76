"""What the marts depend on besides what landed: settings, key and code. Comments, docs and tests are not in it."""

import hashlib
import hmac
import json
import os
import re
from pathlib import Path
from typing import Any

import yaml

from pipelines.settings import KEY_VARIABLE, PROJECT_DIR

_PARTS = (
    "dbt_project.yml",
    "profiles.yml",
    "macros",
    "models",
    "pipelines",
    "requirements/runtime.lock",
    "seeds/settings",
)
_COMMENTS = re.compile(r"--[^\n]*|/\*.*?\*/|\{#.*?#\}", re.DOTALL)
_DOCUMENTATION = {"description", "data_tests", "unit_tests"}
# Descriptions of KPIs are published, in kpi_catalog.
_PUBLISHED_TEXT = ("__semantic.yml", "__kpis.md")


# What dbt counts as part of no model: what it runs by name, and what runs dbt.
_UNSEEN_BY_DBT = ("macros/incremental/", "macros/identity/", "macros/workforce/", "pipelines/", "profiles.yml")


def build_fingerprint(target: str, dbt_vars: dict[str, Any], remembered: Path) -> str:
    """A fingerprint of all that the marts depend on besides what landed, keyed with the secret of the pseudonyms.

    `dbt_vars` are the vars that dbt is given. Runs with the same fingerprint over the same landed files build the
    same marts. `remembered` is a file in which the digests of files are kept, since reading YAML takes a while.
    """
    keyed = hmac.new(os.environ[KEY_VARIABLE].encode(), digestmod=hashlib.sha256)
    keyed.update(json.dumps([target, dbt_vars], sort_keys=True, default=str).encode())
    for name, digest in sorted(_digests(remembered).items()):
        keyed.update(f"\0{name}\0{digest}".encode())
    return keyed.hexdigest()


def basis_fingerprint(declared: list[Any], remembered: Path) -> str:
    """A fingerprint of what dbt's comparison of two states does not see, keyed with the secret of the pseudonyms.

    `declared` is what else counts: vars, the semantic layer, extracts. Where it differs, all models are visited.
    """
    unseen = [
        (name, digest) for name, digest in sorted(_digests(remembered).items()) if name.startswith(_UNSEEN_BY_DBT)
    ]
    text = json.dumps([*declared, unseen], sort_keys=True, default=str)
    return hmac.new(os.environ[KEY_VARIABLE].encode(), text.encode(), hashlib.sha256).hexdigest()


def _digests(remembered: Path) -> dict[str, str]:
    """The digest of each file that counts, by its path in the project."""
    try:
        known = json.loads(remembered.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    found = {}
    for part in _PARTS:
        path = PROJECT_DIR / part
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts and _counts(file):
                stat = file.stat()
                name, version = str(file.relative_to(PROJECT_DIR)), [stat.st_mtime_ns, stat.st_size]
                if known.get(name, [None])[0] == version:
                    found[name] = known[name]
                else:
                    found[name] = [version, hashlib.sha256(_what_counts(file)).hexdigest()]
    if found != known:
        remembered.parent.mkdir(parents=True, exist_ok=True)
        remembered.write_text(json.dumps(found), encoding="utf-8")
    return {name: digest for name, (_, digest) in found.items()}


def _counts(file: Path) -> bool:
    """Whether a file decides what is built; pages of documentation do not."""
    if file.suffix == ".md":
        return file.name.endswith(_PUBLISHED_TEXT)
    return not file.name.endswith(("__macros.yml", "__unit_tests.yml"))


def _what_counts(file: Path) -> bytes:
    """The content of a file without comments, documentation and tests."""
    if file.suffix == ".sql":
        return " ".join(_COMMENTS.sub(" ", file.read_text(encoding="utf-8")).split()).encode()
    if file.suffix == ".yml":
        declared = yaml.load(file.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        is_published = file.name.endswith(_PUBLISHED_TEXT)
        return json.dumps(declared if is_published else _without_documentation(declared), default=str).encode()
    return file.read_bytes()


def _without_documentation(declared: Any) -> Any:
    if isinstance(declared, dict):
        return {key: _without_documentation(value) for key, value in declared.items() if key not in _DOCUMENTATION}
    if isinstance(declared, list):
        return [_without_documentation(value) for value in declared]
    return declared
