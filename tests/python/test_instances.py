"""Two switches that number alike, from their folders to the marts, and what other systems call their contacts."""

import csv
import io
from typing import Any

import pytest
from conftest import Run, run_ccw
from test_bring_your_own import copy_project, write

Published = dict[str, list[tuple[Any, ...]]]

LEG = {
    **{"leg_number": "1", "channel": "voice", "direction": "inbound", "queue_id": "q"},
    **{"end_reason": "completed", "talk_seconds": "60"},
}
SURVEY = {"sent_at": "2026-03-03T10:00:00Z", "responded_at": "2026-03-03T11:00:00Z", "csat_score": "5"}
ASKED = {
    "contacts": "select contact_id, agent_id from marts.fct_contacts order by all",
    "surveys": "select survey_id, contact_id, is_known_contact from marts.fct_surveys order by all",
    "orders": "select order_id, contact_id, agent_id from marts.fct_orders order by all",
    "evaluations": "select evaluation_id, contact_id, is_known_contact from marts.fct_evaluations order by all",
    # Agents are listed nowhere here, so other extracts have unknown references of their own.
    "unknown": """
        select "table", unknown_references from marts.data_quality where "table" in ('contact_surveys', 'orders')
    """,
}
WRITTEN = {"updated_at": "2026-03-04T00:00:00Z"}


def text(rows: list[dict[str, str]]) -> str:
    """Write rows as CSV."""
    file = io.StringIO()
    writer = csv.DictWriter(file, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def leg(contact_id: str, agent_id: str, hour: str) -> dict[str, str]:
    """Return a leg of an hour of 2 March, answered after ten seconds."""
    at = f"2026-03-02T{hour}:00"
    times = {"started_at": f"{at}:00Z", "enqueued_at": f"{at}:00Z", "answered_at": f"{at}:10Z", "ended_at": f"{at}:50Z"}
    return {"contact_id": contact_id, "agent_id": agent_id, **LEG, **times, **WRITTEN}


def surveys(contacts: dict[str, str]) -> str:
    """Write surveys of contacts, each by the name that it says."""
    return text([{"survey_id": survey, "contact_id": name, **SURVEY, **WRITTEN} for survey, name in contacts.items()])


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> list[Published]:
    """What a first run publishes, and what the next one does, when the second switch has a contact 1 too."""
    project = copy_project(tmp_path_factory.mktemp("project"))
    declared = project / "models/staging/qa/_qa__sources.yml"
    yaml = declared.read_text(encoding="utf-8")
    declared.write_text(
        yaml.replace("        timezone:", "        refers_to_instance: two\n        timezone:", 1), "utf-8"
    )
    folder = tmp_path_factory.mktemp("instances")
    first = {
        "mine/acd@one/contact_legs.csv": text([leg("1", "ann", "09"), leg("2", "ann", "10")]),
        "mine/acd@two/contact_legs.csv": text([leg("2", "bob", "11"), leg("3", "bob", "12")]),
        "mine/survey/contact_surveys.csv": surveys({"s1": "1", "s2": "2", "s3": "3", "s4": "one:2", "s5": "9"}),
        "mine/crm/orders.csv": text(
            [
                {
                    **{"order_id": f"o{name}", "contact_id": name, "ordered_at": "2026-03-02T13:00:00Z"},
                    **{"gross_amount": "10", "currency": "EUR"},
                    **WRITTEN,
                }
                for name in ("1", "2")
            ]
        ),
        "mine/qa/evaluations.csv": text(
            [
                {
                    **{"evaluation_id": "e", "contact_id": "2", "agent_id": "bob"},
                    **{"evaluated_at": "2026-03-03T12:00:00Z"},
                    **WRITTEN,
                }
            ]
        ),
    }
    later = {
        "mine/acd@two/contact_legs.2.csv": text([leg("1", "bob", "13")]),
        "mine/survey/contact_surveys.2.csv": surveys({"s6": "3", "s7": "two:1"}),
    }
    published = []
    for files in (first, later):
        write(folder, files)
        outcome = run_ccw(folder, "run", "--extracts", "mine", "--as-of", "2026-03-10T00:00:00Z", project=project)
        assert outcome.returncode == 0, outcome.stderr
        published.append({name: Run(folder, outcome).query(sql) for name, sql in ASKED.items()})
    return published


def test_switches_that_number_alike_have_contacts_of_their_own(published: list[Published]) -> None:
    first = [("one:1", "ann"), ("one:2", "ann"), ("two:2", "bob"), ("two:3", "bob")]
    assert [run["contacts"] for run in published] == [first, sorted([*first, ("two:1", "bob")])]


def test_a_survey_means_the_one_contact_that_has_its_id(published: list[Published]) -> None:
    """A later contact may take that from it; a survey that names the switch keeps its contact."""
    first = [
        *(("s1", "one:1", 1), ("s2", "unknown", 0), ("s3", "two:3", 1)),
        *(("s4", "one:2", 1), ("s5", "9", 0)),
    ]
    later = [("s1", "unknown", 0), *first[1:], ("s6", "two:3", 1), ("s7", "two:1", 1)]
    assert [run["surveys"] for run in published] == [first, later]


def test_an_order_means_the_one_contact_that_has_its_id(published: list[Published]) -> None:
    assert [run["orders"] for run in published] == [
        [("o1", "one:1", "ann"), ("o2", "unknown", "unknown")],
        [("o1", "unknown", "unknown"), ("o2", "unknown", "unknown")],
    ]


def test_a_source_may_say_whose_contacts_it_means(published: list[Published]) -> None:
    assert [run["evaluations"] for run in published] == [[("e", "two:2", 1)]] * 2


def test_what_means_no_contact_is_counted(published: list[Published]) -> None:
    assert [dict(run["unknown"]) for run in published] == [
        {"contact_surveys": 2, "orders": 1},
        {"contact_surveys": 3, "orders": 2},
    ]
