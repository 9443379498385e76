"""The models agree with a brute-force reading of the specification on legs that Hypothesis makes up, for all windows.

The SQL is the one that dbt compiled for the demo: its models from staging to fct_contact_resolution become views in a
database in memory, over staging tables that each example fills.
"""

import json
import os
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pytest
from conftest import PROJECT, Run, of_all_rows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reference.extracts import Customer, Leg, Queue, Session
from reference.resolution import Resolution, resolution_by_contact

from pipelines.build.dbt_plugin import hmac_pads
from pipelines.settings import DEMO_KEY

WINDOWS = (24, 48, 72, 168)
# An example takes a second or two: all rules are views that are worked out anew.
EXAMPLES = 200 if "CCW_TEST_EPISODES" in os.environ else 10
START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = 3600
QUEUES = [
    Queue("q1", client_id="c2", short_abandon_seconds=5),
    Queue("q1", client_id="c1", short_abandon_seconds=0, effective_from=START + timedelta(hours=24)),
    Queue("q2", short_abandon_seconds=0, effective_from=START + timedelta(hours=1)),
    Queue("q2", effective_from=START + timedelta(hours=48)),
]
CUSTOMERS = [
    Customer("k1", START, account_number="acc1", phone="+40 720 000001", email="K1@Example.com"),
    Customer("k2", START, account_number="acc2", phone="0720 000001"),
    Customer("k3", START + timedelta(seconds=1), account_number="acc2", email="k3@example.com"),
]

# Instants are sums of these, so that gaps fall on a window, a second beside it, on each other, and anywhere.
steps = st.sampled_from([0, 1, 5, 60, HOUR, *(hours * HOUR for hours in WINDOWS)])
instants = st.lists(steps, min_size=1, max_size=3).map(lambda parts: START + timedelta(seconds=sum(parts)))
seconds = st.sampled_from([-1, 0, 1])
durations = st.sampled_from([0, 1, 5, 6, 600, 24 * HOUR - 1, 24 * HOUR, 3 * 24 * HOUR])

# Each list is one caller, however it is written; nobody's addresses identify no one.
ADDRESSES = {
    "phone": [
        *("(0720) 000-001", "+40 720 000001", "tel:+40720000001;x=1", "sip:0720000001@carrier.example"),
        *('"A caller" <sips:+40720000001@carrier.example>', " 0720 000 001 ext. 12", "0720000001x7"),
    ],
    "email": ["k3@EXAMPLE.com", "mailto:K3@example.com?subject=bill", '"K 3" <k3@example.com>'],
    "stranger": ["+40 711 111111", "0711111111", "TEL:0711-111-111"],
    "handle": ["Handle_1", "handle_1 "],
    "nobody": [
        *("anonymous", "sip:anonymous@anonymous.invalid", "+266696687", "7378742833", "000-000-0000", "0720***001"),
        *("0720000xxx", "7009", "N/A", " "),
    ],
}


@st.composite
def legs_of_a_contact(draw: st.DrawFn, number: int, identities: list[str]) -> list[Leg]:
    """One contact of one to three legs, which may go on with another contact, before it or after it."""
    started_at = draw(instants) + timedelta(seconds=draw(seconds))
    identity = draw(st.sampled_from(identities))
    common: dict[str, Any] = {
        "contact_id": f"x{number:02}",
        "direction": draw(st.sampled_from([*["inbound"] * 6, "outbound", "internal"])),
        "client_id": draw(st.sampled_from([None, *["c1"] * 4, "c2"])),
        "queue_id": draw(st.sampled_from([None, "q1", "q2", "q_unlisted"])),
        "reason_code": draw(st.sampled_from([None, "bill", "bill", "fault"])),
        "customer_id": identity if identity.startswith("k") else None,
        "account_number": identity if identity.startswith("acc") else None,
    }
    channel = draw(st.sampled_from([*["voice"] * 4, "chat"]))
    related = draw(st.sampled_from([*[None] * 12, "x00", "x01", "x02", "x03", "gone"]))
    nobody_answers = draw(st.integers(0, 3)) == 3
    legs = []
    for leg_number in range(1, draw(st.integers(1, 3)) + 1):
        waited = timedelta(seconds=draw(durations))
        lasted = timedelta(seconds=draw(durations)) if not nobody_answers or draw(st.booleans()) else timedelta(0)
        queued, answered = draw(st.booleans()), not nobody_answers and draw(st.integers(0, 3)) < 3
        is_ring = not answered and draw(st.booleans())
        reason = draw(st.sampled_from(["completed", *["abandoned"] * 2, "transferred", "voicemail", None]))
        ends = draw(st.sampled_from([*["known"] * 12, "unknown", "open"]))
        # After a transfer the address is often that of whoever transferred.
        kind = identity if leg_number == 1 or draw(st.integers(0, 2)) else "nobody"
        legs.append(
            Leg(
                leg_number=leg_number,
                channel=channel if draw(st.integers(0, 7)) else "email",
                initiation=draw(st.sampled_from([None, "customer", *["transfer", "callback"] * 2])),
                related_contact_id=related if draw(st.integers(0, 7)) else None,
                customer_address=draw(st.sampled_from(ADDRESSES[kind])) if kind in ADDRESSES else None,
                started_at=started_at,
                enqueued_at=started_at if queued else None,
                answered_at=started_at + waited if answered else None,
                agent_id="a1" if is_ring or (answered and draw(st.integers(0, 7))) else None,
                ended_at=started_at + waited + lasted if ends == "known" else None,
                end_reason="ring_no_answer" if is_ring else None if ends == "open" else reason,
                **common,
            )
        )
        started_at += waited + lasted
    return legs


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Leg], list[Session]]:
    """Up to eight contacts and two self-service sessions."""
    kinds = st.sampled_from(["k1", "k2", "acc1", "acc2", *ADDRESSES, "none"])
    identities = draw(st.lists(kinds, min_size=1, max_size=3))
    legs = [leg for number in range(draw(st.integers(1, 8))) for leg in draw(legs_of_a_contact(number, identities))]
    sessions = [
        Session(
            session_id=f"s{number}",
            entered_at=draw(instants) + timedelta(seconds=draw(seconds)),
            exit_type=draw(st.sampled_from(["hung_up", "failed", "self_served", "to_agent"])),
            contact_id=draw(st.sampled_from([None, *{leg.contact_id: None for leg in legs}])),
            client_id=draw(st.sampled_from([None, "c1", "c2"])),
            channel="voice",
            customer_id=draw(st.sampled_from(["k1", "k2"])),
        )
        for number in range(draw(st.integers(0, 2)))
    ]
    return legs, sessions


@pytest.fixture(scope="module")
def models(demo: Run) -> duckdb.DuckDBPyConnection:
    """The compiled models as views over empty staging tables, in memory."""
    manifest = json.loads((demo.folder / "var" / "dbt" / "target" / "manifest.json").read_text())
    nodes = manifest["nodes"]
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    inner, outer = hmac_pads(os.environ.get("CCW_PSEUDONYM_KEY", DEMO_KEY))
    connection.execute("set variable pseudonym_inner_pad = ?", [inner])
    connection.execute("set variable pseudonym_outer_pad = ?", [outer])
    connection.execute("attach ':memory:' as warehouse")
    connection.execute("attach ':memory:' as marts_file")
    done: set[str] = set()

    def create(unique_id: str) -> None:
        if unique_id in done or unique_id.startswith(("source.", "macro.")):
            return
        done.add(unique_id)
        node = nodes[unique_id]
        relation = node["relation_name"]
        connection.execute(f"create schema if not exists {node['database']}.{node['schema']}")
        if node["resource_type"] == "seed":
            file, types = PROJECT / node["original_file_path"], node["config"]["column_types"] or {}
            typed = ", ".join(f"'{column}': '{data_type}'" for column, data_type in types.items())
            connection.execute(
                f"create table {relation} as from read_csv('{file}', header = true, types = {{{typed}}})"
            )
        elif node["schema"] == "staging":
            columns = ", ".join(f"null::{column['data_type']} as {name}" for name, column in node["columns"].items())
            connection.execute(f"create table {relation} as select {columns} where false")
        elif node["resource_type"] == "seed":
            connection.execute(f"create table {relation} as from '{PROJECT / node['original_file_path']}'")
        else:
            for parent in node["depends_on"]["nodes"]:
                create(parent)
            # The calendar is the same for all examples, which have no sites: it is worked out once.
            kind = "table" if node["name"] == "int_time__local_days" else "view"
            connection.execute(f"create {kind} {relation} as {of_all_rows(node['compiled_code'])}")

    project = "model.contact_centre_warehouse."
    # Now is each example's own.
    done.add(f"{project}int_run__as_of")
    connection.execute("create schema warehouse.intermediate")
    connection.execute("create table warehouse.intermediate.int_run__as_of (as_of timestamp)")
    create(f"{project}fct_contact_resolution")
    return connection


def fill(models: duckdb.DuckDBPyConnection, table: str, records: list[Any]) -> None:
    """Replace the rows of a staging table; instants go in as UTC without an offset."""
    models.execute(f"delete from warehouse.staging.{table}")
    for record in records:
        values = {
            name: value.replace(tzinfo=None) if isinstance(value, datetime) else value
            for name, value in asdict(record).items()
            if value is not None
        }
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        models.execute(f"insert into warehouse.staging.{table} ({names}) values ({marks})", list(values.values()))


def expected_row(resolution: Resolution) -> dict[str, Any]:
    """The row that fct_contact_resolution should have."""
    same_channel, same_reason, any_channel = resolution.same_channel, resolution.same_reason, resolution.any_channel

    def in_seconds(gap: timedelta | None) -> float | None:
        return None if gap is None else gap.total_seconds()

    row: dict[str, Any] = {
        "previous_contact_id": same_channel.previous.contact_id if same_channel.previous else None,
        "next_evidence_contact_id": same_channel.next_evidence.contact_id if same_channel.next_evidence else None,
        "seconds_since_previous": in_seconds(same_channel.gap_since_previous),
        "seconds_to_next_evidence": in_seconds(same_channel.gap_to_next_evidence),
        "seconds_since_previous_same_reason": in_seconds(same_reason.gap_since_previous),
        "seconds_to_next_same_reason": in_seconds(same_reason.gap_to_next_evidence),
        "seconds_since_previous_any_channel": in_seconds(any_channel.gap_since_previous),
        "seconds_to_next_any_channel": in_seconds(any_channel.gap_to_next_evidence),
    }
    for hours in WINDOWS:
        row |= {
            f"is_mature_{hours}h": resolution.is_mature[hours],
            f"is_head_{hours}h": same_channel.is_head[hours],
            f"is_repeat_{hours}h": same_channel.is_repeat[hours],
            f"is_repeated_{hours}h": same_channel.is_repeated[hours],
            f"is_same_reason_head_{hours}h": same_reason.is_head[hours],
            f"is_same_reason_repeated_{hours}h": same_reason.is_repeated[hours],
            f"is_any_channel_head_{hours}h": any_channel.is_head[hours],
            f"is_any_channel_repeated_{hours}h": any_channel.is_repeated[hours]
            or bool(resolution.went_wrong_around[hours]),
        }
    return row


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(history=histories(), age=st.sampled_from([0, 1, 24 * HOUR - 1, 24 * HOUR, 168 * HOUR, 400 * HOUR]))
def test_resolution_agrees_with_brute_force(
    models: duckdb.DuckDBPyConnection, history: tuple[list[Leg], list[Session]], age: int
) -> None:
    """Links, gaps and flags of every inbound contact, for every window."""
    legs, sessions = history
    as_of = max(leg.started_at for leg in legs) + timedelta(seconds=age)
    fill(models, "stg_acd__contact_legs", legs)
    fill(models, "stg_acd__ivr_sessions", sessions)
    fill(models, "stg_crm__customers", CUSTOMERS)
    fill(models, "stg_reference__queues", QUEUES)
    models.execute("delete from warehouse.intermediate.int_run__as_of")
    models.execute("insert into warehouse.intermediate.int_run__as_of values (?)", [as_of.replace(tzinfo=None)])

    result = models.execute("select * from marts_file.marts.fct_contact_resolution")
    names = [column[0] for column in result.description or []]
    actual = {row[names.index("contact_id")]: dict(zip(names, row, strict=True)) for row in result.fetchall()}

    expected = resolution_by_contact(legs, CUSTOMERS, sessions, QUEUES, as_of, windows=WINDOWS)
    assert actual.keys() == expected.keys()
    for contact_id, resolution in expected.items():
        row = expected_row(resolution)
        assert {name: actual[contact_id][name] for name in row} == row, contact_id
