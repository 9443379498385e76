"""Whether a run could change anything: what is published depends on what landed, settings, key and project."""

import hashlib
import hmac
import json
import os
from typing import Any

from pipelines.settings import KEY_VARIABLE, PROJECT_DIR

_PARTS = (
    "dbt_project.yml",
    "profiles.yml",
    "macros",
    "models",
    "pipelines",
    "requirements/runtime.lock",
    "seeds/settings",
    "tests/generic",
    "tests/identities",
)


def build_fingerprint(target: str, dbt_vars: dict[str, Any]) -> str:
    """A fingerprint of all that the marts depend on besides what landed, keyed with the secret of the pseudonyms.

    `dbt_vars` are the vars that dbt is given. Runs with the same fingerprint over the same landed files build the
    same marts.
    """
    keyed = hmac.new(os.environ[KEY_VARIABLE].encode(), digestmod=hashlib.sha256)
    keyed.update(json.dumps([target, dbt_vars], sort_keys=True, default=str).encode())
    for part in _PARTS:
        path = PROJECT_DIR / part
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                keyed.update(f"\0{file.relative_to(PROJECT_DIR)}\0".encode())
                keyed.update(file.read_bytes())
    return keyed.hexdigest()
