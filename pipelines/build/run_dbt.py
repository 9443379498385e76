"""The dbt step: builds and tests all models in this process, and reads from dbt's manifest what is to be published."""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipelines.build import spark
from pipelines.build.fingerprint import basis_fingerprint, build_fingerprint
from pipelines.build.history import BuildHistory
from pipelines.build.project_vars import project_vars, switch_of
from pipelines.errors import CheckFailed, UsageError
from pipelines.logs import log
from pipelines.masking import without_values
from pipelines.publish import PublishedTable
from pipelines.settings import KEY_VARIABLE, PROJECT_DIR, RunSettings
from pipelines.warehouse import MARTS, connect
from pipelines.warehouse.resources import threads

# The sources of which something has landed, each with its instances: systems that have a folder of their own.
LandedSources = Mapping[str, Sequence[str]]

_FAILED = {"error", "fail", "runtime error"}
_SAYS_VALUES = ("Conversion Error", "Invalid Input Error", "Constraint Error", "Out of Range Error")
_LEFT_TO_CHECKS = ("tag:door", "tag:judged_by_ccw")
_MODIFIED = "state:modified"

# The project as dbt has parsed it, for the next round of `ccw watch`; what it depends on is the key.
_parsed: dict[tuple[Path, str], Any] = {}


@dataclass(frozen=True)
class BuildReport:
    """What dbt did.

    Attributes:
        models: how many models were built.
        tests: how many tests passed.
        skipped_models: how many models were left out, since nothing that they read changed.
        skipped_tests: the same of tests. They are in no result of dbt's.
        dbt_vars: the vars that dbt was given.

    """

    models: int
    tests: int
    skipped_models: int
    skipped_tests: int
    dbt_vars: dict[str, Any]


def build(settings: RunSettings, landed_sources: LandedSources) -> BuildReport:
    """Build and test the models over the landed extracts: all, or those that what changed can reach.

    A source in a vendor's own format is switched on if something of it has landed.

    Raises:
        CheckFailed: a model failed to build or a test failed.
        UsageError: the project does not compile with these settings.

    """
    if settings.engine == "spark":
        spark.prepare(settings)
    dbt_vars = model_vars(settings, landed_sources)
    manifest = _parsed_project(settings, landed_sources, dbt_vars)
    fingerprint = settings_fingerprint(settings, landed_sources)
    # The checks at the door have built their models, and Great Expectations judges what it judges.
    left_out = [*_LEFT_TO_CHECKS]
    options = ["--full-refresh"] if settings.full_refresh else []
    history = BuildHistory(settings.warehouse)
    basis = _basis(manifest, settings, dbt_vars)
    selection = _selection(settings, history, fingerprint, basis)
    if selection:
        log.info("build: only what reads %s", ", ".join(selection))
        options += ["--select", *(f"{what}+" for what in selection), "--state", str(_complete_build(settings))]
    if selection and _MODIFIED not in selection:
        left_out += _untested_views(manifest)
    options += ["--exclude-resource-type", "unit_test", "--exclude", *left_out]
    with history.recorded("build", fingerprint, basis, json.dumps(dbt_vars, default=str)):
        results = _built(settings, manifest, dbt_vars, ["build", *options])
    if settings.engine == "spark":
        spark.take_over(settings, target_path(settings) / "manifest.json")
    else:
        _log_rebuilt(settings)
    _keep_manifest(settings, fingerprint)
    types = [str(result.node.resource_type) for result in results]
    unchanged = sum(str(result.message) == "UNCHANGED" for result in results)
    models, tests = types.count("model") - unchanged, types.count("test")
    all_models, all_tests = _sizes(manifest)
    return BuildReport(models, tests, all_models - models, all_tests - tests, dbt_vars)


def build_door(settings: RunSettings, landed_sources: LandedSources, checked_after_load: int) -> None:
    """Build the models that measure what landed after a load, before anything else is built.

    They are built on DuckDB, where all that landed can be read.

    Raises:
        CheckFailed: a model failed to build.
        UsageError: the project does not compile with these settings.

    """
    if settings.engine == "spark":
        settings = replace(settings, target="duckdb")
    dbt_vars = model_vars(settings, landed_sources)
    manifest = _parsed_project(settings, landed_sources, dbt_vars)
    dbt_vars["checked_after_load"] = checked_after_load
    # What dbt writes about a build is to be of the one that is published.
    with BuildHistory(settings.warehouse).recorded("door", "", ""):
        command = ["run", "--no-write-json", "--cache-selected-only", "--select", "tag:door"]
        _built(settings, manifest, dbt_vars, command)


def _parsed_project(settings: RunSettings, landed_sources: LandedSources, dbt_vars: dict[str, Any]) -> Any:
    """Dbt's manifest of the project with these settings; it is parsed once."""
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - costs seconds, and not every command needs it

    project = (settings.warehouse.resolve(), settings_fingerprint(settings, landed_sources))
    if project not in _parsed:
        _parsed.clear()
        _remove_what_holds_the_key(settings)
        # What dbt has parsed is written down at the end of the build anyhow.
        command = ["parse", "--no-write-json", *_shared_options(settings, dbt_vars)]
        _parsed[project] = _dbt(settings, dbtRunner(), command)
    return _parsed[project]


def _remove_what_holds_the_key(settings: RunSettings) -> None:
    """Remove what dbt parsed under an earlier version, which let it read the secret of the pseudonyms and keep it."""
    key = os.environ[KEY_VARIABLE].encode()
    for parsed in target_path(settings).glob("*.msgpack"):
        if key in parsed.read_bytes():
            parsed.unlink()


def _shared_options(settings: RunSettings, dbt_vars: dict[str, Any]) -> list[str]:
    os.environ["CCW_WAREHOUSE"] = str(settings.warehouse.resolve())
    return [
        *("--project-dir", str(PROJECT_DIR), "--profiles-dir", str(PROJECT_DIR)),
        *("--target-path", str(target_path(settings)), "--target", settings.target),
        *("--threads", str(threads())),
        *("--vars", json.dumps(dbt_vars, default=str)),
    ]


def _basis(manifest: Any, settings: RunSettings, dbt_vars: dict[str, Any]) -> str:
    """A digest of what dbt's comparison of states does not see: vars, semantic layer, declared extracts, versions."""
    declared = [
        [node.to_dict() for node in sorted(nodes.values(), key=lambda node: str(node.unique_id))]
        for nodes in (manifest.semantic_models, manifest.metrics, manifest.sources)
    ]
    for nodes in declared:
        for node in nodes:
            node.pop("created_at", None)
    lock = (PROJECT_DIR / "requirements" / "runtime.lock").read_text(encoding="utf-8")
    return basis_fingerprint([settings.target, project_vars() | dbt_vars, declared, lock], _digests_file(settings))


def _selection(settings: RunSettings, history: BuildHistory, fingerprint: str, basis: str) -> list[str]:
    """What changed since the last complete build, in dbt's words; nothing if everything is to be visited."""
    last = history.last_complete()
    if settings.engine == "spark" or settings.full_refresh or last is None or last.basis != basis:
        return []
    selection = [f"source:{extract}" for extract in history.landed_after(last.load_id)]
    if last.fingerprint != fingerprint:
        of = _complete_build(settings) / "fingerprint"
        if not of.is_file() or of.read_text(encoding="utf-8") != last.fingerprint:
            return []  # the manifest that is there is another build's
        selection.append(_MODIFIED)
    return selection


def _sizes(manifest: Any) -> tuple[int, int]:
    """How many models and tests there are to build, besides those of the checks."""
    left_to_checks = {tag.removeprefix("tag:") for tag in _LEFT_TO_CHECKS}
    left_out = {node.unique_id for node in manifest.nodes.values() if left_to_checks & set(node.tags)}
    kinds = [
        str(node.resource_type)
        for node in manifest.nodes.values()
        if node.unique_id not in left_out and not left_out & set(node.depends_on_nodes)
    ]
    return kinds.count("model"), kinds.count("test")


def _untested_views(manifest: Any) -> list[str]:
    """The views that no test reads. As it is, a view reads what is new; where one is left out, so are its tests."""
    tested = {
        unique_id
        for node in manifest.nodes.values()
        if str(node.resource_type) == "test"
        for unique_id in node.depends_on_nodes
    }
    return [
        str(node.name)
        for node in manifest.nodes.values()
        if str(node.resource_type) == "model" and node.config.materialized == "view" and node.unique_id not in tested
    ]


def _keep_manifest(settings: RunSettings, fingerprint: str) -> None:
    """Keep the manifest of a complete build, and say whose it is: warehouses of one folder share it."""
    folder = _complete_build(settings)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "fingerprint").unlink(missing_ok=True)
    shutil.copy(target_path(settings) / "manifest.json", folder)
    (folder / "fingerprint").write_text(fingerprint, encoding="utf-8")


def _complete_build(settings: RunSettings) -> Path:
    """Folder of the manifest of the last complete build, with which dbt compares the project."""
    return settings.state / "dbt" / "complete_build"


def _digests_file(settings: RunSettings) -> Path:
    return settings.state / "dbt" / "digests.json"


def _built(settings: RunSettings, manifest: Any, dbt_vars: dict[str, Any], command: list[str]) -> Any:
    """Let dbt build, and return the results of its nodes.

    Raises:
        CheckFailed: a model failed to build or a test failed.
        UsageError: the project does not compile with these settings.

    """
    from dbt.cli.main import dbtRunner  # noqa: PLC0415

    results = _dbt(settings, dbtRunner(manifest=manifest), [*command, *_shared_options(settings, dbt_vars)]).results
    for result in results:
        if str(result.status) == "warn":
            log.warning("%s: %s", result.node.name, result.message)
    failures = [result for result in results if str(result.status) in _FAILED]
    if failures:
        raise CheckFailed(" ".join(_failure(result) for result in failures))
    return results


def model_vars(settings: RunSettings, landed_sources: LandedSources) -> dict[str, Any]:
    """Vars that dbt is given: where the extracts are, what the runner knows, and over both what the user sets."""
    known = project_vars()
    dbt_vars: dict[str, Any] = {"extracts": "landed"}
    if instances := {source: list(names) for source, names in landed_sources.items() if names}:
        dbt_vars["instances"] = instances
    dbt_vars |= {switch: True for switch in map(switch_of, sorted(landed_sources)) if not known.get(switch, True)}
    if settings.as_of is not None:
        dbt_vars["as_of"] = settings.as_of.isoformat()
    return dbt_vars | settings.dbt_vars


def has_phone_country(settings: RunSettings) -> bool:
    """Whether the country of phone numbers is known, of all sources or of one."""
    dbt_vars = project_vars() | settings.dbt_vars
    return bool(dbt_vars["phone_country"]) or any("phone_country" in line for line in dbt_vars["sources"].values())


def settings_fingerprint(settings: RunSettings, landed_sources: LandedSources) -> str:
    """The fingerprint of all that the marts depend on besides what landed, and so of what dbt reads."""
    return build_fingerprint(settings.target, model_vars(settings, landed_sources), _digests_file(settings))


def target_path(settings: RunSettings) -> Path:
    """Folder of dbt's artefacts; it stays between runs, so that dbt parses only what changed."""
    return settings.state / "dbt" / "target"


def built_as_of(settings: RunSettings) -> datetime:
    """The instant that the models took for "now".

    Raises:
        CheckFailed: there is none, since no contact has landed.

    """
    with connect(settings.warehouse) as connection:
        row = connection.execute("select as_of from intermediate.int_run__as_of").fetchone()
    if row is None or row[0] is None:
        raise CheckFailed("No contact has landed, so there is nothing to publish; put contact_legs into the extracts.")
    as_of: datetime = row[0]
    return as_of.replace(tzinfo=UTC)


def built_vars(settings: RunSettings) -> dict[str, Any]:
    """The vars of the last build: the project's, and over them what the runner and the user set."""
    results = json.loads((target_path(settings) / "run_results.json").read_text(encoding="utf-8"))
    given = results["args"]["vars"]
    dbt_vars: dict[str, Any] = project_vars() | (json.loads(given) if isinstance(given, str) else given)
    return dbt_vars


def last_build(settings: RunSettings) -> int | None:
    """The number of the last build if it was complete; else None."""
    if settings.engine == "spark":
        return None
    last = BuildHistory(settings.warehouse).last_complete()
    return last.run if last else None


def is_up_to_date(settings: RunSettings, fingerprint: str) -> bool:
    """Whether the marts are those of a complete build over all that has landed, with these settings."""
    history = BuildHistory(settings.warehouse)
    last = history.last_complete()
    return last is not None and last.fingerprint == fingerprint and not history.landed_after(last.load_id)


def unchanged_since(settings: RunSettings, build: int | None) -> set[str]:
    """The tables of schema marts that the last build left as `build` had left them, as far as that is known.

    What changed before the last build is not recorded any longer.
    """
    last = last_build(settings)
    if build is None or last is None or not BuildHistory(settings.warehouse).is_next(build, last):
        return set()
    results = json.loads((target_path(settings) / "run_results.json").read_text(encoding="utf-8"))["results"]
    manifest = json.loads((target_path(settings) / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    built = {result["unique_id"]: result for result in results}
    changed = {
        node["alias"]
        for unique_id, node in manifest.items()
        if unique_id in built and built[unique_id]["message"] != "UNCHANGED"
    }
    return {table.name for table in published_tables(settings)} - changed


def published_tables(settings: RunSettings) -> list[PublishedTable]:
    """The tables of schema marts with their descriptions, from dbt's manifest."""
    manifest = json.loads((target_path(settings) / "manifest.json").read_text(encoding="utf-8"))
    return [
        PublishedTable(
            name=node["alias"],
            description=node["description"].strip(),
            columns=[(column["name"], column["description"].strip()) for column in node["columns"].values()],
        )
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == MARTS
    ]


def _dbt(settings: RunSettings, runner: Any, command: list[str]) -> Any:
    """Run a command of dbt and return its result.

    Raises:
        UsageError: the project does not compile with these settings.

    """
    is_debugged = bool(os.environ.get("CCW_DEBUG"))
    output = [
        "--no-quiet" if is_debugged else "--quiet",
        # Writing every statement takes a fifth of dbt's time.
        *("--log-level-file", "debug" if is_debugged else "info"),
        "--no-use-colors",
        "--no-send-anonymous-usage-stats",
        *("--log-path", str(settings.state / "dbt" / "logs")),
    ]
    try:
        outcome = runner.invoke([*output, *command])
    finally:
        _release_warehouse()
    if outcome.exception is not None:
        raise UsageError(f"dbt can't build the project with these settings: {_one_line(str(outcome.exception))}")
    return outcome.result


def _log_rebuilt(settings: RunSettings) -> None:
    """Say why incremental models were rebuilt; a first build and a full refresh need no word."""
    with connect(settings.warehouse) as connection:
        reasons = connection.execute(
            """
            select rebuilt_because, count(*), min(model)
            from incremental.builds
            where rebuilt_run = (select max(run) from incremental.runs)
                and rebuilt_because not in ('it did not exist', 'a full refresh was asked for')
            group by rebuilt_because
            order by count(*) desc
            """
        ).fetchall()
    for reason, models, model in reasons:
        log.info("build: %s rebuilt from all rows: %s", model if models == 1 else f"{models} models", reason)


def _failure(result: Any) -> str:
    node = result.node
    kind = str(node.resource_type)
    said = _one_line(result.message or str(result.status))
    if any(sign in said for sign in _SAYS_VALUES):
        said = without_values(said)
    what = f"dbt {kind} {node.name} failed: {said}."
    if "Out of Memory" in what:
        what += " These are --threads, --preserve-insertion-order and --memory-limit of ccw."
    if kind == "test" and str(result.status) == "fail":
        return f"{what} The rows are those of the query {node.compiled_path}."
    if kind == "test":
        return f"{what} The query is {node.compiled_path}."
    return f"{what} The model is {node.original_file_path}."


def _one_line(text: str) -> str:
    return " ".join(text.split()).rstrip(".")


def _release_warehouse() -> None:
    """Close dbt's connections: it keeps the file open for as long as the process lives otherwise."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager  # noqa: PLC0415
    from dbt.adapters.factory import reset_adapters  # noqa: PLC0415

    DuckDBConnectionManager.close_all_connections()
    reset_adapters()
