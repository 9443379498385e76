"""Situations of a queue log that were worked by hand, landed by the command itself: legs, states of agents and KPIs."""

from fractions import Fraction

import pytest
from asterisk_situations import VARS, Row, Situation, situations, write_log
from conftest import Run, run_ccw

ALL = situations()
each = pytest.mark.parametrize("situation", ALL, ids=lambda situation: f"{situation.number} {situation.title}")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """All situations in one log of three files, of which the last one lands a run later."""
    folder = tmp_path_factory.mktemp("situations")
    newest = write_log(folder / "extracts", ALL)
    for is_there in (False, True):
        newest = newest.rename(newest.with_name(newest.name.lstrip(".") if is_there else f".{newest.name}"))
        options = ("--extracts", str(folder / "extracts"), "--no-report", "--vars", VARS)
        outcome = run_ccw(folder, "run", *options)
        assert outcome.returncode == 0, outcome.stderr
    return Run(folder, outcome)


def _texts(rows: list[tuple[object, ...]]) -> list[Row]:
    return [tuple(None if value is None else str(value) for value in row) for row in rows]


@pytest.fixture(scope="module")
def legs(run: Run) -> list[Row]:
    """All legs, as the situations write them."""
    return _texts(
        run.query(
            """
            select
                contact_id, leg_number, queue_id, agent_id, enqueued_at, answered_at, ended_at, ring_seconds,
                talk_seconds, acw_seconds, end_reason, direction, initiation, customer_address, dialled_address
            from intermediate.int_asterisk__contact_legs
            order by contact_id, leg_number
            """,
            run.warehouse,
        )
    )


@pytest.fixture(scope="module")
def states(run: Run) -> list[Row]:
    """All states of agents."""
    return _texts(
        run.query(
            "select agent_id, state, started_at, ended_at from intermediate.int_asterisk__agent_states order by all",
            run.warehouse,
        )
    )


@pytest.fixture(scope="module")
def kpis(run: Run) -> dict[Row, Fraction]:
    """Numerators and denominators over all days, of queues and agents."""
    rows = run.query("""
        select level, level_id, kpi, sum(numerator)::varchar, max(denominator)::varchar
        from marts.kpi_values
        where period_grain = 'day' and level in ('queue', 'agent')
        group by all
    """)
    return {
        (str(level), str(member), str(kpi)): Fraction(str(numerator)) / Fraction(str(denominator))
        for level, member, kpi, numerator, denominator in rows
    }


@each
def test_legs(situation: Situation, legs: list[Row]) -> None:
    actual = [leg for leg in legs if str(leg[0]).startswith(f"s{situation.number:02}-")]
    told = {leg[0]: leg[13] for leg in situation.legs if leg[13]}
    # A caller is compared where the situation names one.
    shown = [(*leg[:13], leg[13] if leg[0] in told else None, leg[14]) for leg in actual]
    assert shown == [(*leg[:13], told.get(leg[0]), leg[14]) for leg in situation.legs]


@each
def test_states(situation: Situation, states: list[Row]) -> None:
    actual = {agent: [row[1:] for row in states if row[0] == agent] for agent in situation.states}
    for rows in actual.values():
        rows.sort(key=lambda row: str(row[1]))
    assert actual == situation.states


@each
def test_kpis(situation: Situation, kpis: dict[Row, Fraction]) -> None:
    actual = {row[:3]: kpis.get(row[:3]) for row in situation.kpis}
    assert actual == {row[:3]: None if row[3] == "none" else Fraction(str(row[3])) for row in situation.kpis}


def test_every_line_has_a_fate(run: Run) -> None:
    """What stands twice, is repeated, is no ring or says nothing here is counted."""
    lines, loaded, rejected = run.query(
        "select sum(lines), sum(loaded), sum(rejected) from ops.landed_files", run.warehouse
    )[0]
    assert rejected == 0
    assert lines == loaded == sum(len([line for line in situation.lines if line]) for situation in ALL)
    fates = {
        str(row[0]): row[1:] for row in run.query("select * from intermediate.int_asterisk__line_fates", run.warehouse)
    }
    once = {line for situation in ALL for line in situation.lines if line}
    assert sum(fate[0] for fate in fates.values()) == len(once)  # type: ignore[misc]
    assert fates["RINGCANCELED"] == (1, 0, 0, 0, 1, 0)
    assert fates["COMPLETECALLER"][3] == 2
    assert fates["LANGUAGE"] == (1, 0, 0, 0, 0, 1)
    assert {event for event, fate in fates.items() if fate[5]} == {"LANGUAGE", "INFO", "RATED"}
