"""All KPIs of the specification at once, with the settings that a project has by default."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from . import (
    accessibility,
    cases,
    cost,
    experience,
    forecasts,
    handling,
    people,
    quality,
    resolution,
    sales,
    schedules,
    self_service,
    workforce,
)
from .contacts import contacts_of_extracts
from .extracts import Extracts
from .money import NO_RATES, ExchangeRates
from .resolution import DEFAULT_WINDOWS
from .tally import KpiValues


def kpi_values(
    extracts: Extracts,
    as_of: datetime,
    rates: ExchangeRates = NO_RATES,
    windows: Sequence[int] = DEFAULT_WINDOWS,
    reporting_timezone: str = "UTC",
) -> KpiValues:
    """Compute every KPI for days, weeks and months at all its levels; nothing is suppressed."""
    contacts = contacts_of_extracts(extracts, reporting_timezone)
    return {
        **resolution.kpi_values(extracts, as_of, windows, reporting_timezone=reporting_timezone),
        **accessibility.kpi_values(extracts, reporting_timezone),
        **handling.kpi_values(extracts, reporting_timezone),
        **handling.contacts_handled_per_hour(extracts, as_of, reporting_timezone),
        **workforce.kpi_values(extracts, as_of, reporting_timezone),
        **schedules.kpi_values(extracts, as_of, reporting_timezone),
        **forecasts.kpi_values(extracts, as_of, reporting_timezone),
        **experience.kpi_values(contacts, extracts.surveys),
        **quality.kpi_values(extracts, reporting_timezone),
        **sales.kpi_values(extracts, as_of, rates=rates, reporting_timezone=reporting_timezone),
        **self_service.kpi_values(extracts, as_of, reporting_timezone),
        **cost.kpi_values(extracts, rates, reporting_timezone=reporting_timezone),
        **people.kpi_values(extracts, reporting_timezone),
        **cases.kpi_values(extracts, as_of, reporting_timezone),
    }
