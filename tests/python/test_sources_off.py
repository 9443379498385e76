"""The project builds without the sources that a user does not have, and no KPI then reads 0 for "not known"."""

import os
from pathlib import Path

import pytest
from conftest import Run, built

OPTIONAL = ("survey", "crm", "wfm", "qa", "finance", "reference")
# All off at once; each by itself and half of them are for `make test-long`.
OFF: list[tuple[str, ...]] = [OPTIONAL]
if "CCW_TEST_EPISODES" in os.environ:
    OFF += [("survey", "wfm", "finance"), ("crm", "qa", "reference"), *((source,) for source in OPTIONAL)]
SURVEY = {"csat", "csat_mean", "nps", "ces", "ownership", "survey_response_rate", "fcr_survey", "ocr_survey"}
PEOPLE = {"enps", "esat"}
LOGINS = {"self_service_adoption_14d", "self_service_activation_14d"}
SALES = {"net_sales_per_hour", "gross_sales_per_hour", "average_order_value", "conversion_rate"}
CASES = {
    *("backlog_open_cases", "case_reopen_rate", "first_response_seconds", "first_response_business_seconds"),
    *("full_resolution_seconds", "one_touch_resolution", "requester_wait_seconds"),
}
PLANS = {"schedule_adherence", "schedule_conformance", "forecast_wape", "forecast_bias"}
QUALITY = {
    "qa_score",
    "qa_accuracy",
    "qa_completeness",
    "qa_compliance",
    "qa_privacy",
    "script_adherence",
    "critical_error_free_customer",
    "critical_error_free_business",
    "critical_error_free_compliance",
}
COST = {"cost_per_contact"}
ABSENT = {
    "survey": SURVEY | PEOPLE,
    "crm": LOGINS | SALES | CASES,
    "wfm": PLANS,
    "qa": QUALITY,
    "finance": COST,
    "reference": set(),
}


def sums(run: Run, database: Path | None = None) -> dict[str, float]:
    """The sum of the numerators of each KPI's months; null ones are those of suppressed rows."""
    rows = run.query(
        """
        select kpi, sum(abs(numerator)) from marts.kpi_values
        where period_grain = 'month' and not is_suppressed group by kpi
        """,
        database,
    )
    return {str(kpi): float(total) for kpi, total in rows}  # type: ignore[arg-type]


@pytest.mark.parametrize("off", OFF, ids="+".join)
def test_without_sources_their_kpis_are_absent(demo: Run, tmp_path: Path, off: tuple[str, ...]) -> None:
    """Those and no others; what is left is counted from something. dbt's own tests pass too."""
    demo.copy_warehouse(tmp_path)
    settings: dict[str, object] = {"extracts": "landed"} | {f"{source}_enabled": False for source in off}
    run = built(tmp_path, settings, "--exclude-resource-type", "unit_test")
    before, after = sums(demo), sums(run, tmp_path / "warehouse.duckdb")
    assert before.keys() - after.keys() == set().union(*(ABSENT[source] for source in off))
    assert not after.keys() - before.keys()
    assert [kpi for kpi, total in after.items() if total == 0 and before[kpi] > 0] == []
    if off == OPTIONAL:
        database = tmp_path / "warehouse.duckdb"
        levels = {level for (level,) in run.query("select distinct level from marts.kpi_values", database)}
        assert levels == {"organization", "client", "agent", "queue", "channel", "reason"}
        methods = run.query("select distinct identity_method from marts.fct_contacts order by all", database)
        assert [method for (method,) in methods] == ["address", "customer_id", "none"]
