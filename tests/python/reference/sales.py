"""Orders, reversals, hours, and the KPIs of the section Sales of the specification."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from functools import partial

from .contacts import Contact, agent_at, by_own_ids, contacts_of_extracts, local_date
from .extracts import Extracts, Order
from .money import DEFAULT_REPORTING_CURRENCY, NO_RATES, ExchangeRates, converted
from .tally import ALL_LEVELS, KpiValues, Tally
from .workforce import LEVELS, agent_time

DEFAULT_REVERSAL_DAYS = 30
SECONDS_PER_HOUR = 3600


def reversed_amount(order: Order, extracts: Extracts, reversal_days: int = DEFAULT_REVERSAL_DAYS) -> Fraction:
    """Return what was reversed: "at most the order's amount, within 30 days (var)"."""
    until = order.ordered_at + timedelta(days=reversal_days)
    amounts = [
        Fraction(reversal.amount)
        for reversal in extracts.reversals
        if reversal.order_id == order.order_id and reversal.reversed_at <= until
    ]
    return min(sum(amounts, Fraction(0)), Fraction(order.gross_amount))


def conversion(contacts: Sequence[Contact], extracts: Extracts) -> KpiValues:
    """Compute conversion_rate: "handled inbound contacts with an order / handled inbound contacts"."""
    ordered_in = {order.contact_id for order in extracts.orders if order.contact_id is not None}
    tally = Tally()
    for contact in contacts:
        if contact.is_inbound and contact.is_handled:
            tally.add(
                "conversion_rate",
                contact.date_day,
                contact.members,
                ALL_LEVELS,
                numerator=bool(contact.own_ids & ordered_in),
                denominator=1,
            )
    return tally.values()


def kpi_values(
    extracts: Extracts,
    as_of: datetime,
    *,
    sales_roles: Sequence[str] | None = None,
    reversal_days: int = DEFAULT_REVERSAL_DAYS,
    rates: ExchangeRates = NO_RATES,
    reporting_currency: str = DEFAULT_REPORTING_CURRENCY,
    reporting_timezone: str = "UTC",
) -> KpiValues:
    """Compute the KPIs of the section Sales, in the reporting currency.

    "Amounts in var `reporting_currency` (default EUR) through the seed `exchange_rates` (month's rate […])": the
    month of the order's day, for its reversals too, since "Reversals count against the order's own day".

    "Hours are paid hours of agents whose role is in var `sales_roles` (default: all)"; orders: "day in the
    credited agent's site's zone, team and site at ordered_at; orders of agents outside sales_roles left out".
    """
    contacts = contacts_of_extracts(extracts, reporting_timezone)
    by_id = by_own_ids(contacts)
    tally = Tally()
    for order in extracts.orders:
        # "Order credit: its agent_id, else its contact's agent."
        contact = by_id.get(order.contact_id or "")
        agent_id = order.agent_id or (contact.agent_id if contact is not None else None)
        agent = agent_at(agent_id, order.ordered_at, extracts.agents)
        if sales_roles is not None and (agent is None or agent.role not in sales_roles):
            continue
        site_id = agent.site_id if agent is not None else None
        members = {"site": site_id, "team": agent.team_id if agent is not None else None, "agent": agent_id}
        day = local_date(order.ordered_at, (site_id,), extracts.site_timezones, reporting_timezone)
        add = partial(tally.add, day=day, members=members, levels=LEVELS)
        gross = converted(order.gross_amount, order.currency, day, rates, reporting_currency)
        back = reversed_amount(order, extracts, reversal_days)
        net = gross - converted(back, order.currency, day, rates, reporting_currency)
        add("gross_sales_per_hour", numerator=gross, denominator=0)
        add("net_sales_per_hour", numerator=net, denominator=0)
        add("average_order_value", numerator=gross, denominator=1)
    for piece in agent_time(extracts, as_of, reporting_timezone):
        if piece.is_paid and (sales_roles is None or piece.role in sales_roles):
            add = partial(tally.add, day=piece.day, members=piece.members, levels=LEVELS, numerator=0)
            add("gross_sales_per_hour", denominator=piece.seconds / SECONDS_PER_HOUR)
            add("net_sales_per_hour", denominator=piece.seconds / SECONDS_PER_HOUR)
    return {**tally.values(), **conversion(contacts, extracts)}
