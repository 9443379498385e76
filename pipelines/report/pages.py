"""What the report shows: its pages, their sections, and the KPIs of each section.

To add a section, add it here, and its heading `section_<title>` to the languages. `kind` names the function of
`assets/views.js` that draws it.

A KPI with windows is named with `{all}` for each window of the warehouse, or `{longest}` for the longest one. KPIs that
the warehouse does not have are left out, and so is a section of which none is left.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

HEADLINES = (
    "fcr_{longest}h",
    "service_level",
    "csat",
    "aht_seconds",
    "abandonment_rate",
    "nps",
    "transfer_rate",
    "occupancy",
    "schedule_adherence",
    "qa_score",
    "conversion_rate",
    "ivr_containment_true",
    "backlog_open_cases",
    "cost_per_contact",
)

# What agents and their teams can influence.
OF_PEOPLE = (
    "fcr_{longest}h",
    "csat",
    "aht_seconds",
    "transfer_rate",
    "qa_score",
    "schedule_adherence",
    "ring_no_answer_rate",
    "conversion_rate",
)


@dataclass(frozen=True)
class Section:
    """A section of a page.

    Attributes:
        title: its heading is the text `section_<title>`.
        kind: the view that draws it.
        kpis: the KPIs that it shows.
        domain: shows the KPIs of this domain instead, of several windows the longest.
        level: the level whose members it sets side by side.
        grain: the period grain that it always shows; None for the one that the reader chose.
        table: the table of `tables.py` that it shows.
        extract: the extract without which it is empty.
        headline: shows the KPI that the catalogue names in a KPI's stead where channels are mixed.

    """

    title: str
    kind: str
    kpis: tuple[str, ...] = ()
    domain: str | None = None
    level: str | None = None
    grain: str | None = None
    table: str | None = None
    extract: str | None = None
    headline: bool = False


@dataclass(frozen=True)
class Page:
    """A page: its file is `<name>.html`, its texts are `page_<name>` and `about_<name>`."""

    name: str
    sections: tuple[Section, ...]


def _numbers(domain: str, extract: str | None = None) -> Section:
    return Section("numbers", "tiles", domain=domain, extract=extract, headline=True)


PAGES = (
    Page(
        "overview",
        (
            Section("headlines", "tiles", HEADLINES, headline=True),
            Section("exceptions", "exceptions", table="exceptions_recent"),
            Section("control_chart", "control_chart", HEADLINES),
            Section("freshness", "freshness", table="landed"),
        ),
    ),
    Page(
        "resolution",
        (
            _numbers("resolution"),
            Section("fcr_windows", "trend", ("fcr_{all}h",)),
            Section("window_curve", "window_curve", table="window_curve"),
            Section("fcr_by", "members", ("fcr_{longest}h",), level="reason"),
            Section("repeats_by_day", "repeats_by_day", table="repeats"),
            Section("repeat_origins", "repeat_origins", table="repeats"),
            Section("chains", "chains", table="chains"),
            Section("fcr_voices", "trend", ("fcr_{longest}h", "fcr_survey", "fcr_disposition"), grain="month"),
            Section("ocr", "trend", ("ocr_{all}h", "ocr_survey")),
        ),
    ),
    Page(
        "accessibility",
        (
            _numbers("accessibility"),
            Section("service_level", "trend", ("service_level",), headline=True),
            Section("by_member", "members", ("service_level",), level="queue"),
            Section("abandonment", "trend", ("abandonment_rate",), headline=True),
            Section("deferred", "trend", ("service_level_deferred", "abandonment_rate_deferred")),
            Section("busy_hours", "busy_hours", table="busy_hours"),
            Section("waits", "waits", table="waits"),
            Section("reconciliation", "reconciliation", table="reconciliation"),
            Section(
                "service_level_variants",
                "trend",
                (
                    "service_level",
                    "service_level_answered_only",
                    "service_level_abandons_missed",
                    "service_level_abandons_met",
                    "service_level_abandons_ignored",
                ),
            ),
            Section("queues_now", "queues_now", table="queues_now"),
        ),
    ),
    Page(
        "handling",
        (
            _numbers("handling"),
            Section("handle_time", "trend", ("aht_seconds", "talk_seconds_avg", "acw_seconds_avg", "hold_seconds_avg")),
            Section("handle_time_by", "members", ("aht_seconds",), level="queue"),
            Section("transfers", "trend", ("transfer_rate", "hold_rate", "ring_no_answer_rate")),
            Section("channel_mix", "mix", ("channel_mix",), level="channel"),
            Section("reason_mix", "mix", ("contact_type_mix",), level="reason"),
        ),
    ),
    Page(
        "workforce",
        (
            _numbers("workforce", "agent_states"),
            Section("time_use", "time_use", table="time_use", extract="agent_states"),
            Section(
                "workforce_rates",
                "trend",
                ("occupancy", "utilization", "schedule_adherence", "schedule_conformance", "shrinkage"),
                extract="agent_states",
            ),
            Section("by_member", "members", ("schedule_adherence",), level="team", extract="schedules"),
            Section("forecast", "forecast", table="forecast", extract="forecasts"),
        ),
    ),
    Page(
        "experience",
        (
            _numbers("experience", "contact_surveys"),
            Section(
                "satisfaction",
                "trend",
                ("csat", "ces", "ownership"),
                grain="rolling_3_months",
                extract="contact_surveys",
            ),
            Section("nps", "trend", ("nps",), extract="contact_surveys"),
            Section("response_rate", "trend", ("survey_response_rate",), extract="contact_surveys"),
            Section("satisfaction_by", "members", ("csat",), level="team", grain="month", extract="contact_surveys"),
            Section("comments", "comments", table="comments", extract="contact_surveys"),
        ),
    ),
    Page(
        "quality",
        (
            _numbers("quality", "evaluations"),
            Section("trend", "trend", ("qa_score",), extract="evaluations"),
            Section("by_member", "members", ("qa_score",), level="team", grain="month", extract="evaluations"),
        ),
    ),
    Page(
        "sales",
        (
            _numbers("sales", "orders"),
            Section("trend", "trend", ("net_sales_per_hour", "gross_sales_per_hour"), extract="orders"),
            Section(
                "sales_plane", "plane", ("gross_sales_per_hour", "average_order_value"), grain="month", extract="orders"
            ),
        ),
    ),
    Page(
        "self_service",
        (
            _numbers("self_service", "ivr_sessions"),
            Section("containment", "trend", ("ivr_containment", "ivr_containment_true"), extract="ivr_sessions"),
            Section("by_member", "members", ("ivr_containment_true",), level="reason", extract="ivr_sessions"),
            Section("automation", "automation", table="automation", extract="ivr_sessions"),
        ),
    ),
    Page(
        "cost",
        (
            _numbers("cost", "operating_costs"),
            Section("trend", "trend", ("cost_per_contact",), extract="operating_costs"),
            Section("by_member", "members", ("cost_per_contact",), level="client", extract="operating_costs"),
        ),
    ),
    Page(
        "cases",
        (
            _numbers("backlog", "cases"),
            Section("backlog", "trend", ("backlog_open_cases",), grain="day", extract="cases"),
            Section("by_member", "members", ("first_response_seconds",), level="reason", extract="cases"),
        ),
    ),
    Page(
        "people",
        (
            _numbers("people", "employee_surveys"),
            Section("trend", "trend", ("enps",), grain="month", extract="employee_surveys"),
            Section("by_member", "members", ("esat",), level="team", grain="month", extract="employee_surveys"),
        ),
    ),
    Page(
        "teams",
        (
            Section("scorecards", "scorecards", table="scorecards"),
            Section("control_chart", "control_chart", OF_PEOPLE, level="team"),
            Section("trade_off_fcr", "plane", ("aht_seconds", "fcr_{longest}h"), grain="month"),
            Section("trade_off_csat", "plane", ("aht_seconds", "csat"), grain="month"),
        ),
    ),
    Page(
        "agent",
        (
            Section("agent_scorecard", "agent_scorecard", table="scorecards"),
            Section(
                "agent_beside_team",
                "agent_beside_team",
                OF_PEOPLE,
                grain="month",
            ),
            Section("control_chart", "control_chart", OF_PEOPLE, level="agent"),
        ),
    ),
    Page(
        "journeys",
        (
            Section("journey_flow", "journey_flow", table="journey_moves"),
            Section("journey_agents", "journey_agents", table="journeys"),
            Section("journey_channels", "journey_channels", table="journeys"),
        ),
    ),
    Page("data_quality", (Section("landed", "landed", table="landed"), Section("gaps", "gaps", table="gaps"))),
    Page("kpis", (Section("numbers", "kpis"),)),
)

# What the page of one KPI shows, under its definition.
KPI_SECTIONS = (
    Section("kpi_trend", "trend"),
    Section("by_member", "members"),
    Section("kpi_exceptions", "kpi_exceptions"),
)

_WINDOW = re.compile(r"_(\d+)h$")


def expand(names: Sequence[str], catalog: Sequence[str]) -> list[str]:
    """Name the KPIs of a declaration that the catalogue has, with the windows that it has."""
    found: list[str] = []
    for name in names:
        head, brace, rest = name.partition("{")
        if not brace:
            found += [name] if name in catalog else []
            continue
        windows = sorted(
            (kpi for kpi in catalog if (window := _WINDOW.search(kpi)) and kpi[: window.start()] == head.rstrip("_")),
            key=lambda kpi: int(_WINDOW.findall(kpi)[0]),
        )
        found += windows[-1:] if rest.startswith("longest") else windows
    return found


def _longest(kpis: Sequence[str]) -> list[str]:
    """Name the KPIs, of those with windows the longest one only."""
    return list(dict.fromkeys(_WINDOW.sub("_{longest}h", kpi) for kpi in kpis))


def sections_of(page: Page, catalog: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the sections of a page with the KPIs of the warehouse, as the page reads them."""
    names = [kpi["kpi"] for kpi in catalog]
    found = []
    for section in page.sections:
        of_domain = [kpi["kpi"] for kpi in catalog if kpi["domain"] == section.domain]
        kpis = expand(section.kpis or _longest(of_domain), names)
        if kpis or not (section.kpis or section.domain):
            found.append({key: value for key, value in asdict(section).items() if value} | {"kpis": kpis})
    return found
