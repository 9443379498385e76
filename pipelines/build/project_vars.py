"""The vars of dbt_project.yml: what each may be. What is set is checked before anything lands, in one sentence."""

import csv
from collections.abc import Mapping
from datetime import date, datetime
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

import yaml
from babel.numbers import is_currency
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from pipelines.errors import UsageError
from pipelines.settings import PROJECT_DIR

# What `ccw` sets itself: other values would contradict what has landed.
SET_BY_CCW = ("extracts", "instances", "checked_after_load")

_SWITCH = "_enabled"


def _different_and_ascending(hours: list[int]) -> list[int]:
    if hours != sorted(set(hours)):
        raise ValueError("not ascending")
    return hours


def _time_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("no time zone")
    return name


def _currency(code: str) -> str:
    if not is_currency(code):
        raise ValueError("no currency")
    return code


@cache
def _countries() -> frozenset[str]:
    with (PROJECT_DIR / "seeds" / "settings" / "phone_countries.csv").open(encoding="utf-8", newline="") as file:
        return frozenset(row["country"] for row in csv.DictReader(file))


def _country(code: str) -> str:
    if code and code not in _countries():
        raise ValueError("no country")
    return code


def _instant(given: str | date | datetime) -> str | date | datetime:
    if isinstance(given, str) and given:
        datetime.fromisoformat(given)
    return given


def _day(given: str | date) -> date:
    return date.fromisoformat(given) if isinstance(given, str) else given


WholeDays = Annotated[int, Field(ge=1, description="a whole number of days, at least 1")]
Seconds = Annotated[int, Field(ge=0, description="a whole number of seconds, at least 0")]
Switch = Annotated[bool, Field(description="true or false")]
Day = Annotated[str | date, AfterValidator(_day), Field(description="a date such as 1990-01-01")]
ContactAttribute = Annotated[
    str,
    Field(pattern='^[^"]*$', description="the name of a contact attribute, such as customerId, or empty"),
]
Country = Annotated[
    str,
    AfterValidator(_country),
    Field(description="the ISO 3166 code of a country that the seed phone_countries has, such as GB, or empty"),
]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class SourceLine(_Strict):
    """The line of a source in the var `sources`."""

    extracts: list[str]
    records: list[str] = Field(default_factory=list)
    phone_country: Country = ""


class ProjectVars(_Strict):
    """The vars, each with what it may be; a var's description completes the sentence "it must be …"."""

    extracts: Annotated[Literal["seeds", "landed"], Field(description="'seeds' or 'landed'")]
    sources: Annotated[
        dict[str, SourceLine],
        Field(description="a mapping of sources to lines such as {extracts: [calls], records: [contact_legs]}"),
    ]
    instances: Annotated[dict[str, list[str]], Field(description="a mapping such as {acd: [berlin, munich]}")]
    checked_after_load: Annotated[int, Field(ge=0, description="the number of a load, at least 0")]
    as_of: Annotated[
        str | date | datetime,
        AfterValidator(_instant),
        Field(description="an ISO 8601 timestamp such as 2026-04-10T00:00:00Z, or empty"),
    ]
    reporting_timezone: Annotated[
        str,
        AfterValidator(_time_zone),
        Field(description="the IANA name of a time zone, such as Europe/Bucharest"),
    ]
    fcr_windows_hours: Annotated[
        list[Annotated[int, Field(ge=24, le=168)]],
        Field(
            min_length=4,
            max_length=4,
            description="four different whole hours from 24 to 168, ascending, such as [24, 48, 72, 168]",
        ),
        AfterValidator(_different_and_ascending),
    ]
    call_resolution_days: WholeDays
    survey_answer_days: WholeDays
    self_service_login_days: WholeDays
    qa_auto_fail_scores_zero: Switch
    reversal_days: WholeDays
    sales_roles: Annotated[list[str], Field(description="a list of roles, such as [sales], or [] for all")]
    reporting_currency: Annotated[
        str, AfterValidator(_currency), Field(description="the ISO 4217 code of a currency, such as EUR")
    ]
    queue_assignment_days: WholeDays
    exception_baseline_periods: Annotated[int, Field(ge=1, description="a whole number of periods, at least 1")]
    shared_address_max_customers: Annotated[int, Field(ge=1, description="a whole number of customers, at least 1")]
    comment_word_min_customers: Annotated[int, Field(ge=2, description="a whole number of customers, at least 2")]
    phone_country: Country
    unended_call_hours: Annotated[int, Field(ge=1, description="a whole number of hours, at least 1")]
    extension_pattern: Annotated[
        str,
        Field(
            pattern="^[^']+$",
            description="a regular expression of the centre's own phones, such as ^[0-9]{2,6}$",
        ),
    ]
    exit_key_reasons: Annotated[
        dict[
            str,
            Literal["abandoned", "callback_requested", "closed", "no_agents", "overflowed", "timed_out", "voicemail"],
        ],
        Field(
            description="a mapping of keys in quotes to ends of a wait, such as {'1': callback_requested, '2': "
            "voicemail}, each of abandoned, callback_requested, closed, no_agents, overflowed, timed_out, voicemail"
        ),
    ]
    wrap_up_pause_reasons: Annotated[
        list[str], Field(description="a list of reasons, such as [wrap-up], or [] for none")
    ]
    customer_id_attribute: ContactAttribute
    account_number_attribute: ContactAttribute
    client_id_attribute: ContactAttribute
    reason_code_attribute: ContactAttribute
    resolution_code_attribute: ContactAttribute
    presence_states: Annotated[
        dict[str, str],
        Field(description="a mapping of ids of presences in quotes to states of agents, such as {'b1a2': system_down}"),
    ]
    publish_agent_names: Switch
    default_service_level_seconds: Seconds
    default_service_level_target: Annotated[float, Field(ge=0, le=1, description="a share from 0 to 1, such as 0.8")]
    default_short_abandon_seconds: Seconds
    calendar_starts_on: Day
    calendar_ends_before: Day


def project_vars() -> dict[str, Any]:
    """The vars of dbt_project.yml, and the switch of each source that it lists; a vendor's own format is off."""
    project = yaml.safe_load((PROJECT_DIR / "dbt_project.yml").read_text(encoding="utf-8"))
    dbt_vars: dict[str, Any] = project["vars"]
    return dbt_vars | {switch_of(source): "records" not in line for source, line in dbt_vars["sources"].items()}


def switch_of(source: str) -> str:
    """The var that switches a source on or off."""
    return f"{source}{_SWITCH}"


def check_vars(given: Mapping[str, Any]) -> None:
    """Make sure that the vars of dbt_project.yml, and over them those that the user gives, are what they may be.

    Raises:
        UsageError: one is not, or the project does not know it; the sentence names all such vars.

    """
    known = project_vars()
    problems = [_unknown(name, known) for name in given if name not in known]
    problems += [f"{name} is for ccw alone to set: leave it out of --vars." for name in given if name in SET_BY_CCW]
    given = {name: value for name, value in given.items() if name in known and name not in SET_BY_CCW}
    dbt_vars = known | given
    switches = {name for name in dbt_vars if name not in ProjectVars.model_fields and name.endswith(_SWITCH)}
    problems += [
        _illegal(name, "true or false", given, dbt_vars[name])
        for name in sorted(switches)
        if not isinstance(dbt_vars[name], bool)
    ]
    try:
        checked = ProjectVars.model_validate({name: dbt_vars[name] for name in dbt_vars.keys() - switches})
    except ValidationError as error:
        names = dict.fromkeys(str(each["loc"][0]) for each in error.errors())
        problems += [
            _illegal(name, ProjectVars.model_fields[name].description or "", given, dbt_vars[name]) for name in names
        ]
    else:
        if str(checked.calendar_starts_on) >= str(checked.calendar_ends_before):
            problems.append(
                f"calendar_starts_on must be before calendar_ends_before; they are {checked.calendar_starts_on} and "
                f"{checked.calendar_ends_before}."
            )
    if problems:
        raise UsageError(" ".join(problems))


def _unknown(name: str, known: Mapping[str, Any]) -> str:
    close = get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"it knows {', '.join(sorted(set(known) - set(SET_BY_CCW)))}."
    return f"--vars sets {name}, which the project does not know; {hint}"


def _illegal(name: str, legal: str, given: Mapping[str, Any], value: Any) -> str:
    where = "--vars" if name in given else "dbt_project.yml"
    hint = ""
    if name == "reporting_timezone" and (close := get_close_matches(str(value), available_timezones(), n=1)):
        hint = f" Did you mean {close[0]}?"
    return f"{name} must be {legal}; in {where} it is {value!r}.{hint}"
