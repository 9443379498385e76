"""Call records of Asterisk and FreeSWITCH, as their files have them: situations that were worked by hand."""

from collections.abc import Sequence

import pytest
from call_record_situations import ZONE, Situation, situations, write_call_records
from conftest import Run, run_ccw

ALL = situations()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """All situations, landed by the command itself."""
    folder = tmp_path_factory.mktemp("calls")
    write_call_records(folder / "extracts", ALL)
    zones = f"{{asterisk: {ZONE}, freeswitch: {ZONE}}}"
    outcome = run_ccw(
        folder, "run", "--extracts", str(folder / "extracts"), "--no-report", "--source-time-zones", zones
    )
    assert outcome.returncode == 0, outcome.stderr
    return Run(folder, outcome)


@pytest.fixture(scope="module")
def legs(run: Run) -> list[Sequence[str | None]]:
    """All legs, as the situations write them."""
    rows = run.query(
        """
        select
            contact_id, leg_number, direction, initiation, agent_id, customer_address, started_at, answered_at,
            ended_at, ring_seconds, talk_seconds, end_reason
        from intermediate.int_contact_legs__unioned
        order by contact_id, leg_number
        """,
        run.warehouse,
    )
    return [tuple(None if value is None else str(value) for value in row) for row in rows]


@pytest.mark.parametrize("situation", ALL, ids=lambda situation: f"{situation.number} {situation.title}")
def test_legs(situation: Situation, legs: list[Sequence[str | None]]) -> None:
    assert [leg for leg in legs if str(leg[0]).startswith(f"c{situation.number:02}-")] == situation.legs


def test_kpis(run: Run) -> None:
    """Calls that no queue had are handled and talked; only the one that waited in a queue is a queue's."""
    assert run.query("select count(*), sum(is_handled) from marts.fct_contacts where direction = 'inbound'") == [
        (
            len({leg[0] for situation in ALL for leg in situation.legs if leg[2] == "inbound"}),
            len({leg[0] for situation in ALL for leg in situation.legs if leg[2] == "inbound" and leg[7]}),
        )
    ]
    assert run.query("select count(*) from marts.fct_queue_visits") == [(1,)]
    talked = [int(str(leg[10])) for situation in ALL for leg in situation.legs if leg[2] == "inbound" and leg[10]]
    assert run.query("""
        select sum(numerator)::int, sum(denominator)::int
        from marts.kpi_values
        where kpi = 'talk_seconds_avg' and level = 'organization' and period_grain = 'day'
    """) == [(sum(talked), len(talked))]


def test_every_line_is_loaded(run: Run) -> None:
    rows = run.query(
        'select source, "table", sum(loaded)::int, sum(rejected)::int from ops.landed_files group by all', run.warehouse
    )
    assert {f"{source}.{table}": numbers for source, table, *numbers in rows} == {
        "asterisk.cdr": [sum(len(situation.asterisk) + len(situation.database) for situation in ALL), 0],
        "asterisk.queue_log": [3, 0],
        "freeswitch.cdr": [sum(len(situation.freeswitch) for situation in ALL), 0],
    }
