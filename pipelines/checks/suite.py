"""Running expectations with Great Expectations, and keeping the results as Data Docs.

The results of the last runs stay as files below the folder of the docs; the configuration lives in this code.
"""

import contextlib
import functools
import logging
import operator
import shutil
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from pipelines.checks.report import Check, Severity
from pipelines.errors import RunnerError
from pipelines.masking import without_values
from pipelines.warehouse import MARTS_FILE
from pipelines.warehouse.sql import identifier

Row = Mapping[str, Any]

_KEPT_RUNS = 20
_SHOWN_ROWS = 5


@dataclass(frozen=True)
class Rule:
    """An expectation about the rows of a batch, or of some of them.

    `where` selects rows by the values of columns, `at_most` by a number that a column does not exceed.
    `expectation` is the name of a class of Great Expectations and `arguments` what it takes. `name` may take
    the values of a row's columns in braces, and is then a check for each of them. `describe` puts a row into
    words; `advice` says what to do when the expectation fails.
    """

    name: str
    severity: Severity
    description: str
    expectation: str
    arguments: Mapping[str, Any]
    describe: Callable[[Row], str]
    advice: str
    where: Mapping[str, str] = field(default_factory=dict)
    at_most: Mapping[str, float] = field(default_factory=dict)

    def is_about(self, row: Row) -> bool:
        """Tell whether the expectation is about a row."""
        return all(row[column] == value for column, value in self.where.items()) and all(
            row[column] is not None and row[column] <= value for column, value in self.at_most.items()
        )


@dataclass(frozen=True)
class Batch:
    """A small table of measures: `relation`, a model or a query in parentheses.

    Its key is `table_name` and `item`.
    """

    name: str
    relation: str
    rules: Sequence[Rule]


def relations(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """List the tables and views of the warehouse and its marts, with their schemas."""
    rows = connection.execute(
        "select table_schema || '.' || table_name from information_schema.tables "
        "where table_catalog in (current_database(), ?)",
        [MARTS_FILE],
    ).fetchall()
    return {name for (name,) in rows}


def index_page(docs: Path) -> Path:
    """Name the first page of the Data Docs."""
    return docs / "data_docs" / "index.html"


def run_suite(
    connection: duckdb.DuckDBPyConnection,
    docs: Path,
    suite: str,
    batches: Sequence[Batch],
    *,
    run_id: str,
    checked_at: datetime,
) -> list[Check]:
    """Measure each batch once, hold its rules against it, and write the Data Docs.

    Raises:
        RunnerError: a check could not be computed.

    """
    measured = {batch.name: _measure(connection, batch) for batch in batches}
    batches = [batch for batch in batches if measured[batch.name]]
    if not batches:
        return []
    with _quiet():
        results = _validate(connection, docs, suite, batches, run_id=run_id, checked_at=checked_at)
    return [
        check
        for batch in batches
        for rule in batch.rules
        for check in _checks(rule, measured[batch.name], _unexpected(rule, results[batch.name]))
    ]


def _measure(connection: duckdb.DuckDBPyConnection, batch: Batch) -> list[Row]:
    name = identifier(batch.name)
    try:
        connection.execute(f"create or replace temp table {name} as from {batch.relation}")
    except duckdb.Error as error:
        raise RunnerError(f"The check of {batch.name} could not be computed: {without_values(str(error))}") from error
    result = connection.execute(f"select * from {name} order by table_name, item")
    columns = [column[0] for column in result.description or []]
    return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]


def _validate(
    connection: duckdb.DuckDBPyConnection,
    docs: Path,
    suite: str,
    batches: Sequence[Batch],
    *,
    run_id: str,
    checked_at: datetime,
) -> dict[str, Sequence[Any]]:
    """Give the results of each batch, and keep them."""
    import great_expectations as gx  # noqa: PLC0415  (it takes seconds)
    from great_expectations.core.run_identifier import RunIdentifier  # noqa: PLC0415

    from pipelines.checks.dialect import lend  # noqa: PLC0415

    names = {f"{suite} {batch.name}": batch for batch in batches}
    for name in names:
        _make_room(docs, name)
    context = gx.get_context(mode="ephemeral", project_config=_project(docs))
    with lend(connection) as url:
        warehouse = context.data_sources.add_sql("warehouse", connection_string=url, create_temp_table=False)
        definitions = []
        for name, batch in names.items():
            asset = warehouse.add_query_asset(batch.name, query=f"select * from {identifier(batch.name)}")
            data = asset.add_batch_definition_whole_table("all")
            expectations = gx.ExpectationSuite(name=name, expectations=list(map(_expectation, batch.rules)))
            definition = gx.ValidationDefinition(name=name, data=data, suite=context.suites.add(expectations))
            definitions.append(context.validation_definitions.add(definition))
        checkpoint = gx.Checkpoint(
            name=suite,
            validation_definitions=definitions,
            result_format={
                "result_format": "COMPLETE",
                "unexpected_index_column_names": ["table_name", "item"],
            },
        )
        run = checkpoint.run(run_id=RunIdentifier(run_name=run_id, run_time=checked_at))
        _write_docs(context, list(run.run_results))
    return {
        names[page.expectation_suite_identifier.name].name: result.results for page, result in run.run_results.items()
    }


def _write_docs(context: Any, pages: Sequence[Any]) -> None:
    suites = [page.expectation_suite_identifier for page in pages]
    context.build_data_docs(resource_identifiers=[*pages, *suites])


def _make_room(docs: Path, name: str) -> None:
    """Remove the suite as the run before had it, and its results but those of the last runs.

    A file that a run left half written when it died would stop this one; pages without results go with the
    next build of the docs.
    """
    (docs / "expectations" / f"{name}.json").unlink(missing_ok=True)
    runs = [run for run in (docs / "results" / name).glob("*") if run.is_dir()]
    for run in sorted(runs, key=lambda each: each.stat().st_mtime, reverse=True)[_KEPT_RUNS - 1 :]:
        shutil.rmtree(run)


def _project(docs: Path) -> Any:
    from great_expectations.data_context.types.base import (  # noqa: PLC0415
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    def files(folder: str) -> dict[str, str]:
        return {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(docs.resolve() / folder)}

    stores = InMemoryStoreBackendDefaults()
    stores.stores[stores.expectations_store_name]["store_backend"] = files("expectations")
    stores.stores[stores.validation_results_store_name]["store_backend"] = files("results")
    stores.data_docs_sites = {
        "checks": {
            "class_name": "SiteBuilder",
            "show_how_to_buttons": False,
            "store_backend": files(index_page(docs).parent.name),
            "site_section_builders": {"profiling": "none"},
        }
    }
    return DataContextConfig(
        store_backend_defaults=stores,
        analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False, metric_calculations=False),
    )


def _expectation(rule: Rule) -> Any:
    from great_expectations import expectations  # noqa: PLC0415
    from great_expectations.expectations.row_conditions import Column  # noqa: PLC0415

    conditions = [Column(column) == value for column, value in rule.where.items()]
    conditions += [Column(column) <= value for column, value in rule.at_most.items()]
    return getattr(expectations, rule.expectation)(
        **rule.arguments,
        row_condition=functools.reduce(operator.and_, conditions) if conditions else None,
        description=rule.description,
        severity="critical" if rule.severity == "error" else "warning",
        meta={"rule": rule.name, "severity": rule.severity},
    )


def _unexpected(rule: Rule, results: Sequence[Any]) -> set[tuple[str, str]]:
    """Give the keys of the rows that failed."""
    result = next(each for each in results if each.expectation_config.meta["rule"] == rule.name)
    if result.success:
        return set()
    if "unexpected_index_list" not in result.result:
        raise RunnerError(f"The check {rule.name} could not be computed: {_reason(result.exception_info)}.")
    return {(row["table_name"], row["item"]) for row in result.result["unexpected_index_list"]}


def _reason(exception_info: Mapping[str, Any]) -> str:
    if "exception_message" in exception_info:
        return str(exception_info["exception_message"])
    return "; ".join(str(each.get("exception_message")) for each in exception_info.values())


def _checks(rule: Rule, rows: Sequence[Row], unexpected: set[tuple[str, str]]) -> Iterator[Check]:
    """Give one check per table and name."""
    checked: dict[tuple[str, str], list[Row]] = {}
    for row in filter(rule.is_about, rows):
        checked.setdefault((rule.name.format(**row), row["table_name"]), []).append(row)
    for (name, table), of_check in checked.items():
        bad = [row for row in of_check if (table, row["item"]) in unexpected]
        observed = _in_words(rule, bad or of_check)
        message = f"Check {name} of {table}: {observed}; {rule.advice}." if bad else ""
        loads = tuple(sorted({row["load_id"] for row in bad if "load_id" in row}))
        yield Check(name, table, rule.severity, not bad, observed, message, loads)


def _in_words(rule: Rule, rows: Sequence[Row]) -> str:
    more = [f"{len(rows) - _SHOWN_ROWS} more"] if len(rows) > _SHOWN_ROWS else []
    return ", ".join([rule.describe(row) for row in rows[:_SHOWN_ROWS]] + more)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the notices of Great Expectations out of the runner's output."""
    logger = logging.getLogger("great_expectations")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
