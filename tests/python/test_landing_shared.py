"""Landing real and difficult extracts that lie beside the repository, where they are present."""

import csv
import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.landing import LandReport, land
from pipelines.landing.declarations import load_declarations

REPOSITORY = Path(__file__).parents[2]
SHARED = REPOSITORY.parent / "shared"
BANK = SHARED / "data" / "technion_bank"
AWKWARD = SHARED / "cases" / "awkward" / "extracts"


def land_folder(connection: duckdb.DuckDBPyConnection, extracts: Path) -> LandReport:
    """Land a folder with the project's own declarations."""
    return land(connection, extracts, load_declarations(REPOSITORY), run_id="run", now=datetime.now(UTC))


@pytest.mark.skipif(not BANK.is_dir(), reason="the bank's call log is not beside the repository")
def test_every_line_of_the_banks_log_lands_and_gives_the_published_figures(tmp_path: Path) -> None:
    (tmp_path / "technion_bank").mkdir()
    shutil.copy(BANK / "calls_1999_02.tsv", tmp_path / "technion_bank")
    with duckdb.connect() as connection:
        report = land_folder(connection, tmp_path)
        assert (report.lines, report.loaded, report.rejected) == (33344, 33344, 0)
        days = connection.execute(
            """
            select
                strftime(strptime('19' || date, '%Y%m%d'), '%Y-%m-%d') as date,
                count(*) as total_calls,
                avg(ser_time) as avg_service_time,
                avg(greatest(vru_time, 0)) as avg_vru_time,
                avg(q_time) as avg_queue_time,
                count(*) filter (where outcome = 'HANG') as hangs
            from raw.technion_bank__calls
            group by all
            order by all
            """
        ).fetchall()
    with (BANK / "published_daily_1999_02.csv").open(newline="") as opened:
        published = list(csv.DictReader(opened))
    assert len(days) == len(published)
    for (date, calls, service, vru, queue, hangs), figures in zip(days, published, strict=True):
        assert (date, calls, hangs) == (figures["date"], int(figures["total_calls"]), int(figures["hangs"]))
        assert service == pytest.approx(float(figures["avg_service_time"]), abs=0.0051)
        assert vru == pytest.approx(float(figures["avg_vru_time"]), abs=0.0051)
        assert queue == pytest.approx(float(figures["avg_queue_time"]), abs=0.0051)


@pytest.mark.skipif(not AWKWARD.is_dir(), reason="the awkward case is not beside the repository")
def test_the_awkward_case_lands_whole() -> None:
    with duckdb.connect() as connection:
        report = land_folder(connection, AWKWARD)
        assert not report.refused
        assert (report.lines, report.rejected) == (15646, 0)
        assert land_folder(connection, AWKWARD).lines == 0
