"""Amounts in the reporting currency (specification, Sales): "the seed `exchange_rates` (month's rate […])"."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

DEFAULT_REPORTING_CURRENCY = "EUR"
# What one unit of a currency is worth in the reporting currency, by the month's first day and the currency.
ExchangeRates = Mapping[tuple[date, str], Decimal | Fraction]
NO_RATES: ExchangeRates = {}


class MissingRateError(LookupError):
    """An amount can't be converted: "a missing rate stops the build and names it"."""


def converted(
    amount: Decimal | Fraction,
    currency: str,
    day: date,
    rates: ExchangeRates,
    reporting_currency: str = DEFAULT_REPORTING_CURRENCY,
) -> Fraction:
    """Return an amount of that day in the reporting currency, at the month's rate."""
    if currency == reporting_currency:
        return Fraction(amount)
    month = day.replace(day=1)
    if (month, currency) not in rates:
        raise MissingRateError(f"no exchange rate of {currency} to {reporting_currency} for {month:%Y-%m}")
    return Fraction(amount) * Fraction(rates[month, currency])
