"""`mf query` and kpi_values give the same numbers: both come from the definitions in models/semantic."""

import json
from datetime import date, datetime
from typing import Any

import pytest
from conftest import PROJECT, Run
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt_metricflow.cli.cli_configuration import CLIConfiguration
from metricflow.engine.metricflow_engine import MetricFlowQueryRequest

LEVEL_DIMENSIONS = {
    "organization": None,
    "client": "client_id",
    "site": "site_id",
    "team": "team_id",
    "agent": "agent_id",
    "queue": "queue_id",
    "channel": "channel",
    "reason": "reason_code",
}
FACT_ENTITIES = {
    "fct_agent_time": "agent_time",
    "fct_case_backlog": "case_backlog_member",
    "fct_cases": "crm_case",
    "fct_closed_cases": "closed_case",
    "fct_contact_logins": "contact_login",
    "fct_contact_resolution": "contact",
    "fct_contacts": "contact_handled",
    "fct_handled_legs": "handled_leg",
    "fct_queue_visits": "queue_visit",
    "fct_self_service_sessions": "self_service_session",
    "fct_surveys": "survey",
}
Values = dict[tuple[str, date, str], float]


@pytest.fixture(scope="module")
def metricflow(demo: Run) -> Any:
    """MetricFlow over the demo's warehouse, set up as the command `mf` sets it up."""
    patch = pytest.MonkeyPatch()
    patch.setenv("CCW_WAREHOUSE", str(demo.warehouse))
    # MetricFlow reads what dbt parsed last into the project's own target folder.
    assert (
        dbtRunner().invoke(["--quiet", "parse", "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]).success
    )
    configuration = CLIConfiguration()
    configuration.setup(dbt_profiles_path=PROJECT, dbt_project_path=PROJECT, configure_file_logging=False)
    yield configuration.mf
    patch.undo()
    DuckDBConnectionManager.close_all_connections()


def metrics_by_fact(demo: Run, level: str) -> dict[str, list[str]]:
    """The KPIs that are reported at a level, by the fact that they are over."""
    rows = demo.query("select kpi, denominator_fact, levels from marts.kpi_catalog order by kpi")
    metrics: dict[str, list[str]] = {}
    for kpi, fact, levels in rows:
        if level in str(levels).split(", "):
            metrics.setdefault(str(fact), []).append(str(kpi))
    return metrics


@pytest.mark.parametrize("grain", ["day", "week", "month"])
@pytest.mark.parametrize("level", LEVEL_DIMENSIONS)
def test_mf_query_agrees(metricflow: Any, demo: Run, level: str, grain: str) -> None:
    """Every KPI of every level and grain; `unknown` members, which kpi_values leaves out, aside."""
    queried: Values = {}
    for fact, metrics in metrics_by_fact(demo, level).items():
        dimension = LEVEL_DIMENSIONS[level]
        groups = [f"metric_time__{grain}"] + ([f"{FACT_ENTITIES[fact]}__{dimension}"] if dimension else [])
        table = metricflow.query(MetricFlowQueryRequest.create(metric_names=metrics, group_by_names=groups)).result_df
        for row in table.rows:
            named = dict(zip(table.column_names, row, strict=True))
            member = "all" if dimension is None else str(named[groups[1]])
            for metric in metrics:
                if named[metric] is not None and member != "unknown":
                    start: datetime = named[groups[0]]
                    queried[metric, start.date(), member] = float(named[metric])
    published: Values = {
        (str(kpi), start, str(member)): float(value)  # type: ignore[arg-type, misc]
        for kpi, start, member, value in demo.query(
            f"""
            select kpi, period_start, level_id, value from marts.kpi_values
            where level = '{level}' and period_grain = '{grain}'
            """
        )
    }
    assert published
    assert queried.keys() == published.keys()
    assert queried == pytest.approx(published, abs=1e-12)


def test_the_catalogue_holds_every_metric_that_names_levels(demo: Run) -> None:
    """A KPI is in kpi_catalog because it is a metric of the semantic layer, and for no other reason."""
    manifest = json.loads((demo.folder / "var" / "dbt" / "target" / "manifest.json").read_text())
    defined = {metric["name"] for metric in manifest["metrics"].values() if "levels" in metric["config"]["meta"]}
    assert {kpi for (kpi,) in demo.query("select kpi from marts.kpi_catalog")} == defined
