"""Tests the second computation of amounts (sales, cost), of employee surveys and of cases: worked by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from reference import cases, cost, people, sales
from reference.extracts import (
    AgentState,
    AgentVersion,
    Case,
    Customer,
    EmployeeSurvey,
    Extracts,
    Leg,
    OperatingCost,
    Order,
    Reversal,
    read_extracts,
)
from reference.money import MissingRateError, converted
from reference.tally import KpiKey, KpiValues, Number

MARCH = date(2026, 3, 1)
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
LATER = AT + 90 * DAY
RATES = {(MARCH, "USD"): Decimal("0.9"), (date(2026, 4, 1), "USD"): Decimal("0.5")}


def at_level(values: KpiValues, kpi: str, level: str = "organization", grain: str = "month") -> dict[str, object]:
    """Return a KPI's sums at a level, by "period member"."""
    return {
        f"{key.period_start} {key.level_id}": sums
        for key, sums in values.items()
        if (key.kpi, key.period_grain, key.level) == (kpi, grain, level)
    }


def test_an_amount_is_converted_at_its_months_rate() -> None:
    """The reporting currency needs no rate; a rate that is missing is named."""
    assert converted(Decimal("10.01"), "EUR", MARCH, {}) == Fraction(1001, 100)
    assert converted(Decimal(10), "USD", date(2026, 3, 31), RATES) == 9
    assert converted(Decimal(10), "USD", date(2026, 4, 1), RATES) == 5
    with pytest.raises(MissingRateError, match="USD to EUR for 2026-05"):
        converted(Decimal(10), "USD", date(2026, 5, 1), RATES)


def test_sales_of_two_currencies() -> None:
    """The reversal falls into April and is converted, as its order is, at the rate of March."""
    ordered = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
    extracts = Extracts(
        orders=[
            Order("o1", ordered, Decimal(100), "USD", agent_id="a"),
            Order("o2", ordered, Decimal(10), "EUR", agent_id="a"),
        ],
        reversals=[
            Reversal("r1", "o1", "return", ordered + 30 * DAY, Decimal(40)),
            Reversal("r2", "o1", "return", ordered + 30 * DAY + SECOND, Decimal(40)),
            Reversal("r3", "o2", "cancellation", ordered, Decimal(11)),
        ],
        states=[AgentState("a", "available", ordered, ordered + timedelta(hours=2))],
    )
    values = sales.kpi_values(extracts, LATER, rates=RATES)
    assert at_level(values, "gross_sales_per_hour") == {"2026-03-01 all": (100, 2)}
    assert at_level(values, "net_sales_per_hour") == {"2026-03-01 all": (54, 2)}
    assert at_level(values, "average_order_value") == {"2026-03-01 all": (100, 2)}
    with pytest.raises(MissingRateError):
        sales.kpi_values(extracts, LATER)


def test_an_orders_month_is_of_its_local_day() -> None:
    """At 23:30 of 31 March in UTC it is April in Lisbon."""
    ordered = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)
    extracts = Extracts(
        orders=[Order("o", ordered, Decimal(100), "USD", agent_id="a")],
        agents=[AgentVersion("a", AT, "t", "s")],
        site_timezones={"s": "Europe/Lisbon"},
    )
    values = sales.kpi_values(extracts, LATER, rates=RATES)
    assert at_level(values, "average_order_value", "team") == {"2026-04-01 t": (50, 1)}


def handled(contact_id: str, at: datetime = AT, client_id: str | None = "k") -> Leg:
    """Make a handled inbound contact of agent a."""
    return Leg(contact_id, 1, at, at, client_id=client_id, agent_id="a", answered_at=at)


def booked(
    cost_id: str, amount: str, month: date = MARCH, currency: str = "EUR", client_id: str | None = "k"
) -> OperatingCost:
    """Book a cost of site s."""
    return OperatingCost(cost_id, month, "wages", Decimal(amount), currency, client_id, "s")


def test_cost_per_contact() -> None:
    """Bookings of one month add up in the reporting currency; one without a client counts at the organization."""
    extracts = Extracts(
        legs=[handled("1"), handled("2"), handled("3", client_id="other"), handled("4", AT + 31 * DAY)],
        operating_costs=[booked("1", "10"), booked("2", "20", currency="USD"), booked("3", "2", client_id=None)],
        agents=[AgentVersion("a", AT, "t", "s")],
    )
    values = cost.kpi_values(extracts, RATES)
    assert {key.period_grain for key in values} == {"month"}
    assert at_level(values, "cost_per_contact") == {"2026-03-01 all": (30, 3)}
    # "other" has no booking of its own, and nobody has one in April: not known is not 0.
    assert at_level(values, "cost_per_contact", "client") == {"2026-03-01 k": (28, 2)}
    assert at_level(values, "cost_per_contact", "site") == {"2026-03-01 s": (30, 3)}


def test_a_cost_without_a_contact_is_no_cost_per_contact() -> None:
    """A row whose denominator is 0 is not published; the day within the month does not matter."""
    assert cost.kpi_values(Extracts(operating_costs=[booked("1", "10")])) == {}
    in_the_middle = Extracts(legs=[handled("1")], operating_costs=[booked("1", "10", date(2026, 3, 17))])
    assert at_level(cost.kpi_values(in_the_middle), "cost_per_contact") == {"2026-03-01 all": (10, 1)}


def answered(survey_id: str, enps: int | None, satisfaction: int | None, **more: object) -> EmployeeSurvey:
    """Make an answer of team t, at site s."""
    columns = {"site_id": "s", "responded_at": AT + 40 * DAY, **more}
    return EmployeeSurvey(
        survey_id,
        "t",
        AT,
        enps_score=enps,
        satisfaction_score=satisfaction,
        **columns,  # type: ignore[arg-type]
    )


def test_enps_and_esat() -> None:
    """6 is a detractor, 9 a promoter; 4 is content. All count for the day of sending."""
    surveys = [
        answered("1", 6, 3),
        answered("2", 7, 4),
        answered("3", 8, 5),
        answered("4", 9, None),
        answered("5", 10, None, site_id=None),
        answered("6", None, None, responded_at=None),
    ]
    values = people.kpi_values(Extracts(employee_surveys=surveys, team_sites={"t": "s"}))
    assert at_level(values, "enps", grain="day") == {"2026-03-02 all": (1, 5)}
    assert at_level(values, "enps", "site") == {"2026-03-01 s": (1, 5)}
    assert at_level(values, "esat", "team") == {"2026-03-01 t": (2, 3)}
    assert {key.level for key in values} == {"organization", "site", "team"}


def test_fewer_than_five_answers_are_suppressed() -> None:
    """Five are shown, four are not."""
    key = KpiKey("enps", "month", "2026-03-01", "team", "t")
    five: tuple[Number, Number] = (1, 5)
    assert people.published({key: five}) == {key: five}
    assert people.published({key: (1, 4)}) == {key: None}


def test_a_file_with_an_agent_column_is_rejected_whole(tmp_path: Path) -> None:
    """Employee surveys have no agent id, by design."""
    folder = tmp_path / "survey"
    folder.mkdir()
    row = "v1,t,2026-03-02T00:00:00Z,2026-03-02T00:00:00Z"
    (folder / "employee_surveys.good.csv").write_text(f"survey_id,team_id,sent_at,updated_at\n{row}\n")
    (folder / "employee_surveys.bad.csv").write_text(
        f"survey_id,team_id,sent_at,updated_at,Agent_Id\n{row.replace('v1', 'v2')},a\n"
    )
    read = read_extracts(tmp_path)
    assert [survey.survey_id for survey in read.employee_surveys] == ["v1"]
    assert read.refused == ["survey/employee_surveys.bad.csv: a column with agent"]


def backlog_days(found: list[Case], as_of: datetime, **more: str) -> dict[str, Number]:
    """Return the organization's backlog by day."""
    values = cases.backlog(Extracts(cases=found), as_of, **more)
    return {key.period_start: sums[0] for key, sums in values.items() if key[1] == "day" and key[3] == "organization"}


MIDNIGHT = datetime(2026, 3, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("opened", "closed", "second_of_march"),
    [
        (MIDNIGHT - SECOND, None, 1),
        (MIDNIGHT, None, 0),
        (AT, MIDNIGHT - SECOND, 0),
        (AT, MIDNIGHT, 1),
        (AT, MIDNIGHT + SECOND, 1),
    ],
)
def test_open_at_the_end_of_the_day(opened: datetime, closed: datetime | None, second_of_march: int) -> None:
    """A case that is closed at midnight was still open as the day ended; one opened then was not yet."""
    first = Case("first", AT, closed_at=AT)
    found = backlog_days([first, Case("c", opened, closed_at=closed)], MIDNIGHT + DAY / 2)
    assert found["2026-03-02"] == second_of_march


def test_backlog_has_every_day_and_a_period_shows_its_last() -> None:
    """From Saturday 28 February to Tuesday 3 March; zeros included, for a member whose first case comes later too."""
    saturday = datetime(2026, 2, 28, 12, 0, tzinfo=UTC)
    extracts = Extracts(
        cases=[
            Case("1", saturday, closed_at=saturday + DAY, customer_id="cu", reason_code="bill"),
            Case("2", saturday + 2 * DAY, closed_at=saturday + 3 * DAY, reason_code="fault"),
            Case("3", saturday + 3 * DAY, reason_code="fault"),
            Case("later", saturday + 10 * DAY, reason_code="fault"),
        ],
        customers=[Customer("cu", AT, client_id="k")],
    )
    values = cases.backlog(extracts, saturday + 3 * DAY + SECOND)
    assert at_level(values, "backlog_open_cases", grain="day") == {
        "2026-02-28 all": (1, 1),
        "2026-03-01 all": (0, 1),
        "2026-03-02 all": (1, 1),
        "2026-03-03 all": (1, 1),
    }
    assert at_level(values, "backlog_open_cases", "client", "day") == {
        "2026-02-28 k": (1, 1),
        "2026-03-01 k": (0, 1),
        "2026-03-02 k": (0, 1),
        "2026-03-03 k": (0, 1),
    }
    assert at_level(values, "backlog_open_cases", "reason", "week") == {
        "2026-02-23 bill": (0, 1),
        "2026-03-02 bill": (0, 1),
        "2026-02-23 fault": (0, 1),
        "2026-03-02 fault": (1, 1),
    }
    assert at_level(values, "backlog_open_cases") == {"2026-02-01 all": (1, 1), "2026-03-01 all": (1, 1)}


def test_backlog_ends_with_as_of() -> None:
    """The last day is judged at as_of, and it has a row even where as_of is its midnight."""
    found = [Case("1", AT), Case("2", AT + SECOND)]
    assert backlog_days(found, AT + SECOND) == {"2026-03-02": 1}
    assert backlog_days(found, MIDNIGHT) == {"2026-03-02": 2, "2026-03-03": 2}
    assert backlog_days(found, AT - DAY) == {}
    assert backlog_days([], LATER) == {}


def test_backlog_days_are_the_reporting_zones() -> None:
    """23:30 UTC is the next day in Bucharest."""
    late = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    assert backlog_days([Case("1", late)], late + SECOND, reporting_timezone="Europe/Bucharest") == {"2026-03-03": 1}


def test_reopened_cases_and_first_responses() -> None:
    """A case counts as reopened on the day it was closed, and its first response on the day it was opened."""
    found = [
        Case("1", AT, first_response_at=AT + 90 * SECOND, closed_at=AT + DAY, reopened_count=2),
        Case("2", AT, first_response_at=AT, closed_at=AT + DAY, reopened_count=0),
        Case("3", AT, closed_at=AT + DAY),
        Case("open", AT, reopened_count=1),
    ]
    values = cases.kpi_values(Extracts(cases=found), LATER)
    assert at_level(values, "case_reopen_rate", grain="day") == {"2026-03-03 all": (1, 3)}
    assert at_level(values, "first_response_seconds", grain="day") == {"2026-03-02 all": (90, 2)}


def test_first_responses_in_business_hours() -> None:
    """A case counts on the day it was opened, where it says the seconds: 0 are some, and nothing is none."""
    found = [
        Case("1", AT, first_response_at=AT + DAY, first_response_business_seconds=90),
        Case("2", AT, first_response_at=AT + 60 * SECOND, first_response_business_seconds=0),
        Case("3", AT, first_response_at=AT + DAY),
        Case("open", AT),
    ]
    values = cases.kpi_values(Extracts(cases=found), LATER)
    assert at_level(values, "first_response_business_seconds", grain="day") == {"2026-03-02 all": (90, 2)}


def test_replies_waits_and_resolution() -> None:
    """A closed case counts where it records what is asked; one answer is one touch, two are not."""
    found = [
        Case("1", AT, closed_at=AT + 90 * SECOND, reply_count=1, requester_wait_seconds=60),
        Case("2", AT, closed_at=AT - SECOND, reply_count=2),
        Case("3", AT, closed_at=AT + 10 * SECOND),
        Case("open", AT, reply_count=0, requester_wait_seconds=60),
    ]
    values = cases.kpi_values(Extracts(cases=found), LATER)
    assert at_level(values, "one_touch_resolution", grain="day") == {"2026-03-02 all": (1, 2)}
    assert at_level(values, "requester_wait_seconds", grain="day") == {"2026-03-02 all": (60, 1)}
    assert at_level(values, "full_resolution_seconds", grain="day") == {"2026-03-02 all": (100, 3)}
