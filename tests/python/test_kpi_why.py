"""Why `ccw kpi` finds no value, from the KPI as a whole down to the time that was asked for."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb
import pytest

from pipelines.kpi import why
from pipelines.kpi.show import KpiQuestion

CSAT: dict[str, Any] = {
    "kpi": "csat",
    "levels": "organization, team, queue",
    "period_grains": "week, month",
    "numerator_fact": "fct_surveys",
    "denominator_fact": "fct_surveys",
}


@pytest.fixture
def published() -> Iterator[duckdb.DuckDBPyConnection]:
    """What is published of two KPIs, of one of which nothing is known."""
    with duckdb.connect() as connection:
        connection.execute("""
            create schema marts;
            create table marts.kpi_catalog as
            select *
            from (values ('csat', 'csat'), ('fcr_24h', 'fcr'), ('fcr_72h', 'fcr'), ('nps', 'nps')) as k (kpi, family);
            create table marts.kpi_values as
            select 'csat' as kpi, 'month' as period_grain, level, level_id, date '2026-03-01' as period_start
            from (values ('organization', 'all'), ('team', 'north'), ('team', 'south')) as members (level, level_id);
            insert into marts.kpi_values values ('csat', 'month', 'team', 'north', date '2026-04-01');
            create table marts.fct_surveys (contact_id varchar);
            create table marts.data_quality as
            select * from (
                values ('acd', 'contact_legs', 5), ('survey', 'contact_surveys', 0), ('survey', 'employee_surveys', 1)
            ) as extracts (source, "table", landed);
        """)
        yield connection


@pytest.mark.parametrize(
    ("kpi", "said"),
    [
        ("fcr", "There is no KPI fcr; did you mean fcr_24h or fcr_72h? `ccw kpi --list` shows all."),
        ("cast", "did you mean csat?"),
        ("weather", "There is no KPI weather; `ccw kpi --list` shows all."),
    ],
)
def test_an_unknown_kpi(published: duckdb.DuckDBPyConnection, kpi: str, said: str) -> None:
    assert said in why.no_such_kpi(published, kpi)


def test_a_level_that_is_not_offered() -> None:
    assert why.no_such_level(CSAT, "teams") == (
        "csat is not reported by teams, but by organization, team, queue. Did you mean team?"
    )
    assert why.no_such_level(CSAT, "weather").endswith("by organization, team, queue.")


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (KpiQuestion("csat", grain="day"), "csat has no value per day: it is reported per week, month."),
        (
            KpiQuestion("csat", "queue"),
            "csat has no value by queue: no queue of it is known; it has values by organization, team.",
        ),
        (KpiQuestion("csat", "team", member="nroth"), "csat has no value for team nroth; did you mean north or south?"),
        (KpiQuestion("csat", "team", member="x"), "csat has no value for team x; there are north, south"),
        (
            KpiQuestion("csat", "team", since=date(2031, 1, 1)),
            "csat has no value in that time: each month with one starts from 2026-03-01 to 2026-04-01.",
        ),
        (
            KpiQuestion("csat", "team", member="south", since=date(2026, 4, 1)),
            "csat has no value in that time: each month of team south with one starts from 2026-03-01 to 2026-03-01.",
        ),
    ],
)
def test_a_question_without_a_value(published: duckdb.DuckDBPyConnection, question: KpiQuestion, said: str) -> None:
    assert why.no_value(published, CSAT, question) == said


def test_a_kpi_of_which_nothing_has_come(published: duckdb.DuckDBPyConnection) -> None:
    """Its empty fact is named, with what has not landed and what is switched off; a vendor's own format is neither."""
    said = why.no_value(published, CSAT | {"kpi": "nps"}, KpiQuestion("nps"))
    assert said.startswith("nps has no value at all: marts.fct_surveys, which it is counted from, has no row. ")
    assert "Nothing has landed of survey.contact_surveys. Switched off are " in said
    assert "wfm.agents" in said
    assert "acd.contact_legs" not in said
    assert "technion_bank" not in said


def test_a_kpi_that_no_row_counts_for(published: duckdb.DuckDBPyConnection) -> None:
    published.execute("insert into marts.fct_surveys values ('c1')")
    said = why.no_value(published, CSAT | {"kpi": "nps"}, KpiQuestion("nps"))
    assert said == "nps has no value at all: no row of marts.fct_surveys counts for it; `--explain` says which would."
