"""The log of the Technion's bank: the figures that are known of it, and its FCR by a second computation."""

from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from conftest import Run, shared
from reference import technion as second_computation

WINDOWS = (24, 48, 72, 168)


def test_all_lines_are_loaded(technion: Run) -> None:
    """33,344 lines, none rejected."""
    ledger = technion.query("select path, lines, loaded, rejected from ops.landed_files", technion.warehouse)
    assert ledger == [("technion_bank/calls_1999_02.tsv", 33344, 33344, 0)]


def test_phantoms_are_flagged_and_kept_out(technion: Run) -> None:
    """278 phantoms, and no contact of theirs."""
    flagged = technion.query(
        "select count(*), sum(is_phantom) from intermediate.int_technion_bank__calls", technion.warehouse
    )
    assert flagged == [(33344, 278)]
    assert technion.query("select count(*) from marts.fct_contacts") == [(33066,)]


def test_known_figures(technion: Run) -> None:
    """Handled, abandoned in the queue, mean wait of the handled and how many of them waited at most 20 s."""
    figures = technion.query("""
        select sum(is_handled), sum(is_abandoned), count(*) filter (where is_handled = 1 and wait_seconds <= 20)
        from marts.fct_contacts
    """)
    assert figures == [(27162, 3963, 16209)]
    wait = technion.query("select avg(wait_seconds) from marts.fct_contacts where is_handled = 1")[0][0]
    assert wait == pytest.approx(40.774, abs=5e-4)
    visits = technion.query("""
        select sum(is_answered * is_in_threshold), sum(is_abandoned * is_in_threshold) from marts.fct_queue_visits
    """)
    assert visits == [(16209, 1257)]


def test_calls_without_an_agent_on_record_stay_with_an_agent_of_that_name(technion: Run) -> None:
    """NO_SERVER is whom the log names for 491 calls."""
    assert technion.query("select count(*) from marts.fct_contacts where agent_id = 'NO_SERVER'") == [(491,)]


def test_fcr_agrees_with_a_second_computation(technion: Run) -> None:
    """Plain Python over the raw file: every resolution KPI, at all levels and grains."""
    log = shared("data/technion_bank/calls_1999_02.tsv")
    as_of = technion.query("select as_of from intermediate.int_run__as_of", technion.warehouse)[0][0]
    assert isinstance(as_of, datetime)
    expected = second_computation.kpi_values(
        log, WINDOWS, as_of.replace(tzinfo=ZoneInfo("UTC")), reporting_timezone="Asia/Jerusalem"
    )
    actual = {
        (kpi, grain, str(start), level, member): (Fraction(str(numerator)), Fraction(str(denominator)))
        for kpi, grain, start, level, member, numerator, denominator in technion.query(
            """
            select kpi, period_grain, period_start, level, level_id, numerator, denominator
            from marts.kpi_values
            where kpi in (select kpi from marts.kpi_catalog where domain = 'resolution')
            """
        )
    }
    assert actual == {tuple(key): tuple(map(Fraction, value)) for key, value in expected.items()}
    assert actual["fcr_24h", "month", "1999-02-01", "organization", "all"] == (Fraction(5430), Fraction(6926))
