"""Two switches that number alike and a help desk see one customer on one day; each has names of its own for agents."""

from pathlib import Path

import pytest
from conftest import Run, run_ccw
from test_bring_your_own import copy_project, write

AGENTS = """\
source,agent_id,known_as
asterisk,berlin:PJSIP/101,ana
asterisk,munich:PJSIP/101,dan
zendesk,7,ana
"""
QUEUES = """\
source,queue_id,known_as
asterisk,berlin:sales,service
zendesk,50,service
"""
# 2026-03-02, 09:00 and 15:00 UTC. Both switches have a call 1.1 and a phone PJSIP/101.
BERLIN = """\
1772442000|1.1|sales|NONE|ENTERQUEUE||0770111222|1
1772442010|1.1|sales|PJSIP/101|CONNECT|10|1.2|4
1772442130|1.1|sales|PJSIP/101|COMPLETECALLER|10|120|1
"""
MUNICH = """\
1772463600|1.1|sales|NONE|ENTERQUEUE||+40 770 111 222|1
1772463620|1.1|sales|PJSIP/101|CONNECT|20|1.2|4
1772463680|1.1|sales|PJSIP/101|COMPLETEAGENT|20|60|1
"""
# A call out at 16:00, which no queue had.
CALL_OUT = (
    '"","101","0770999888","out","101","PJSIP/101-00000001","PJSIP/trunk-00000002","Dial","x",2026-03-02 16:00:00,'
    '2026-03-02 16:00:10,2026-03-02 16:01:10,70,60,"ANSWERED","DOCUMENTATION","9.1",""\n'
)
ZENDESK = {
    "user.csv": "id,role,name,phone,email\n7,agent,Ana,,\n900,end-user,Ion,+40770111222,\n",
    "group.csv": "id,name\n50,Service\n",
    "ticket.csv": "id,requester_id,submitter_id,group_id,via_channel,status,created_at,updated_at\n"
    "1,900,900,50,web,solved,2026-03-02 12:00:00,2026-03-02 13:00:00\n",
    "ticket_comment.csv": "id,ticket_id,user_id,public,created\n"
    "11,1,900,true,2026-03-02 12:00:00\n12,1,7,true,2026-03-02 12:30:00\n",
    "ticket_field_history.csv": "ticket_id,field_name,updated,value\n"
    "1,status,2026-03-02 12:00:00,new\n1,group_id,2026-03-02 12:00:00,50\n1,status,2026-03-02 13:00:00,solved\n",
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The three systems in one landing folder, with the seeds that say who is who."""
    project = copy_project(tmp_path_factory.mktemp("project"))
    write(project / "seeds" / "settings", {"agent_identities.csv": AGENTS, "queue_identities.csv": QUEUES})
    folder: Path = tmp_path_factory.mktemp("together")
    write(folder / "mine", {"asterisk@berlin/queue_log": BERLIN, "asterisk@munich/queue_log": MUNICH})
    write(folder / "mine", {"asterisk@berlin/Master.csv": CALL_OUT})
    write(folder / "mine" / "zendesk", ZENDESK)
    options = ("--as-of", "2026-03-10T00:00:00Z", "--no-report", "--vars", "{phone_country: RO}")
    outcome = run_ccw(folder, "run", "--extracts", "mine", *options, project=project)
    assert outcome.returncode == 0, outcome.stderr
    return Run(folder, outcome)


def test_contacts_of_all_systems_are_one_customers(run: Run) -> None:
    rows = run.query("select contact_id, source, agent_id, queue_id from marts.fct_contacts order by started_at")
    assert rows == [
        ("berlin:1.1", "asterisk", "ana", "service"),
        ("1-1", "zendesk", "ana", "service"),
        ("munich:1.1", "asterisk", "dan", "sales"),
        ("berlin:9.1", "asterisk", "ana", "unknown"),
    ]
    customers = "select count(distinct customer_key) from marts.fct_contacts where direction = 'inbound'"
    assert run.query(customers) == [(1,)]


def test_kpis_see_what_no_system_sees_alone(run: Run) -> None:
    """By hand: the call at 9 was followed by a ticket at 12 and by a call at 15, each in a system of its own."""
    kpis = """
        select kpi, level, level_id, numerator::int, denominator::int
        from marts.kpi_values
        where kpi in ('fcr_24h', 'ocr_24h', 'contacts_handled', 'talk_seconds_avg')
            and period_grain = 'month' and level in ('organization', 'agent', 'queue')
        order by all
    """
    found = {tuple(map(str, row[:3])): row[3:] for row in run.query(kpis)}
    assert found["fcr_24h", "organization", "all"] == (1, 2)  # the ticket is the only one of its channel
    assert found["ocr_24h", "organization", "all"] == (0, 1)
    assert found["talk_seconds_avg", "agent", "ana"] == (120, 1)
    assert found["talk_seconds_avg", "agent", "dan"] == (60, 1)
    assert found["contacts_handled", "agent", "ana"][0] == 2
    assert found["contacts_handled", "queue", "service"][0] == 2
    assert found["contacts_handled", "queue", "sales"][0] == 1
