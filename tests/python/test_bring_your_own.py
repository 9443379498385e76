"""The guide to bringing an extract of one's own, done as it says: its files, its one line, and the shorter way."""

import json
import shutil
from collections.abc import Iterator
from contextlib import chdir
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from conftest import PROJECT, SHARED, Run, code_blocks, run_ccw, shared
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from pipelines.settings import DEMO_KEY

BLOCKS = code_blocks(PROJECT / "docs" / "bring-your-own-extract.md")
OWN_FILES = {name: text for name, text in BLOCKS.items() if name.startswith("models/")}
REAL_LOG = "data/pwc_phonenow/pwc_call_center.csv"
LINE = BLOCKS["dbt_project.yml"]

CALLS = """\
id,agent,date,time,topic,caller,answered,resolved,wait_s,satisfaction,talk_s
C01,Ana,2026-03-02,09:00:00,billing,+40721000001,Y,Y,20,5,180
C02,Dan,2026-03-02,09:10:00,network,+40721000002,Y,N,40,2,300
C03,Ana,2026-03-02,10:00:00,network,+40721000003,N,N,60,,
C04,Ana,2026-03-02,11:00:00,billing,+40721000004,N,N,4,,
C05,Dan,2026-03-02,15:00:00,network,+40721000002,Y,Y,10,4,240
C06,Eva,2026-03-03,09:00:00,billing,+40721000005,Y,Y,30,5,120
C07,Eva,2026-03-03,09:30:00,network,,Y,Y,50,,60
C08,Ana,2026-03-03,10:00:00,network,+40721000003,Y,Y,0,3,200
C09,Dan,2026-03-03,23:50:00,billing,+40721000001,Y,Y,90,4,600
C10,Eva,2026-03-04,08:00:00,billing,+40721000006,Y,N,15,1,150
C11,Dan,2026-03-04,09:00:00,network,+40721000006,N,N,45,,
C12,Ana,2026-03-05,12:00:00,billing,+40721000007,Y,Y,25,5,210
"""

# Worked by hand. C03 and C11 gave up; C04 did so within 5 s, which counts nowhere. Of the 9 that were answered, C07 has
# no caller and C05 repeats C02; C08 repeats nothing that was answered. So the first contacts are C01, C02, C06, C08,
# C09, C10 and C12, and C02 and C10 were followed by another one within 24 h.
BY_HAND = {
    "contacts_handled": Fraction(9),
    "abandonment_rate": Fraction(2, 9 + 2),
    "asa_seconds": Fraction(20 + 40 + 10 + 30 + 50 + 0 + 90 + 15 + 25, 9),
    "aht_seconds": Fraction(180 + 300 + 240 + 120 + 60 + 200 + 600 + 150 + 210, 9),
    "csat": Fraction(5, 8),
    "csat_mean": Fraction(5 + 2 + 4 + 5 + 3 + 4 + 1 + 5, 8),
    "fcr_24h": Fraction(7 - 2, 7),
}
OPTIONS = ("--as-of", "2026-03-10T00:00:00Z", "--vars", "{reporting_timezone: Europe/Bucharest}")


def kpis(run: Run, year: int = 2026) -> dict[str, Fraction]:
    """The KPIs worked by hand, over the months of a year."""
    rows = run.query(f"""
        select kpi, sum(numerator), case when kpi = 'contacts_handled' then 1 else sum(denominator) end
        from marts.kpi_values
        where level = 'organization' and period_grain = 'month' and year(period_start) = {year}
        group by kpi
    """)
    return {
        str(kpi): Fraction(str(numerator)) / Fraction(str(denominator))
        for kpi, numerator, denominator in rows
        if kpi in BY_HAND
    }


def copy_project(folder: Path) -> Path:
    """Copy what a run needs of the project."""
    for name in ("macros", "models", "pipelines", "requirements", "seeds", "tests/generic"):
        shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("dbt_project.yml", "profiles.yml", "pyproject.toml"):
        shutil.copy(PROJECT / name, folder)
    return folder


def add_line(project: Path, line: str) -> None:
    """Add a line to the var `sources`."""
    file = project / "dbt_project.yml"
    text = file.read_text(encoding="utf-8")
    assert text.count("\n  sources:\n") == 1
    file.write_text(text.replace("\n  sources:\n", f"\n  sources:\n{line}\n"), encoding="utf-8")


def write(project: Path, files: dict[str, str]) -> None:
    """Write files of the project."""
    for name, text in files.items():
        file = project / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, with the files and the line of the page."""
    folder = copy_project(tmp_path_factory.mktemp("project"))
    write(folder, OWN_FILES)
    add_line(folder, LINE)
    return folder


@pytest.fixture(scope="module")
def helpdesk(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The sheet, brought as the page says, and beside it the real log of ../shared, if it is there."""
    folder = tmp_path_factory.mktemp("helpdesk")
    write(folder, {"mine/helpdesk_sheet/calls.csv": CALLS})
    if (SHARED / REAL_LOG).exists():
        log = (SHARED / REAL_LOG).read_text(encoding="utf-8")
        header = "id,agent,date,time,topic,answered,resolved,asa,sat,talk_s\n"
        assert log.startswith(header)
        renamed = header.replace("asa", "wait_s").replace("sat", "satisfaction")
        write(folder, {"mine/helpdesk_sheet/calls_2021.csv": renamed + log.removeprefix(header)})
    outcome = run_ccw(folder, "run", "--extracts", "mine", *OPTIONS, project=project)
    assert outcome.returncode == 0, outcome.stderr
    return Run(folder, outcome)


def test_the_page_needs_six_files_and_one_line() -> None:
    assert len(OWN_FILES) <= 6
    assert all("helpdesk_sheet" in file for file in OWN_FILES)
    assert len(LINE.splitlines()) == 1


def test_the_page_shows_the_sheet() -> None:
    assert CALLS.startswith(BLOCKS["helpdesk_sheet/calls.csv"])


def test_the_sheet_gives_the_kpis_worked_by_hand(helpdesk: Run) -> None:
    assert kpis(helpdesk) == BY_HAND


def test_the_same_files_take_a_real_log(helpdesk: Run) -> None:
    """5,000 calls of a telecom's call centre: two columns have other names, and nobody is identified."""
    shared(REAL_LOG)
    contacts = "select count(*), sum(is_handled) from marts.fct_contacts where year(started_at) = 2021"
    assert helpdesk.query(contacts) == [(5000, 4054)]
    values = kpis(helpdesk, 2021)
    assert values["contacts_handled"] == 4054
    assert float(values["asa_seconds"]) == pytest.approx(67.52, abs=0.005)
    assert float(values["csat_mean"]) == pytest.approx(3.40, abs=0.005)


# Kinds whose readers follow a column besides the key, which their model then records, as the page says.
FOLLOWED = {
    "account_logins": ["account_number"],
    "cases": ["customer_id"],
    "contact_surveys": ["contact_id"],
    "orders": ["contact_id"],
}
MODEL_TYPES = {"text": "string", "integer": "bigint", "number": "decimal(18,6)"}
KINDS = sorted(file.parent.name for file in PROJECT.glob("models/intermediate/*/int_*__unioned.sql"))


def own_extracts() -> dict[str, dict[str, Any]]:
    """The extract in the warehouse's own format of each kind of record, as it is declared."""
    files = PROJECT.glob("models/staging/*/_*__sources.yml")
    sources = [source for file in files for source in yaml.safe_load(file.read_text("utf-8"))["sources"]]
    extracts = {table["name"]: table for source in sources for table in source["tables"]}
    return {kind: extracts["ivr_sessions" if kind == "self_service_sessions" else kind] for kind in KINDS}


def value(column: dict[str, Any]) -> str:
    """A legal value of a declared column."""
    rules = column.get("config", {}).get("meta", {})
    if column["name"] == "currency":
        return "EUR"
    if "format" in rules:
        return "Europe/Bucharest"
    numbers = {"integer": str(rules.get("min", 1)), "number": "1", "boolean": "true"}
    times = {"date": "2025-03-01", "timestamp": "2025-03-03T07:00:00Z"}
    return str(rules.get("values", [(numbers | times).get(column["data_type"], f"a {column['name']}")])[0])


def source_of_all_kinds() -> tuple[dict[str, str], dict[str, str], str]:
    """A vendor that brings every kind, with the required columns only: models, extracts of a row, and the line."""
    files, rows, tables, staged, conformed = {}, {}, [], [], []
    for kind, extract in own_extracts().items():
        followed = FOLLOWED.get(kind, [])
        columns = [
            column
            for column in extract["columns"]
            if column["name"] in followed or column.get("config", {}).get("meta", {}).get("required")
        ]
        # A part of the key that may be empty is no required column.
        key: Any = [name for name in extract["config"]["meta"]["key"] if name in {column["name"] for column in columns}]
        described = [
            {"name": column["name"], "data_type": MODEL_TYPES.get(column["data_type"], column["data_type"])}
            for column in columns
        ]
        config: dict[str, Any] = {"materialized": "incremental_by_key", "unique_key": key}
        config |= {"meta": {"incremental": {"records": [*key, *followed]}}}
        table = {"name": f"{kind}_log", "identifier": f"vendor__{kind}_log", "columns": columns}
        tables.append(table | {"config": {"meta": {"key": key}}})
        staged.append({"name": f"stg_vendor__{kind}_log", "columns": described})
        conformed.append({"name": f"int_vendor__{kind}", "columns": described, "config": config if followed else {}})
        files[f"models/staging/vendor/stg_vendor__{kind}_log.sql"] = (
            f"{{{{ current_records('vendor', '{kind}_log') }}}}"
        )
        files[f"models/intermediate/vendor/int_vendor__{kind}.sql"] = (
            f"select * from {{{{ ref('stg_vendor__{kind}_log') }}}}"
        )
        header, row = ",".join(column["name"] for column in columns), ",".join(map(value, columns))
        rows[f"mine/vendor/{kind}_log.csv"] = f"{header}\n{row}\n"
    source = {"name": "vendor", "schema": "raw", "tables": tables}
    files["models/staging/vendor/_vendor__sources.yml"] = yaml.safe_dump({"sources": [source]})
    files["models/staging/vendor/_vendor__models.yml"] = yaml.safe_dump({"models": staged})
    files["models/intermediate/vendor/_vendor__int_models.yml"] = yaml.safe_dump({"models": conformed})
    line = f"    vendor: {{extracts: [{', '.join(f'{kind}_log' for kind in KINDS)}], records: [{', '.join(KINDS)}]}}"
    return files, rows, line


@pytest.fixture(scope="module")
def all_kinds(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A row of each kind from a vendor, and beside them what the shorter way writes."""
    folder, project = tmp_path_factory.mktemp("all_kinds"), copy_project(tmp_path_factory.mktemp("project"))
    files, rows, line = source_of_all_kinds()
    write(project, files)
    add_line(project, line)
    write(folder, {"calls.csv": CALLS, **rows, "mine/acd/README": "", "mine/survey/README": ""})
    with chdir(folder), duckdb.connect() as connection:
        connection.execute(BLOCKS["write_extracts.sql"])
    outcome = run_ccw(folder, "run", "--extracts", "mine", *OPTIONS, project=project)
    assert outcome.returncode == 0, outcome.stderr
    return Run(folder, outcome)


def test_the_shorter_way_gives_the_same(all_kinds: Run) -> None:
    assert kpis(all_kinds) == BY_HAND


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_record_can_be_brought(all_kinds: Run, kind: str) -> None:
    brought = f"select count(*) from intermediate.int_{kind}__unioned where source = 'vendor'"
    assert all_kinds.query(brought, all_kinds.warehouse) == [(1,)]


def test_a_record_is_counted_in_the_extract_that_it_came_in(all_kinds: Run) -> None:
    """The contact and the session in their own extracts, though the line names twenty."""
    unidentified = """
        select "table" from marts.data_quality where source = 'vendor' and unidentified is not null order by all
    """
    assert all_kinds.query(unidentified) == [("contact_legs_log",), ("self_service_sessions_log",)]


SHEET_IS_ON = ("--vars", "{extracts: landed, helpdesk_sheet_enabled: true}")


class Compiler:
    """dbt in this process, on a copy of the project that is parsed once."""

    def __init__(self, project: Path, folder: Path) -> None:
        """Parse the project; `folder` takes dbt's files."""
        self._options = [
            *("--project-dir", str(project), "--profiles-dir", str(project), "--target-path", str(folder / "target")),
            *("--log-path", str(folder / "logs")),
        ]
        parsed = dbtRunner().invoke(["--quiet", "parse", *self._options, *SHEET_IS_ON])
        assert parsed.success, parsed.exception
        assert isinstance(parsed.result, Manifest)
        self.manifest = parsed.result
        self.models = {node.name: node for node in self.manifest.nodes.values()}

    def error(self, *command: str) -> str:
        """What a command says that fails."""
        self.manifest.build_flat_graph()
        outcome = dbtRunner(manifest=self.manifest).invoke(["--quiet", *command, *self._options])
        assert not outcome.success
        results = getattr(outcome.result, "results", [])
        return " ".join([str(outcome.exception), *(str(result.message) for result in results)])


@pytest.fixture(scope="module")
def compiler(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compiler]:
    """The copy of the project with the page's files, parsed."""
    folder = tmp_path_factory.mktemp("compiler")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CCW_WAREHOUSE", str(folder / "warehouse.duckdb"))
        patch.setenv("CCW_PSEUDONYM_KEY", DEMO_KEY)
        yield Compiler(project, folder)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (None, ["The source helpdesk_sheet has no line: add one to the var sources in dbt_project.yml"]),
        ({"extracts": ["sheets"]}, ["_helpdesk_sheet__sources.yml declares calls, which the line of helpdesk_sheet"]),
        (
            {"extracts": ["calls", "sheets"]},
            ["No extract helpdesk_sheet.sheets is declared: declare it in models/staging/helpdesk_sheet/"],
        ),
        (
            {"extracts": ["calls"], "records": ["contact_leg"]},
            ["brings contact_leg, which is no kind of record: name one of account_logins, agent_states,"],
        ),
        (
            {"extracts": ["calls"], "records": ["contact_legs"]},
            ["int_helpdesk_sheet__contact_surveys.sql brings contact_surveys", "add it there to records"],
        ),
    ],
)
def test_dbt_alone_names_a_slip_in_the_line(
    compiler: Compiler, capsys: pytest.CaptureFixture[str], line: dict[str, Any] | None, named: list[str]
) -> None:
    sources = yaml.safe_load((PROJECT / "dbt_project.yml").read_text("utf-8"))["vars"]["sources"]
    given = json.dumps({"sources": sources | ({"helpdesk_sheet": line} if line else {})})
    compiler.error("run-operation", "check_sources", "--vars", given)
    message = capsys.readouterr().out
    assert all(text in message for text in named), message


@pytest.mark.parametrize(
    ("column", "becomes", "named"),
    [
        ("started_at", None, "has no started_at, which every record of contact_legs must have: add it to"),
        ("end_reason", {"name": "ending"}, "has ending, which records of contact_legs do not have: rename it"),
        ("leg_number", {"data_type": "integer"}, "has leg_number as integer, but in records of contact_legs it is"),
    ],
)
def test_a_column_that_does_not_fit_is_named(
    compiler: Compiler, monkeypatch: pytest.MonkeyPatch, column: str, becomes: dict[str, str] | None, named: str
) -> None:
    columns = compiler.models["int_helpdesk_sheet__contact_legs"].columns
    original = columns[column]
    monkeypatch.delitem(columns, column)
    if becomes:
        changed = original.replace(**becomes)
        monkeypatch.setitem(columns, changed.name, changed)
    message = compiler.error("compile", "--select", "int_contact_legs__unioned", *SHEET_IS_ON)
    assert f"int_helpdesk_sheet__contact_legs {named}" in message
    assert "models/intermediate/helpdesk_sheet/int_helpdesk_sheet__contact_legs.sql and models/" in message
