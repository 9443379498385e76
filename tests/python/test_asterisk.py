"""A real queue log: its one whole call, and what becomes of each other line."""

import shutil
from datetime import datetime

import pytest
from conftest import Run, run_once, shared


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The queue log of ../shared, as Asterisk left it."""
    log = shared("data/asterisk/queue_log")
    extracts = tmp_path_factory.mktemp("extracts")
    (extracts / "asterisk").mkdir()
    shutil.copy(log, extracts / "asterisk")
    return run_once(tmp_path_factory, "asterisk", "--extracts", str(extracts))


def test_all_lines_are_loaded(real: Run) -> None:
    """A line is blank."""
    assert real.query("select lines, loaded, rejected from ops.landed_files", real.warehouse) == [(21, 21, 0)]


def test_each_call_has_its_fate(real: Run) -> None:
    """One is whole; one lacks its end, one its beginning, one both beginning and answer, which durations tell."""
    legs = real.query(
        """
        select contact_id, agent_id, enqueued_at, answered_at, ended_at, talk_seconds, end_reason
        from intermediate.int_asterisk__contact_legs order by enqueued_at
        """,
        real.warehouse,
    )
    day = datetime(2018, 12, 28)
    assert legs == [
        (
            *("1546015415.757927", "Agent 4"),
            *(day.replace(hour=16, minute=43, second=35), day.replace(hour=16, minute=43, second=45)),
            *(day.replace(hour=16, minute=45, second=47), 122, "completed"),
        ),
        (
            *("1546023604.760166", "Agent 5"),
            *(day.replace(hour=19, minute=0, second=4), day.replace(hour=19, minute=0, second=14)),
            *(day.replace(hour=19, minute=7, second=0), 406, "completed"),
        ),
        (
            *("1546023970.760296", "Agent 4"),
            *(day.replace(hour=19, minute=6, second=10), day.replace(hour=19, minute=6, second=16)),
            *(day.replace(hour=19, minute=10, second=4), 228, "completed"),
        ),
        (
            *("1546027663.761192", "Agent 4"),
            *(day.replace(hour=20, minute=7, second=43), day.replace(hour=20, minute=7, second=57)),
            *(None, None, None),
        ),
    ]


def test_each_line_has_its_fate(real: Run) -> None:
    """Six lines stand twice, three ends differ in the caller's position only, three rings lasted 0 ms."""
    fates = real.query("select * from intermediate.int_asterisk__line_fates order by event", real.warehouse)
    assert fates == [
        ("COMPLETEAGENT", 4, 1, 0, 3, 0, 0),
        ("COMPLETECALLER", 2, 2, 0, 0, 0, 0),
        ("CONNECT", 3, 3, 0, 0, 0, 0),
        ("DID", 1, 1, 0, 0, 0, 0),
        ("ENTERQUEUE", 2, 2, 0, 0, 0, 0),
        ("RINGNOANSWER", 3, 0, 0, 0, 3, 0),
    ]
    assert sum(int(str(fate[1])) for fate in fates) + 6 == 21


def test_what_landed_is_counted(real: Run) -> None:
    """A line that stands twice is replaced, and no conflict."""
    counts = "landed, rejected, duplicates_replaced, conflicts"
    extract = "source = 'asterisk' and \"table\" = 'queue_log'"
    assert real.query(f"select {counts} from marts.data_quality where {extract}") == [(21, 0, 6, 0)]


def test_known_figures(real: Run) -> None:
    """The whole call waited 10 s and was talked to for 122 s."""
    assert real.query("""
        select wait_seconds, talk_seconds, is_handled, channel, queue_id, agent_id
        from marts.fct_contacts where contact_id = '1546015415.757927'
    """) == [(10, 122, 1, "voice", "201", "Agent 4")]
    rows = real.query("""
        select kpi, numerator, denominator from marts.kpi_values
        where level = 'organization' and period_grain = 'day'
            and kpi in ('service_level', 'asa_seconds', 'talk_seconds_avg', 'contacts_handled', 'abandonment_rate')
    """)
    shown = {kpi: (numerator, denominator) for kpi, numerator, denominator in rows}
    assert shown == {
        "service_level": (3, 3),
        "asa_seconds": (10 + 10 + 6, 3),
        "talk_seconds_avg": (122 + 406 + 228, 3),
        "contacts_handled": (4, 1),
        "abandonment_rate": (0, 3),
    }
