"""The dbt step: builds and tests all models in this process, and reads from dbt's manifest what is to be published."""

import json
import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import yaml

from pipelines import spark
from pipelines.errors import CheckFailed, UsageError
from pipelines.logs import log
from pipelines.publish import PublishedTable
from pipelines.resources import threads
from pipelines.settings import PROJECT_DIR, RunSettings
from pipelines.unchanged import build_fingerprint
from pipelines.warehouse import MARTS, connect

_FAILED = {"error", "fail", "runtime error"}

# The project as dbt has parsed it, for the next round of `ccw watch`; what it depends on is the key.
_parsed: dict[tuple[Path, str], Any] = {}


@dataclass(frozen=True)
class BuildReport:
    """What dbt did: how many nodes it built and how many tests it ran, and the vars that it was given."""

    models: int
    tests: int
    dbt_vars: dict[str, Any]


def build(settings: RunSettings, landed_sources: set[str]) -> BuildReport:
    """Build and test the models over the landed extracts: all, or those that read what landed since all were.

    A vendor's source that dbt_project.yml leaves off is switched on if something of it has landed.

    Raises:
        CheckFailed: a model failed to build or a test failed.
        UsageError: the project does not compile with these settings.

    """
    if settings.engine == "spark":
        spark.prepare(settings)
    dbt_vars = model_vars(settings, landed_sources)
    fingerprint = settings_fingerprint(settings, landed_sources)
    # The checks at the door have built their models, and Great Expectations judges what it judges.
    options = ["--exclude-resource-type", "unit_test", "--exclude", "tag:door", "tag:judged_by_ccw"]
    if settings.full_refresh:
        options.append("--full-refresh")
    if landed := _landed_since_whole(settings, fingerprint):
        log.info("build: only what is made of %s", ", ".join(landed))
        options += ["--select", *(f"source:{extract}+" for extract in landed)]
    results = _built(settings, fingerprint, dbt_vars, ["build", *options])
    if settings.engine == "spark":
        spark.take_over(settings, target_path(settings) / "manifest.json")
    else:
        _note_whole(settings, fingerprint)
        _log_rebuilt(settings)
    types = [str(result.node.resource_type) for result in results]
    return BuildReport(models=types.count("model"), tests=types.count("test"), dbt_vars=dbt_vars)


def build_door(settings: RunSettings, landed_sources: set[str], checked_after_load: int) -> None:
    """Build the models that measure what landed after a load, before anything else is built.

    They are built on DuckDB, where all that landed can be read.

    Raises:
        CheckFailed: a model failed to build.
        UsageError: the project does not compile with these settings.

    """
    if settings.engine == "spark":
        settings = replace(settings, target="duckdb")
    dbt_vars = model_vars(settings, landed_sources)
    fingerprint = settings_fingerprint(settings, landed_sources)
    dbt_vars["checked_after_load"] = checked_after_load
    # What dbt writes about a build is to be of the one that is published.
    _built(settings, fingerprint, dbt_vars, ["run", "--no-write-json", "--cache-selected-only", "--select", "tag:door"])


def _built(settings: RunSettings, fingerprint: str, dbt_vars: dict[str, Any], command: list[str]) -> Any:
    """Let dbt build, and return the results of its nodes.

    Raises:
        CheckFailed: a model failed to build or a test failed.
        UsageError: the project does not compile with these settings.

    """
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - costs seconds, and not every command needs it

    os.environ["CCW_WAREHOUSE"] = str(settings.warehouse.resolve())
    shared = [
        *("--project-dir", str(PROJECT_DIR), "--profiles-dir", str(PROJECT_DIR)),
        *("--target-path", str(target_path(settings)), "--target", settings.target),
        *("--threads", str(threads())),
        *("--vars", json.dumps(dbt_vars, default=str)),
    ]
    project = (settings.warehouse.resolve(), fingerprint)
    if project not in _parsed:
        _parsed.clear()
        # What dbt has parsed is written down at the end of the build anyhow.
        _parsed[project] = _dbt(settings, dbtRunner(), ["parse", "--no-write-json", *shared])
    results = _dbt(settings, dbtRunner(manifest=_parsed[project]), [*command, *shared]).results
    for result in results:
        if str(result.status) == "warn":
            log.warning("%s: %s", result.node.name, result.message)
    failures = [result for result in results if str(result.status) in _FAILED]
    if failures:
        raise CheckFailed(" ".join(_failure(result) for result in failures))
    return results


def model_vars(settings: RunSettings, landed_sources: set[str]) -> dict[str, Any]:
    """Vars that dbt is given: where the extracts are, what the runner knows, and over both what the user sets."""
    project = yaml.safe_load((PROJECT_DIR / "dbt_project.yml").read_text(encoding="utf-8"))
    switches = {f"{source}_enabled": True for source in sorted(landed_sources)}
    dbt_vars: dict[str, Any] = {"extracts": "landed"}
    dbt_vars |= {name: True for name in switches if not project["vars"].get(name, True)}
    if settings.as_of is not None:
        dbt_vars["as_of"] = settings.as_of.isoformat()
    unknown = sorted(set(settings.dbt_vars) - set(project["vars"]))
    if unknown:
        raise UsageError(
            f"--vars sets {', '.join(unknown)}, which the project does not know; it knows {', '.join(project['vars'])}."
        )
    return dbt_vars | settings.dbt_vars


def settings_fingerprint(settings: RunSettings, landed_sources: set[str]) -> str:
    """The fingerprint of all that the marts depend on besides what landed, and so of what dbt reads.

    Raises:
        UsageError: a var is set that the project does not know.

    """
    return build_fingerprint(settings.target, model_vars(settings, landed_sources))


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
    project = yaml.safe_load((PROJECT_DIR / "dbt_project.yml").read_text(encoding="utf-8"))
    results = json.loads((target_path(settings) / "run_results.json").read_text(encoding="utf-8"))
    given = results["args"]["vars"]
    dbt_vars: dict[str, Any] = project["vars"] | (json.loads(given) if isinstance(given, str) else given)
    return dbt_vars


def last_build(settings: RunSettings) -> int | None:
    """The number of the last build in `incremental.runs` if all models were built and all tests passed; else None."""
    if settings.engine == "spark":
        return None
    with connect(settings.warehouse) as connection:
        row = connection.execute(
            "select max(run) from incremental.tested where run = (select max(run) from incremental.runs)"
        ).fetchone()
    return row[0] if row else None


def unchanged_since(settings: RunSettings, build: int | None) -> set[str]:
    """The tables of schema marts that the last build left as `build` had left them, as far as that is known.

    What changed before the last build is not written down any longer.
    """
    last = last_build(settings)
    if build is None or last is None or last - build not in (0, 1):
        return set()
    with connect(settings.warehouse) as connection:
        changed = connection.execute(
            "select model from incremental.changes where run > $build"
            " union select model from incremental.marks where rebuilt_in > $build",
            {"build": build},
        ).fetchall()
    return {table.name for table in published_tables(settings)} - {model for (model,) in changed}


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


def _landed_since_whole(settings: RunSettings, fingerprint: str) -> list[str]:
    """The extracts of which something landed since all models were built and all tests passed.

    What is not made of them can be left out. None, if that is not known, was with another fingerprint, or something was
    built since.
    """
    if settings.engine == "spark" or settings.full_refresh:
        return []
    with connect(settings.warehouse) as connection:
        try:
            rows = connection.execute(
                """
                select distinct landed_files.source || '.' || landed_files."table" as extract
                from incremental.runs
                inner join incremental.tested using (run)
                inner join ops.landed_files on runs.load_id < landed_files.load_id
                where run = (select max(run) from incremental.runs) and tested.project = ?
                order by extract
                """,
                [fingerprint],
            ).fetchall()
        except (duckdb.CatalogException, duckdb.BinderException):
            return []  # nothing was built yet, or by an earlier version
    return [str(extract) for (extract,) in rows]


def _note_whole(settings: RunSettings, fingerprint: str) -> None:
    """Write down with which fingerprint all models were built and tested.

    Raises:
        CheckFailed: they were not.

    """
    with connect(settings.warehouse) as connection:
        whole = connection.execute(
            "update incremental.tested set project = ? where run = (select max(run) from incremental.runs) "
            "returning run",
            [fingerprint],
        ).fetchall()
    if not whole:
        raise CheckFailed(
            "dbt left out what depends on the extracts that landed; run again, which then builds everything."
        )


def _log_rebuilt(settings: RunSettings) -> None:
    """Say why models were rebuilt that could have been kept; a first build and a full refresh need no word."""
    with connect(settings.warehouse) as connection:
        reasons = connection.execute(
            """
            select rebuilt_because, count(*)
            from incremental.marks
            where run = (select max(run) from incremental.runs)
                and rebuilt_because not in ('it is not there yet', 'a full refresh is asked for')
            group by rebuilt_because
            order by count(*) desc
            """
        ).fetchall()
    for reason, models in reasons:
        log.info("build: %d models were rebuilt from all rows: %s", models, reason)


def _failure(result: Any) -> str:
    node = result.node
    kind = str(node.resource_type)
    what = f"dbt {kind} {node.name} failed: {_one_line(result.message or str(result.status))}."
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
