"""`mf query` and kpi_values give the same numbers: both come from the semantic layer."""

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
    "fct_employee_surveys": "employee_survey",
    "fct_evaluations": "evaluation",
    "fct_forecast_intervals": "forecast_interval",
    "fct_handled_legs": "handled_leg",
    "fct_operating_costs": "operating_cost",
    "fct_orders": "order",
    "fct_queue_visits": "queue_visit",
    "fct_rings": "ring",
    "fct_schedule_adherence": "scheduled_time",
    "fct_self_service_sessions": "self_service_session",
    "fct_surveys": "survey",
}
Values = dict[tuple[str, date, str], float]


@pytest.fixture(scope="module")
def metricflow(demo: Run, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """MetricFlow over a copy of the demo's warehouse, which it opens for writing; set up as by the command `mf`."""
    patch = pytest.MonkeyPatch()
    patch.setenv("CCW_WAREHOUSE", str(demo.copy_warehouse(tmp_path_factory.mktemp("metricflow"))))
    # MetricFlow reads what dbt parsed last into the project's own target folder.
    assert (
        dbtRunner().invoke(["--quiet", "parse", "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]).success
    )
    configuration = CLIConfiguration()
    configuration.setup(dbt_profiles_path=PROJECT, dbt_project_path=PROJECT, configure_file_logging=False)
    yield configuration.mf
    patch.undo()
    DuckDBConnectionManager.close_all_connections()


def metrics_by_facts(demo: Run, level: str, grain: str) -> dict[tuple[str, ...], list[str]]:
    """The KPIs that are reported at a level and grain, by the facts that they are over."""
    rows = demo.query("""
        select kpi, numerator_fact, denominator_fact, levels, period_grains from marts.kpi_catalog
        where aggregation != 'share_of_total' order by kpi
    """)
    metrics: dict[tuple[str, ...], list[str]] = {}
    for kpi, numerator_fact, denominator_fact, levels, grains in rows:
        if level in str(levels).split(", ") and grain in str(grains).split(", "):
            facts = tuple(sorted({str(numerator_fact), str(denominator_fact)}))
            metrics.setdefault(facts, []).append(str(kpi))
    return metrics


@pytest.mark.parametrize("grain", ["day", "week", "month"])
@pytest.mark.parametrize("level", LEVEL_DIMENSIONS)
def test_mf_query_agrees(metricflow: Any, demo: Run, level: str, grain: str) -> None:
    """Every KPI of every level and grain; `unknown` members, which kpi_values leaves out, aside."""
    queried: Values = {}
    dimension = LEVEL_DIMENSIONS[level]
    for facts, metrics in metrics_by_facts(demo, level, grain).items():
        # Two facts share no dimension, but the entities that both point to.
        member_name = f"{FACT_ENTITIES[facts[0]]}__{dimension}" if len(facts) == 1 else level
        groups = [f"metric_time__{grain}"] + ([member_name] if dimension else [])
        table = metricflow.query(MetricFlowQueryRequest.create(metric_names=metrics, group_by_names=groups)).result_df
        for row in table.rows:
            named = dict(zip(table.column_names, row, strict=True))
            member = "all" if dimension is None else str(named[groups[1]])
            for metric in metrics:
                if named[metric] is not None and member != "unknown":
                    start: datetime = named[groups[0]]
                    queried[metric, start.date(), member] = float(named[metric])
    rows = demo.query(f"""
        select kpi, period_start, level_id, value, is_suppressed from marts.kpi_values
        where level = '{level}' and period_grain = '{grain}'
            and kpi in (select kpi from marts.kpi_catalog where aggregation != 'share_of_total')
    """)
    published: Values = {
        (str(kpi), start, str(member)): float(value)  # type: ignore[arg-type, misc]
        for kpi, start, member, value, is_suppressed in rows
        if not is_suppressed
    }
    assert published
    # Only what is published is suppressed: MetricFlow sees the warehouse.
    suppressed = {tuple(row[:3]) for row in rows if row[4]}
    queried = {key: value for key, value in queried.items() if key not in suppressed}
    assert queried.keys() == published.keys()
    assert queried == pytest.approx(published, abs=1e-12)


def test_the_catalogue_holds_every_metric_that_names_levels(demo: Run) -> None:
    """A KPI is in kpi_catalog because it is a metric of the semantic layer, and for no other reason."""
    manifest = json.loads((demo.folder / "var" / "dbt" / "target" / "manifest.json").read_text())
    defined = {metric["name"] for metric in manifest["metrics"].values() if "levels" in metric["config"]["meta"]}
    assert {kpi for (kpi,) in demo.query("select kpi from marts.kpi_catalog")} == defined
