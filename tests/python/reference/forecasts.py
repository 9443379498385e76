"""Forecasts against what was offered: forecast_wape and forecast_bias (specification, Workforce)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from fractions import Fraction
from functools import partial

from .accessibility import queue_visits
from .contacts import local_date, queue_of
from .extracts import Extracts, Forecast
from .schedules import is_published_in_time
from .tally import KpiValues, Tally

LEVELS = ("organization", "client", "site", "queue", "channel")


def forecasts_that_count(forecasts: Iterable[Forecast], as_of: datetime) -> list[Forecast]:
    """Choose one forecast of each "queue interval before as_of, forecast last published before it"."""
    chosen: dict[tuple[str, datetime], Forecast] = {}
    for version in forecasts:
        if not is_published_in_time(version.published_at, version.interval_start):
            continue
        interval = (version.queue_id, version.interval_start)
        if interval not in chosen or version.published_at > chosen[interval].published_at:
            chosen[interval] = version
    return [one for one in chosen.values() if end_of(one) <= as_of]


def end_of(forecast: Forecast) -> datetime:
    """Return the end of the interval, which belongs to the next one."""
    return forecast.interval_start + timedelta(minutes=forecast.interval_minutes)


def kpi_values(extracts: Extracts, as_of: datetime, reporting_timezone: str = "UTC") -> KpiValues:
    """Compute forecast_wape and forecast_bias.

    "Σ|forecast - offered| / Σ offered; Σ(forecast - offered) / Σ offered, per queue interval". Offered are the
    queue visits enqueued in it, as the section Accessibility counts them. An interval nobody forecast is left out.
    """
    enqueued: dict[str | None, list[datetime]] = defaultdict(list)
    for visit in queue_visits(extracts, reporting_timezone):
        enqueued[visit.leg.queue_id].append(visit.enqueued_at)
    tally = Tally()
    for forecast in forecasts_that_count(extracts.forecasts, as_of):
        queue = queue_of(forecast.queue_id, extracts.queues)
        start, end = forecast.interval_start, end_of(forecast)
        offered = sum(start <= instant < end for instant in enqueued[forecast.queue_id])
        error = Fraction(forecast.contacts) - offered
        add = partial(
            tally.add,
            day=local_date(start, (queue.site_id,), extracts.site_timezones, reporting_timezone),
            members={
                "client": queue.client_id,
                "site": queue.site_id,
                "queue": queue.queue_id,
                "channel": queue.channel,
            },
            levels=LEVELS,
            denominator=offered,
        )
        add("forecast_wape", numerator=abs(error))
        add("forecast_bias", numerator=error)
    return tally.values()
