"""Warehouses that many tests share: each is run once a session, by the command itself, in a folder of its own."""

import json
import os
import pickle
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock

from pipelines.build.project_vars import project_vars
from pipelines.settings import DEMO_KEY
from pipelines.warehouse import connect, marts_file

PROJECT = Path(__file__).parents[2]
SHARED = PROJECT.parent / "shared"
BIN = PROJECT / ".venv" / "bin"
DEMO = PROJECT / "seeds" / "extracts"
AS_OF_AWKWARD = "2026-04-10T00:00:00Z"

# The sources whose models read a vendor's own format.
VENDORS = [source for source, line in project_vars()["sources"].items() if "records" in line]


# Files of few tests that build whole warehouses. They begin first, so that no worker is left alone with one at the end.
LONG_FILES = (
    *("test_sources_off.py", "test_incremental.py", "test_watch.py", "test_technion.py", "test_settings.py"),
    *("test_instances.py", "test_asterisk.py", "test_asterisk_situations.py", "test_simulate_vendors.py"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the long files begin first; the order within a file stays."""
    items.sort(key=lambda item: item.path.name not in LONG_FILES)


@dataclass(frozen=True)
class Run:
    """A run of the main job: its folder, and how the command ended."""

    folder: Path
    outcome: subprocess.CompletedProcess[str]

    @property
    def warehouse(self) -> Path:
        """The warehouse file."""
        return self.folder / "var" / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        """The folder that readers open."""
        return self.folder / "var" / "published"

    def query(self, sql: str, database: Path | None = None) -> list[tuple[object, ...]]:
        """Query what is published, or a warehouse and its marts."""
        if database:
            with connect(database, read_only=True) as connection:
                return connection.execute(sql).fetchall()
        with duckdb.connect() as connection:
            connection.execute(f"attach '{self.published}/current/contact_centre.duckdb' as published (read_only)")
            connection.execute("use published")
            return connection.execute(sql).fetchall()

    def copy_warehouse(self, folder: Path) -> Path:
        """Copy the warehouse with its marts into a folder, and return the copy."""
        return copy_warehouse(self.warehouse, folder)


def copy_warehouse(warehouse: Path, folder: Path) -> Path:
    """Copy a warehouse with its marts into a folder, and return the copy."""
    shutil.copy(marts_file(warehouse), folder)
    return Path(shutil.copy(warehouse, folder))


Ccw = Callable[..., subprocess.CompletedProcess[str]]


def run_ccw(
    folder: Path, *arguments: str, key: str | None = "a secret of the tests", project: Path = PROJECT
) -> subprocess.CompletedProcess[str]:
    """Run `ccw` of a project in a folder, as a user would, with no setting from the environment but the key."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CCW_")}
    environment["PYTHONPATH"] = str(project)
    if key is not None:
        environment["CCW_PSEUDONYM_KEY"] = key
    return subprocess.run(
        [str(BIN / "ccw"), *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def run_once(
    factory: pytest.TempPathFactory, name: str, *options: str, key: str | None = "a secret of the tests"
) -> Run:
    """Run the main job once for all processes that the tests run in, in a folder that they share."""
    parallel = os.environ.get("PYTEST_XDIST_WORKER")
    base = factory.getbasetemp().parent if parallel else factory.getbasetemp()
    folder, outcome_file = base / name, base / f"{name}.outcome"
    with FileLock(base / f"{name}.lock"):
        if not outcome_file.exists():
            folder.mkdir(exist_ok=True)
            outcome_file.write_bytes(pickle.dumps(run_ccw(folder, "run", *options, key=key)))
    outcome: subprocess.CompletedProcess[str] = pickle.loads(outcome_file.read_bytes())
    assert outcome.returncode == 0, outcome.stderr
    return Run(folder, outcome)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The demo extracts, run without any option or key."""
    return run_once(tmp_path_factory, "demo", key=None)


@pytest.fixture(scope="session")
def awkward(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The awkward extracts of ../shared."""
    extracts = shared("cases/awkward/extracts")
    return run_once(tmp_path_factory, "awkward", "--extracts", str(extracts), "--as-of", AS_OF_AWKWARD)


@pytest.fixture(scope="session")
def technion(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The log of the Technion's bank of ../shared, brought as a user would bring it."""
    log = shared("data/technion_bank/calls_1999_02.tsv")
    extracts = tmp_path_factory.mktemp("extracts")
    (extracts / "technion_bank").mkdir()
    shutil.copy(log, extracts / "technion_bank")
    return run_once(
        tmp_path_factory,
        "technion",
        "--extracts",
        str(extracts),
        "--vars",
        "{reporting_timezone: Asia/Jerusalem}",
    )


def run_dbt(
    command: str, warehouse: Path, dbt_vars: dict[str, object], *options: str, key: str = DEMO_KEY
) -> subprocess.CompletedProcess[str]:
    """Run a command of dbt alone on a warehouse, over the demo's seeds or what landed there."""
    return subprocess.run(
        [
            *(str(BIN / "dbt"), "--no-use-colors", "--no-send-anonymous-usage-stats", "--log-level-file", "none"),
            *("--log-path", str(warehouse.parent / "logs"), command, "--target-path", str(warehouse.parent / "target")),
            *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
            *("--vars", json.dumps(dbt_vars), *options),
        ],
        cwd=PROJECT,
        env={**os.environ, "CCW_WAREHOUSE": str(warehouse), "CCW_PSEUDONYM_KEY": key},
        capture_output=True,
        text=True,
        check=False,
    )


def dbt_build(folder: Path, dbt_vars: dict[str, object], *options: str) -> subprocess.CompletedProcess[str]:
    """Build and test with dbt alone, into `warehouse.duckdb` of a folder."""
    return run_dbt("build", folder / "warehouse.duckdb", dbt_vars, *options)


def built(folder: Path, dbt_vars: dict[str, object], *options: str) -> Run:
    """Build and test as `dbt_build` does; it must succeed."""
    outcome = dbt_build(folder, dbt_vars, *options)
    assert outcome.returncode == 0, outcome.stdout[-3000:]
    return Run(folder, outcome)


def every_source_on() -> dict[str, object]:
    """The vars with which dbt builds the models of all sources, those of vendors included, over what landed."""
    return {"extracts": "landed"} | {f"{vendor}_enabled": True for vendor in VENDORS}


def code_blocks(page: Path) -> dict[str, str]:
    """The code of a page that stands under a heading with the name of its file."""
    return dict(re.findall(r"^#### `(\S+)`\n\n```\w+\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL))


def shared(path: str) -> Path:
    """A file or folder of ../shared; without it the test is skipped."""
    found = SHARED / path
    if not found.exists():
        pytest.skip(f"../shared/{path} is not there")
    return found


def of_all_rows(compiled: str) -> str:
    """The compiled SQL of an incremental model without its restriction to affected keys."""
    return re.sub(r"(?s)/\* affected keys: \*/.*?/\* :affected keys \*/", "1 = 1", compiled)
