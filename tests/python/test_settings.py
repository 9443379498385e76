"""The project builds under other settings, and refuses illegal ones with a sentence that says what is legal."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from conftest import BIN, DEMO, PROJECT, Run, run_ccw
from dbt.cli.main import dbtRunner

LEGAL_WINDOWS = "fcr_windows_hours must be four different whole hours from 24 to 168, ascending"


def dbt(folder: Path, command: str, dbt_vars: dict[str, object], *options: str) -> subprocess.CompletedProcess[str]:
    """Run dbt on the demo's seeds with a warehouse of its own."""
    return subprocess.run(
        [
            *(
                str(BIN / "dbt"),
                "--no-use-colors",
                "--no-send-anonymous-usage-stats",
                "--log-path",
                str(folder / "logs"),
            ),
            *(command, "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
            *("--target-path", str(folder / "target"), "--vars", json.dumps(dbt_vars), *options),
        ],
        cwd=PROJECT,
        env={**os.environ, "CCW_WAREHOUSE": str(folder / "warehouse.duckdb")},
        capture_output=True,
        text=True,
        check=False,
    )


def parse_error(folder: Path, dbt_vars: dict[str, object]) -> str:
    """What dbt says of settings that it can't parse the project with; in this process, since a start costs seconds."""
    outcome = dbtRunner().invoke(
        [
            *("--quiet", "--no-send-anonymous-usage-stats", "--log-path", str(folder / "logs")),
            *("parse", "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
            *("--target-path", str(folder / "target"), "--vars", json.dumps(dbt_vars)),
        ]
    )
    assert not outcome.success
    return " ".join(str(outcome.exception).split())


@pytest.mark.parametrize(
    ("dbt_vars", "message"),
    [
        ({"fcr_windows_hours": [24, 48, 72]}, LEGAL_WINDOWS),
        ({"fcr_windows_hours": [23, 48, 72, 168]}, LEGAL_WINDOWS),
        ({"fcr_windows_hours": [24, 48, 72, 169]}, LEGAL_WINDOWS),
        ({"fcr_windows_hours": [24, 24, 72, 168]}, LEGAL_WINDOWS),
        ({"fcr_windows_hours": [24, 72, 48, 168]}, LEGAL_WINDOWS),
        ({"fcr_windows_hours": [24, 36.5, 72, 168]}, LEGAL_WINDOWS),
        ({"fcr_windows_hours": "24 48 72 168"}, LEGAL_WINDOWS),
        ({"call_resolution_days": 0}, "call_resolution_days must be a whole number of days, at least 1"),
        ({"self_service_login_days": 0}, "self_service_login_days must be a whole number of days, at least 1"),
        ({"exception_baseline_days": 0}, "exception_baseline_days must be a whole number of days, at least 1"),
        ({"as_of": "yesterday"}, "as_of must be an ISO 8601 timestamp"),
        ({"extracts": "somewhere"}, "extracts must be 'seeds' or 'landed'"),
        ({"technion_bank_enabled": True}, "The demo has no extracts of technion_bank"),
    ],
)
def test_an_illegal_setting_stops_the_compile(tmp_path: Path, dbt_vars: dict[str, object], message: str) -> None:
    assert message in parse_error(tmp_path, dbt_vars)


def test_an_illegal_setting_ends_the_command_with_its_own_exit_code(tmp_path: Path) -> None:
    outcome = run_ccw(tmp_path, "run", "--vars", "{fcr_windows_hours: [1, 2, 3, 4]}", key=None)
    assert outcome.returncode == 2
    assert LEGAL_WINDOWS in outcome.stderr
    assert not (tmp_path / "var" / "published" / "current").exists()


def test_a_setting_that_the_project_does_not_know_is_refused(tmp_path: Path) -> None:
    outcome = run_ccw(tmp_path, "run", "--vars", "{fcr_window_hours: [24, 48, 72, 168]}", key=None)
    assert outcome.returncode == 2
    assert "--vars sets fcr_window_hours, which the project does not know; it knows extracts," in outcome.stderr


def test_landed_extracts_need_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CCW_PSEUDONYM_KEY", raising=False)
    assert "CCW_PSEUDONYM_KEY" in parse_error(tmp_path, {"extracts": "landed"})


@pytest.fixture(scope="module")
def other_windows(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The demo with other windows, another time zone, and a now of its own; unit tests included."""
    folder = tmp_path_factory.mktemp("other")
    outcome = dbt(
        folder,
        "build",
        {
            "fcr_windows_hours": [30, 36, 100, 167],
            "reporting_timezone": "Asia/Bangkok",
            "as_of": "2026-03-20T00:00:00+07:00",
        },
    )
    assert outcome.returncode == 0, outcome.stdout[-3000:]
    return Run(folder, outcome)


def test_columns_and_kpis_take_their_names_from_the_windows(other_windows: Run) -> None:
    database = other_windows.folder / "warehouse.duckdb"
    kpis = {kpi for (kpi,) in other_windows.query("select distinct kpi from marts.kpi_values", database)}
    assert {"fcr_30h", "fcr_same_reason_36h", "repeat_rate_100h", "ocr_167h"} <= kpis
    assert not {"fcr_24h", "ocr_168h"} & kpis
    flags = other_windows.query(
        "select sum(is_head_30h), sum(is_repeated_167h) from marts.fct_contact_resolution", database
    )
    assert all(flag > 0 for flag in flags[0])  # type: ignore[operator]


def test_now_filters_nothing(other_windows: Run, demo: Run) -> None:
    """Contacts after it are there; only what they resolved is not known yet."""
    database = other_windows.folder / "warehouse.duckdb"
    contacts = "select count(*) from marts.fct_contacts"
    assert other_windows.query(contacts, database) == demo.query(contacts)
    late = (
        "select count(*) from marts.fct_contact_resolution where is_mature_30h = 1 and ended_at > '2026-03-18 11:00:00'"
    )
    assert other_windows.query(late, database) == [(0,)]


def test_a_build_of_calls_alone_has_no_kpi_that_reads_0(tmp_path: Path) -> None:
    """Every source but acd switched off: survey and login KPIs are absent, not 0; customers are known by addresses."""
    sources = ("survey", "crm", "wfm", "qa", "finance", "reference")
    outcome = dbt(tmp_path, "build", {f"{source}_enabled": False for source in sources})
    assert outcome.returncode == 0, outcome.stdout[-3000:]
    run, database = Run(tmp_path, outcome), tmp_path / "warehouse.duckdb"
    kpis = {kpi for (kpi,) in run.query("select distinct kpi from marts.kpi_values", database)}
    assert "fcr_24h" in kpis
    assert not {"fcr_survey", "ocr_survey", "self_service_adoption_14d", "self_service_activation_14d"} & kpis
    levels = {level for (level,) in run.query("select distinct level from marts.kpi_values", database)}
    assert levels == {"organization", "client", "agent", "queue", "channel", "reason"}
    methods = run.query("select distinct identity_method from marts.fct_contacts order by all", database)
    assert [method for (method,) in methods] == ["address", "customer_id", "none"]


def test_the_demo_is_there_for_a_bare_build() -> None:
    """A bare `dbt build` reads the same files that `ccw run` lands."""
    assert len(list(DEMO.glob("*/*.csv"))) == 21
