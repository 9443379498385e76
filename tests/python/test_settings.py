"""The project builds under other settings, and refuses illegal ones with a sentence that says what is legal."""

import json
from pathlib import Path

import pytest
import yaml
from conftest import DEMO, PROJECT, Run, built, dbt_build, run_ccw
from dbt.cli.main import dbtRunner

from pipelines.build.project_vars import ProjectVars, check_vars, project_vars
from pipelines.build.run_dbt import has_phone_country
from pipelines.errors import UsageError
from pipelines.settings import RunSettings

LEGAL_WINDOWS = "fcr_windows_hours must be four different whole hours from 24 to 168, ascending"


def parse_error(folder: Path, dbt_vars: dict[str, object], *command: str) -> str:
    """What dbt says of settings that it can't parse the project with; in this process, since a start costs seconds."""
    outcome = dbtRunner().invoke(
        [
            *("--quiet", "--no-send-anonymous-usage-stats", "--log-path", str(folder / "logs")),
            *(command or ("parse",)),
            *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
            *("--target-path", str(folder / "target"), "--vars", json.dumps(dbt_vars)),
        ]
    )
    assert not outcome.success
    said = [outcome.exception, *(each.message for each in outcome.result or [])] if command else [outcome.exception]
    return " ".join(" ".join(map(str, said)).split())


# What dbt alone and `ccw` refuse alike: dbt by the macros of macros/settings, `ccw` by ProjectVars.
ILLEGAL: list[tuple[dict[str, object], str]] = [
    ({"fcr_windows_hours": [24, 48, 72]}, LEGAL_WINDOWS),
    ({"fcr_windows_hours": [23, 48, 72, 168]}, LEGAL_WINDOWS),
    ({"fcr_windows_hours": [24, 48, 72, 169]}, LEGAL_WINDOWS),
    ({"fcr_windows_hours": [24, 24, 72, 168]}, LEGAL_WINDOWS),
    ({"fcr_windows_hours": [24, 72, 48, 168]}, LEGAL_WINDOWS),
    ({"fcr_windows_hours": [24, 36.5, 72, 168]}, LEGAL_WINDOWS),
    ({"fcr_windows_hours": "24 48 72 168"}, LEGAL_WINDOWS),
    ({"call_resolution_days": 0}, "call_resolution_days must be a whole number of days, at least 1"),
    ({"self_service_login_days": 0}, "self_service_login_days must be a whole number of days, at least 1"),
    ({"qa_auto_fail_scores_zero": "no"}, "qa_auto_fail_scores_zero must be true or false"),
    ({"reversal_days": -1}, "reversal_days must be a whole number of days, at least 1"),
    ({"reporting_currency": "euro"}, "reporting_currency must be the ISO 4217 code of a currency"),
    ({"phone_country": "England"}, "must be the ISO 3166 code of a country"),
    ({"customer_id_attribute": 'a"b'}, "must be the name of a contact attribute, such as customerId"),
    ({"reason_code_attribute": 'a"b'}, "reason_code_attribute must be the name of a contact attribute"),
    ({"presence_states": {"b1a2": 5}}, "presence_states must be a mapping of ids of presences in quotes to states"),
    ({"sales_roles": "sales"}, "sales_roles must be a list of roles"),
    ({"publish_agent_names": "yes"}, "publish_agent_names must be true or false"),
    ({"comment_word_min_customers": 1}, "comment_word_min_customers must be a whole number of customers, at least 2"),
    ({"queue_assignment_days": 0}, "queue_assignment_days must be a whole number of days, at least 1"),
    ({"exception_baseline_periods": 0}, "exception_baseline_periods must be a whole number of periods, at least 1"),
    ({"as_of": "yesterday"}, "as_of must be an ISO 8601 timestamp"),
    ({"unended_call_hours": 0}, "unended_call_hours must be a whole number of hours, at least 1"),
    ({"extension_pattern": ""}, "extension_pattern must be a regular expression of the centre's own phones"),
    ({"exit_key_reasons": {"1": "answered"}}, "exit_key_reasons must be a mapping of keys in quotes to ends of a wait"),
    ({"wrap_up_pause_reasons": "wrap-up"}, "wrap_up_pause_reasons must be a list of reasons"),
]


@pytest.mark.parametrize(
    ("dbt_vars", "message"),
    [
        *ILLEGAL,
        ({"qa_auto_fail_scores_zero": "no"}, "qa_auto_fail_scores_zero must be true or false; it is no"),
        ({"extracts": "somewhere"}, "extracts must be 'seeds' or 'landed'"),
        ({"technion_bank_enabled": True}, "The demo has no extracts of technion_bank"),
    ],
)
def test_an_illegal_setting_stops_the_compile(tmp_path: Path, dbt_vars: dict[str, object], message: str) -> None:
    assert message in parse_error(tmp_path, dbt_vars)


@pytest.mark.parametrize(
    ("dbt_vars", "message"),
    [
        *ILLEGAL,
        (
            {"call_resolution_days": 0},
            "call_resolution_days must be a whole number of days, at least 1; in --vars it is 0",
        ),
        ({"survey_answer_days": 1.5}, "survey_answer_days must be a whole number of days"),
        ({"self_service_login_days": True}, "self_service_login_days must be a whole number of days"),
        ({"reporting_currency": "EUX"}, "reporting_currency must be the ISO 4217 code of a currency"),
        ({"phone_country": "UK"}, "phone_country must be the ISO 3166 code of a country"),
        ({"exit_key_reasons": {1: "voicemail"}}, "exit_key_reasons must be a mapping of keys in quotes"),
        ({"customer_id_attribute": 5}, "must be the name of a contact attribute, such as customerId"),
        ({"publish_agent_names": 1}, "publish_agent_names must be true or false"),
        ({"exception_baseline_periods": "56"}, "exception_baseline_periods must be a whole number of periods"),
        ({"shared_address_max_customers": 0}, "shared_address_max_customers must be a whole number of customers"),
        ({"default_service_level_seconds": -1}, "default_service_level_seconds must be a whole number of seconds"),
        ({"default_service_level_target": 80}, "default_service_level_target must be a share from 0 to 1"),
        ({"default_short_abandon_seconds": None}, "default_short_abandon_seconds must be a whole number of seconds"),
        ({"reporting_timezone": "Europe/Bukarest"}, "'Europe/Bukarest'. Did you mean Europe/Bucharest?"),
        ({"sources": {"acd": ["contact_legs"]}}, "sources must be a mapping of sources to lines"),
        ({"calendar_starts_on": "1.1.1990"}, "calendar_starts_on must be a date such as 1990-01-01"),
        ({"calendar_ends_before": "1990-01-01"}, "calendar_starts_on must be before calendar_ends_before"),
        ({"acd_enabled": "false"}, "acd_enabled must be true or false"),
        ({"extracts": "seeds"}, "extracts is for ccw alone to set"),
        ({"instances": {}}, "instances is for ccw alone to set"),
        ({"checked_after_load": 1}, "checked_after_load is for ccw alone to set"),
        ({"fcr_window_hours": [24]}, "--vars sets fcr_window_hours, which the project does not know; did you mean fcr"),
        (
            {"nonsense": 1},
            "--vars sets nonsense, which the project does not know; it knows account_number_attribute, acd_enabled, "
            "amazon_connect_enabled, as_of,",
        ),
    ],
)
def test_an_illegal_setting_is_refused_with_what_is_legal(dbt_vars: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError) as refused:
        check_vars(dbt_vars)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    "dbt_vars",
    [
        {},
        {"fcr_windows_hours": [24, 25, 167, 168]},
        {"as_of": "2026-03-20T00:00:00+07:00", "reporting_timezone": "Asia/Bangkok", "reporting_currency": "CHF"},
        yaml.safe_load("{as_of: 2026-03-20, calendar_starts_on: 2000-01-01, calendar_ends_before: '2030-01-01'}"),
        yaml.safe_load("{as_of: 2026-03-20T10:00:00Z, phone_country: GB, acd_enabled: false}"),
        {
            "exit_key_reasons": {"1": "callback_requested"},
            "wrap_up_pause_reasons": ["wrap-up"],
            "unended_call_hours": 1,
            "presence_states": {"b1a2": "system_down"},
        },
        {"default_service_level_target": 1, "default_short_abandon_seconds": 0, "sales_roles": []},
    ],
)
def test_a_legal_setting_is_taken(dbt_vars: dict[str, object]) -> None:
    check_vars(dbt_vars)


def test_several_illegal_settings_are_told_of_at_once() -> None:
    with pytest.raises(UsageError, match=r"(?s)nonsense.*call_resolution_days.*reporting_currency"):
        check_vars({"reporting_currency": "euro", "call_resolution_days": 0, "nonsense": 1})


def test_every_var_of_the_project_says_what_it_may_be() -> None:
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    assert set(project["vars"]) == set(ProjectVars.model_fields)
    assert all(field.description for field in ProjectVars.model_fields.values())


def test_an_illegal_setting_ends_the_command_before_anything_lands(tmp_path: Path) -> None:
    """In one sentence of ours, with no word of dbt's; whichever the command is."""
    for command in ("run", "land", "watch"):
        outcome = run_ccw(tmp_path, command, "--vars", "{fcr_windows_hours: [1, 2, 3, 4]}", key=None)
        assert outcome.returncode == 2
        assert outcome.stderr.count(LEGAL_WINDOWS) == 1
        assert len(outcome.stderr.splitlines()) == 1
        assert not (tmp_path / "var").exists()


def test_landed_phone_numbers_need_a_country() -> None:
    sources = project_vars()["sources"]
    of_a_source = sources | {"acd": sources["acd"] | {"phone_country": "DK"}}
    assert not has_phone_country(RunSettings())
    assert has_phone_country(RunSettings(dbt_vars={"phone_country": "GB"}))
    assert has_phone_country(RunSettings(dbt_vars={"sources": of_a_source}))


def test_phone_numbers_without_a_country_are_warned_of(demo: Run, awkward: Run) -> None:
    """Not those of the demo."""
    assert "No phone_country is set" not in demo.outcome.stderr
    assert "No phone_country is set" in awkward.outcome.stderr


def test_landed_extracts_need_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CCW_PSEUDONYM_KEY", raising=False)
    monkeypatch.setenv("CCW_WAREHOUSE", str(tmp_path / "warehouse.duckdb"))
    said = parse_error(tmp_path, {"extracts": "landed"}, "build", "--select", "int_identity__pseudonym_key")
    assert "set the environment variable CCW_PSEUDONYM_KEY" in said


@pytest.fixture(scope="module")
def other_windows(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The demo with other windows, another time zone and currency, and a now of its own; unit tests included."""
    folder = tmp_path_factory.mktemp("other")
    return built(
        folder,
        {
            "fcr_windows_hours": [30, 36, 100, 167],
            "reporting_timezone": "Asia/Bangkok",
            "as_of": "2026-03-20T00:00:00+07:00",
            "reporting_currency": "USD",
            "sales_roles": ["sales"],
            "publish_agent_names": True,
        },
    )


def test_columns_and_kpis_take_their_names_from_the_windows(other_windows: Run) -> None:
    database = other_windows.folder / "warehouse.duckdb"
    kpis = {kpi for (kpi,) in other_windows.query("select distinct kpi from marts.kpi_values", database)}
    assert {"fcr_30h", "fcr_same_reason_36h", "repeat_rate_100h", "ocr_167h"} <= kpis
    assert not {"fcr_24h", "ocr_168h"} & kpis
    flags = other_windows.query(
        "select sum(is_head_30h), sum(is_repeated_167h) from marts.fct_contact_resolution", database
    )
    assert all(flag > 0 for flag in flags[0])  # type: ignore[operator]


def test_agents_have_names_if_the_setting_lets_them(other_windows: Run, demo: Run) -> None:
    """Members of other levels have names in any case."""
    names = """
        select level_id, level_name from marts.kpi_values
        where level_id in ('A0001', 'mobile-chat', 'all') and level in ('agent', 'queue', 'organization')
        group by all order by all
    """
    others = [("all", "All"), ("mobile-chat", "Mobile chat")]
    database = other_windows.folder / "warehouse.duckdb"
    assert other_windows.query(names, database) == [("A0001", "Agent 0001"), *others]
    assert demo.query(names) == [("A0001", "A0001"), *others]


def test_now_filters_nothing(other_windows: Run, demo: Run) -> None:
    """Contacts after it are there; only what they resolved is not known yet."""
    database = other_windows.folder / "warehouse.duckdb"
    contacts = "select count(*) from marts.fct_contacts"
    assert other_windows.query(contacts, database) == demo.query(contacts)
    late = (
        "select count(*) from marts.fct_contact_resolution where is_mature_30h = 1 and ended_at > '2026-03-18 11:00:00'"
    )
    assert other_windows.query(late, database) == [(0,)]


def test_amounts_are_in_the_reporting_currency(other_windows: Run, demo: Run) -> None:
    """A dollar stays a dollar; what another currency is worth is what it is in the demo, over the month's dollar."""
    database = other_windows.folder / "warehouse.duckdb"
    rates = "select distinct date_day, booked_currency, exchange_rate from marts.fct_operating_costs"
    in_euro = {(month, currency): float(rate) for month, currency, rate in demo.query(rates)}  # type: ignore[arg-type]
    in_dollars = other_windows.query(rates, database)
    assert {currency for _, currency, _ in in_dollars} == {"EUR", "RON", "USD"}
    for month, currency, rate in in_dollars:
        assert float(rate) == pytest.approx(in_euro[month, currency] / in_euro[month, "USD"])  # type: ignore[arg-type]
    kept = "select count(*) from marts.fct_orders where order_currency = 'USD' and exchange_rate != 1"
    assert other_windows.query(kept, database) == [(0,)]


def test_who_does_not_sell_is_flagged_and_stays(other_windows: Run, demo: Run) -> None:
    orders = "select count(*), sum(is_sales_role) from marts.fct_orders"
    all_orders, all_sales = demo.query(orders)[0]
    kept, sales = other_windows.query(orders, other_windows.folder / "warehouse.duckdb")[0]
    assert kept == all_orders == all_sales
    assert 0 < sales < all_sales  # type: ignore[operator]


def test_a_missing_rate_stops_the_build_and_is_named(other_windows: Run) -> None:
    settings: dict[str, object] = {"reporting_timezone": "Asia/Bangkok", "reporting_currency": "CHF"}
    models = ("int_exchange_rates__needed", "int_exchange_rates__used")
    outcome = dbt_build(other_windows.folder, settings, "--select", *models)
    assert outcome.returncode != 0
    assert "Exchange rates are missing: CHF for 2026-02, CHF for 2026-03, CHF for 2026-04." in outcome.stdout


def test_the_demo_is_there_for_a_bare_build() -> None:
    """A bare `dbt build` reads the same files that `ccw run` lands."""
    assert len(list(DEMO.glob("*/*.csv"))) == 21
