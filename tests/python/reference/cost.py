"""cost_per_contact (specification, Cost, people, backlog)."""

from __future__ import annotations

from .contacts import contacts_of_extracts
from .extracts import Extracts
from .money import DEFAULT_REPORTING_CURRENCY, NO_RATES, ExchangeRates, converted
from .tally import KpiValues, Tally

LEVELS = ("organization", "client", "site")


def kpi_values(
    extracts: Extracts,
    rates: ExchangeRates = NO_RATES,
    *,
    reporting_currency: str = DEFAULT_REPORTING_CURRENCY,
    reporting_timezone: str = "UTC",
) -> KpiValues:
    """Compute cost_per_contact.

    "month's operating cost / handled inbound contacts, all channels; month grain; organization, client, site". A
    booking without a client or site counts for the organization only; a member's month without any booking has no
    known cost, and so no value, rather than a cost of 0.
    """
    tally = Tally()
    for cost in extracts.operating_costs:
        month = cost.month.replace(day=1)
        tally.add(
            "cost_per_contact",
            month,
            {"client": cost.client_id, "site": cost.site_id},
            LEVELS,
            numerator=converted(cost.amount, cost.currency, month, rates, reporting_currency),
            denominator=0,
        )
    booked = set(tally.sums)
    for contact in contacts_of_extracts(extracts, reporting_timezone):
        if contact.is_inbound and contact.is_handled:
            tally.add("cost_per_contact", contact.date_day, contact.members, LEVELS, numerator=0, denominator=1)
    return {key: sums for key, sums in tally.values().items() if key.period_grain == "month" and key in booked}
