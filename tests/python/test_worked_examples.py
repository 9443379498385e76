"""The worked examples of the KPIs' specification, through the SQL that dbt renders from the semantic layer."""

from pathlib import Path

import duckdb
import pytest
from conftest import Run, of_all_rows

# Wait in seconds, visits, whether answered: 1000 answered, 860 of them within 20 s; 60 abandoned, 20 of them within
# 20 s and 10 of these within 5 s.
VISITS = [(20, 860, 1), (21, 140, 1), (5, 10, 0), (20, 10, 0), (21, 40, 0)]
SERVICE_LEVELS = {
    "service_level": (860, 1050),
    "service_level_answered_only": (860, 1000),
    "service_level_abandons_missed": (860, 1060),
    "service_level_abandons_met": (880, 1060),
    "service_level_abandons_ignored": (860, 1040),
    "abandonment_rate": (50, 1050),
}


@pytest.fixture
def rendered(demo: Run) -> str:
    """The rendered components of queue visits' KPIs."""
    folder: Path = demo.folder / "var" / "dbt" / "target" / "compiled"
    return of_all_rows(next(folder.rglob("int_kpi_components__queue_visits.sql")).read_text())


def test_service_levels_of_a_thousand_answered_and_sixty_abandoned(rendered: str) -> None:
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as marts_file")
        connection.execute("create schema marts_file.marts")
        connection.execute(
            """
            create table marts_file.marts.fct_queue_visits as
            select
                date '2026-03-02' as date_day,
                'c1' as client_id, 's1' as site_id, 'q1' as queue_id, 'voice' as channel,
                visits.wait_seconds,
                visits.is_answered,
                1 - visits.is_answered as is_abandoned,
                case when visits.is_answered = 0 and visits.wait_seconds <= 5 then 1 else 0 end as is_short_abandon,
                case when visits.wait_seconds <= 20 then 1 else 0 end as is_in_threshold,
                1 as is_real_time,
                0 as is_flow_out,
                0 as is_open
            from (select unnest($visits, recursive := true)) as visits, range(visits.number)
        """,
            {
                "visits": [
                    {"wait_seconds": wait, "number": number, "is_answered": is_answered}
                    for wait, number, is_answered in VISITS
                ]
            },
        )
        found = {
            kpi: (numerator, denominator)
            for kpi, numerator, denominator in connection.execute(
                f"select kpi, numerator, denominator from ({rendered}) where level = 'queue' and level_id = 'q1'"
            ).fetchall()
        }
    assert {kpi: found[kpi] for kpi in SERVICE_LEVELS} == SERVICE_LEVELS
    assert found["queue_visits_offered"] == (1060, None)
