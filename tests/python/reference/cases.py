"""Cases: backlog_open_cases, case_reopen_rate, first_response_seconds (specification, Cost, people, backlog).

Besides them what help desks show of their own: one_touch_resolution, full_resolution_seconds, requester_wait_seconds,
first_response_business_seconds.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from .contacts import local_date
from .extracts import Case, Extracts
from .tally import GRAINS, KpiKey, KpiValues, Members, Tally, period_start, seconds

LEVELS = ("organization", "client", "reason")


def members_of(case: Case, extracts: Extracts) -> Members:
    """Return the members: "levels organization, client (the customer's), reason"."""
    clients = {customer.customer_id: customer.client_id for customer in extracts.customers}
    return {"client": clients.get(case.customer_id or ""), "reason": case.reason_code}


def end_of_day(day: date, as_of: datetime, reporting_timezone: str) -> datetime:
    """Return the local midnight that ends the day; as_of, where that day is not over yet."""
    midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), ZoneInfo(reporting_timezone))
    return min(midnight.astimezone(UTC), as_of)


def is_open(case: Case, instant: datetime) -> bool:
    """Return whether a case had been opened before an instant and not closed before it."""
    return case.opened_at < instant and (case.closed_at is None or case.closed_at >= instant)


def backlog(extracts: Extracts, as_of: datetime, reporting_timezone: str = "UTC") -> KpiValues:
    """Compute backlog_open_cases: "open cases at the end of the local day".

    "never summed over days: a week or month shows its last day"; "a row for every day and member from the first
    case to as_of, zeros included". The members are those of any case; a period that is not over shows as_of's day.
    """
    if not extracts.cases:
        return {}
    of_member: dict[tuple[str, str], list[Case]] = {("organization", "all"): extracts.cases}
    for case in extracts.cases:
        for level, member in members_of(case, extracts).items():
            if member is not None:
                of_member.setdefault((level, member), []).append(case)
    values: KpiValues = {}
    day = min(local_date(case.opened_at, (), {}, reporting_timezone) for case in extracts.cases)
    last_day = local_date(as_of, (), {}, reporting_timezone)
    while day <= last_day:
        end = end_of_day(day, as_of, reporting_timezone)
        for (level, member), cases in of_member.items():
            still_open = sum(is_open(case, end) for case in cases)
            for grain in GRAINS:
                # Days are in order, so that the last one of a period stays.
                start = period_start(day, grain).isoformat()
                values[KpiKey("backlog_open_cases", grain, start, level, member)] = (still_open, 1)
        day += timedelta(days=1)
    return values


def kpi_values(extracts: Extracts, as_of: datetime, reporting_timezone: str = "UTC") -> KpiValues:
    """Compute the KPIs of cases.

    case_reopen_rate: "closed cases with reopened_count > 0 / closed cases, day of closed_at";
    first_response_seconds: "Σ(first_response_at - opened_at) / cases that have one, day of opened_at".
    """
    tally = Tally()
    zero = timedelta(0)
    for case in extracts.cases:
        add = partial(tally.add, members=members_of(case, extracts), levels=LEVELS, denominator=1)
        if case.closed_at is not None:
            day = local_date(case.closed_at, (), {}, reporting_timezone)
            add("case_reopen_rate", day, numerator=(case.reopened_count or 0) > 0)
            add("full_resolution_seconds", day, numerator=seconds(max(case.closed_at - case.opened_at, zero)))
            if case.reply_count is not None:
                add("one_touch_resolution", day, numerator=case.reply_count <= 1)
            if case.requester_wait_seconds is not None:
                add("requester_wait_seconds", day, numerator=case.requester_wait_seconds)
        day = local_date(case.opened_at, (), {}, reporting_timezone)
        if case.first_response_at is not None:
            add("first_response_seconds", day, numerator=seconds(case.first_response_at - case.opened_at))
            if case.first_response_business_seconds is not None:
                add("first_response_business_seconds", day, numerator=case.first_response_business_seconds)
    return {**tally.values(), **backlog(extracts, as_of, reporting_timezone)}
