"""Settings of a run: where things are, and what the models are told."""

import os
import re
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import yaml

from pipelines.errors import UsageError

PROJECT_DIR = Path(__file__).resolve().parent.parent
DEMO_EXTRACTS = PROJECT_DIR / "seeds" / "extracts"

# The secret that keys the pseudonyms of customers.
KEY_VARIABLE = "CCW_PSEUDONYM_KEY"
DEMO_KEY = "the key of the demo extracts, which protects nobody"


@dataclass(frozen=True)
class RunSettings:
    """What a run works on.

    Attributes:
        extracts: folder of the extract files.
        warehouse: the DuckDB file that holds raw rows, models and run records; its folder holds dbt's and the
            checks' own files too.
        published: folder whose `current` readers open.
        target: dbt target.
        land_to: whether what lands is kept in tables of the warehouse or in Parquet files beside it, which other
            engines can read; None for what the warehouse does already, a new one with tables unless another engine
            builds.
        landed_folder: folder of those Parquet files; None for one beside the warehouse.
        as_of: "now" for the models, UTC; None for the newest event in contact_legs.
        full_refresh: rebuild incremental models from nothing.
        max_rejected_share: greatest share of rejected lines, 0 to 1, with which a run still publishes.
        published_mode: rights of published files, as chmod has them; who may read them may enter their folders.
        keep: number of published runs that stay.
        allow_missing_kpis: publish even if a KPI of the last published run has no value any more.
        accept_loads: loads that are let through whatever the checks at the door find.
        report: whether a report is published with the rest.
        report_language: the language in which it opens.
        dbt_vars: vars of the dbt project that the user sets.
        source_time_zones: source to IANA zone of its timestamps without an offset, over what the sources YAML declares.
        reset: the extract, `<source>.<table>`, whose loads are taken back before anything lands; None for none.
        retry_rejected: land rejected rows that the rules of now let in, before anything else lands.
        lands_files: whether the extract files are landed.

    """

    extracts: Path = DEMO_EXTRACTS
    warehouse: Path = Path("var/warehouse.duckdb")
    published: Path = Path("var/published")
    target: str = "duckdb"
    land_to: Literal["table", "parquet"] | None = None
    landed_folder: Path | None = None
    as_of: datetime | None = None
    full_refresh: bool = False
    max_rejected_share: float = 0.01
    published_mode: int = 0o600
    keep: int = 7
    allow_missing_kpis: bool = False
    accept_loads: tuple[int, ...] = ()
    report: bool = True
    report_language: str = "en"
    dbt_vars: dict[str, Any] = field(default_factory=dict)
    source_time_zones: dict[str, str] = field(default_factory=dict)
    reset: str | None = None
    retry_rejected: bool = False
    lands_files: bool = True

    @property
    def state(self) -> Path:
        """Folder of what the runner keeps between runs besides the warehouse."""
        return self.warehouse.resolve().parent

    @property
    def engine(self) -> str:
        """The engine that builds: `duckdb` or `spark`.

        Raises:
            UsageError: profiles.yml has no such target.

        """
        profiles = yaml.safe_load((PROJECT_DIR / "profiles.yml").read_text(encoding="utf-8"))
        outputs = profiles["contact_centre_warehouse"]["outputs"]
        if self.target not in outputs:
            raise UsageError(f"--target must be one of profiles.yml: {', '.join(outputs)}; it is {self.target!r}.")
        return str(outputs[self.target]["type"])

    @property
    def landed(self) -> Path | None:
        """Folder of the Parquet files that land; None where they land into tables.

        Raises:
            UsageError: tables are asked for, where only files will do.

        """
        folder = (self.landed_folder or self.warehouse.with_suffix(".landed")).resolve()
        reasons = {
            f"the target {self.target} reads no tables of the warehouse": self.engine != "duckdb",
            f"{folder} holds what landed as Parquet": folder.is_dir(),
            f"--landed asks for Parquet files in {folder}": self.landed_folder is not None,
        }
        reason = next((reason for reason, holds in reasons.items() if holds), None)
        if self.land_to == "table" and reason:
            raise UsageError(f"--to table can't be: {reason}. Leave the option out.")
        return folder if reason or self.land_to == "parquet" else None

    @property
    def is_demo(self) -> bool:
        """Whether the extracts are the demo that the project ships."""
        return self.extracts.resolve() == DEMO_EXTRACTS


def parse_timestamp(text: str | None) -> datetime | None:
    """Read an ISO 8601 timestamp; without an offset it is UTC.

    Raises:
        UsageError: it is none.

    """
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"--as-of must be an ISO 8601 timestamp such as 2026-04-10T00:00:00Z; it is {text!r}."
        ) from error
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def parse_mapping(option: str, text: str | None, example: str) -> dict[str, Any]:
    """Read an option whose value is a YAML mapping.

    Raises:
        UsageError: it is none.

    """
    try:
        values = yaml.safe_load(text or "{}")
    except yaml.YAMLError as error:
        raise UsageError(f"{option} is no YAML: {' '.join(str(error).split())}") from error
    if not isinstance(values, dict):
        raise UsageError(f"{option} must be a YAML mapping such as '{example}'; it is {text!r}.")
    return values


def parse_mode(text: str) -> int:
    """Read the rights of published files, as chmod has them.

    Raises:
        UsageError: they are others than can be given.

    """
    modes = {"600": 0o600, "640": 0o640, "644": 0o644}
    if text.removeprefix("0") not in modes:
        raise UsageError(
            f"--published-mode must be 600 (you alone may read what is published), 640 (your group too) or 644 "
            f"(everybody); it is {text!r}."
        )
    return modes[text.removeprefix("0")]


def require_pseudonym_key(settings: RunSettings) -> bool:
    """Make sure that a secret keys the pseudonyms; return whether it is the demo's built-in one.

    Raises:
        UsageError: the extracts are not the demo and the environment has no key.

    """
    if os.environ.get(KEY_VARIABLE):
        return os.environ[KEY_VARIABLE] == DEMO_KEY
    if not settings.is_demo:
        raise UsageError(
            f"Extracts of your own need a secret that keys the pseudonyms of customers: set the environment variable "
            f"{KEY_VARIABLE} to a long random text, keep it, and keep it secret."
        )
    os.environ[KEY_VARIABLE] = DEMO_KEY
    return True


def code_version() -> str:
    """Git commit of the project, marked `-dirty` if files differ from it; the package version outside of git."""
    try:
        described = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12"],
            cwd=PROJECT_DIR,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        version = re.search(r'^version = "(.+)"$', (PROJECT_DIR / "pyproject.toml").read_text(), re.MULTILINE)
        return version[1] if version else "unknown"
    return described.stdout.strip()
