"""What goes wrong ends the command with one clear sentence and its own exit code, and nothing half-landed."""

import gzip
import json
import shutil
from pathlib import Path

import duckdb
import pytest
from conftest import DEMO, run_ccw
from filelock import FileLock

LEGS = "acd/contact_legs.csv"


@pytest.fixture
def extracts(tmp_path: Path) -> Path:
    """The demo's legs and agents, to be damaged."""
    folder = tmp_path / "extracts"
    for file in (LEGS, "wfm/agents.csv"):
        (folder / file).parent.mkdir(parents=True)
        shutil.copy(DEMO / file, folder / file)
    return folder


def landed(folder: Path) -> dict[str, int]:
    """Rows of each raw table that has any."""
    with duckdb.connect(str(folder / "var" / "warehouse.duckdb"), read_only=True) as connection:
        tables = connection.execute("select table_name from duckdb_tables() where schema_name = 'raw'").fetchall()
        counts = {
            table: connection.execute(f"from raw.{table} select count(*)").fetchall()[0][0] for (table,) in tables
        }
    return {table: count for table, count in counts.items() if count}


def land(folder: Path, *options: str) -> tuple[int, str]:
    """Land the extracts; the exit code and what was said."""
    outcome = run_ccw(folder, "land", "--extracts", "extracts", *options)
    return outcome.returncode, outcome.stderr


def test_a_missing_folder(tmp_path: Path) -> None:
    code, said = land(tmp_path)
    assert code == 2
    assert "extracts" in said
    assert "Traceback" not in said


def test_an_empty_file(tmp_path: Path, extracts: Path) -> None:
    (extracts / LEGS).write_text("")
    code, said = land(tmp_path)
    assert code == 1
    assert "Refused: acd/contact_legs.csv is empty" in said
    assert set(landed(tmp_path)) == {"wfm__agents"}


def test_a_wrong_header(tmp_path: Path, extracts: Path) -> None:
    file = extracts / LEGS
    file.write_text(file.read_text().replace("started_at", "begun_at", 1))
    code, said = land(tmp_path)
    assert code == 1
    assert "Refused: acd/contact_legs.csv" in said
    assert "started_at" in said
    assert set(landed(tmp_path)) == {"wfm__agents"}


def test_an_unknown_table(tmp_path: Path, extracts: Path) -> None:
    (extracts / LEGS).rename(extracts / "acd" / "calls.csv")
    code, said = land(tmp_path)
    assert code == 2
    assert "acd/calls.csv" in said
    assert "contact_legs" in said


def test_a_truncated_gzip(tmp_path: Path, extracts: Path) -> None:
    whole = gzip.compress((extracts / LEGS).read_bytes(), mtime=0)
    (extracts / LEGS).unlink()
    (extracts / (LEGS + ".gz")).write_bytes(whole[: len(whole) // 2])
    code, said = land(tmp_path)
    assert code == 1
    assert "Refused: acd/contact_legs.csv.gz" in said
    assert set(landed(tmp_path)) == {"wfm__agents"}


def test_a_parquet_with_other_types(tmp_path: Path, extracts: Path) -> None:
    (extracts / LEGS).unlink()
    target = extracts / "acd" / "contact_legs.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"""
            copy (select * replace (1.5::double as started_at) from read_csv('{DEMO / LEGS}'))
            to '{target}' (format parquet)
        """)
    code, said = land(tmp_path)
    assert code == 1
    assert "Refused: acd/contact_legs.parquet" in said
    assert "started_at" in said
    assert "DOUBLE" in said
    assert set(landed(tmp_path)) == {"wfm__agents"}


def test_a_half_written_last_line(tmp_path: Path, extracts: Path) -> None:
    file = extracts / LEGS
    file.write_text(file.read_text()[:-60])
    code, said = land(tmp_path)
    assert code == 0
    assert "1 rejected" in said
    status = run_ccw(tmp_path, "status").stdout
    assert "half-written" in status


def test_a_duplicate_file(tmp_path: Path, extracts: Path) -> None:
    shutil.copy(extracts / LEGS, extracts / "acd" / "contact_legs.copy.csv")
    code, said = land(tmp_path)
    assert code == 0
    assert "2 files landed, 1 known already" in said


def test_a_value_out_of_range(tmp_path: Path, extracts: Path) -> None:
    lines = (extracts / LEGS).read_text().splitlines()
    position = lines[0].split(",").index("leg_number")
    fields = lines[1].split(",")
    fields[position] = "0"
    (extracts / LEGS).write_text("\n".join([lines[0], ",".join(fields), *lines[2:]]) + "\n")
    code, said = land(tmp_path)
    assert code == 0
    assert "1 rejected" in said
    assert landed(tmp_path)["acd__contact_legs"] == len(lines) - 2
    assert "leg_number" in run_ccw(tmp_path, "status").stdout


def test_too_many_rejected_rows(tmp_path: Path, extracts: Path) -> None:
    file = extracts / LEGS
    file.write_text(file.read_text().replace(",inbound,", ",sideways,"))
    outcome = run_ccw(tmp_path, "run", "--extracts", "extracts")
    assert outcome.returncode == 3
    assert "--max-rejected-share" in outcome.stderr
    assert f"of them in {LEGS.removeprefix('extracts/')}: direction: " in outcome.stderr
    assert "sideways" not in outcome.stderr
    assert not (tmp_path / "var" / "published").exists()
    again = run_ccw(tmp_path, "run", "--extracts", "extracts")
    assert again.returncode == 3, "known files must not slip past the limit on the next run"


def test_the_commonest_reason_is_of_the_lines_that_are_counted(tmp_path: Path, extracts: Path) -> None:
    """Not of what was rejected of the same file before it was corrected."""
    text = (extracts / LEGS).read_text()
    (extracts / LEGS).write_text(text.replace(",inbound,", ",sideways,"))
    assert land(tmp_path)[0] == 3
    header, first, rest = text.split("\n", 2)
    fields = first.split(",")
    fields[header.split(",").index("leg_number")] = "0"
    (extracts / LEGS).write_text("\n".join([header, ",".join(fields), rest]))
    outcome = run_ccw(tmp_path, "land", "--extracts", "extracts", "--max-rejected-share", "0")
    assert f" 1 of them in {LEGS}: leg_number: " in outcome.stderr


@pytest.mark.parametrize("zone", ["Mars/Olympus"])
def test_an_unknown_time_zone_of_a_site(tmp_path: Path, extracts: Path, zone: str) -> None:
    (extracts / "reference").mkdir()
    (extracts / "reference" / "sites.csv").write_text(
        f"site_id,site_name,timezone\ns1,One,{zone}\ns2,Two,Europe/Rome\n"
    )
    code, said = land(tmp_path)
    assert code == 0
    assert "1 rejected" in said
    assert landed(tmp_path)["reference__sites"] == 1
    assert "timezone: … is no IANA time zone" in run_ccw(tmp_path, "status").stdout


def test_an_unknown_time_zone_of_a_source(tmp_path: Path, extracts: Path) -> None:
    for zones, said in (
        ("{acd: Mars/Olympus}", "Mars/Olympus"),
        ("{adc: Europe/Rome}", "adc, which is not declared"),
        ("Europe/Rome", "--source-time-zones must be a YAML mapping such as '{acd: Europe/Bucharest}'"),
    ):
        outcome = run_ccw(tmp_path, "land", "--extracts", "extracts", "--source-time-zones", zones)
        assert outcome.returncode == 2
        assert said in outcome.stderr


def test_an_unknown_time_zone_of_the_settings(tmp_path: Path, extracts: Path) -> None:
    outcome = run_ccw(tmp_path, "run", "--extracts", "extracts", "--vars", "{reporting_timezone: Mars/Olympus}")
    assert outcome.returncode == 2
    assert "reporting_timezone" in outcome.stderr
    assert "Mars/Olympus" in outcome.stderr


def test_extracts_of_ones_own_need_a_key(tmp_path: Path, extracts: Path) -> None:
    outcome = run_ccw(tmp_path, "run", "--extracts", "extracts", key=None)
    assert outcome.returncode == 2
    assert "CCW_PSEUDONYM_KEY" in outcome.stderr


def test_another_run_holds_the_warehouse(tmp_path: Path, extracts: Path) -> None:
    (tmp_path / "var").mkdir()
    with FileLock(tmp_path / "var" / "warehouse.duckdb.lock"):
        code, said = land(tmp_path)
    assert code == 75
    assert "Another run holds the warehouse" in said


def test_a_wrong_option(tmp_path: Path) -> None:
    assert run_ccw(tmp_path, "run", "--as-of", "yesterday", key=None).returncode == 2
    assert run_ccw(tmp_path, "run", "--max-rejected-share", "2", key=None).returncode == 2
    assert run_ccw(tmp_path, "run", "--vars", "[1]", key=None).returncode == 2
    assert run_ccw(tmp_path, "kpi", "fcr_24h").returncode == 2
    assert run_ccw(tmp_path, "status").returncode == 2


def test_a_failing_test_publishes_nothing(tmp_path: Path, extracts: Path) -> None:
    """A calendar that ends before contacts that have landed: a fact then points to no day."""
    assert run_ccw(tmp_path, "land", "--extracts", "extracts").returncode == 0
    outcome = run_ccw(tmp_path, "run", "--extracts", "extracts", "--vars", "{calendar_ends_before: 2026-03-01}")
    assert outcome.returncode == 1
    assert "foreign_keys_fct_contacts" in outcome.stderr
    assert not (tmp_path / "var" / "published" / "current").exists()
    assert "failed" in run_ccw(tmp_path, "status").stdout


def test_log_lines_for_machines(tmp_path: Path, extracts: Path) -> None:
    outcome = run_ccw(tmp_path, "--log-format", "json", "land", "--extracts", "extracts")
    lines = [json.loads(line) for line in outcome.stderr.splitlines()]
    assert lines[-1]["level"] == "info"
    assert lines[-1]["message"].startswith("land: 2 files landed")
