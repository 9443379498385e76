"""Inbound calls as lines of Asterisk's queue log, with the presence of all agents.

A call becomes lines if the log can tell all of it but holds and who the customer is: voice, ended, in listed queues
from its first leg on, of agents who do nothing else meanwhile. All others stay plain, and so does every other extract
but the states of agents. Calls keep their ids, so that surveys and orders still name them.
"""

from pathlib import Path

import duckdb

from simulator.vendors.plain import Vendor, read_legs, take_out, write_lines

_IDENTITY = "the log has the caller's number, not the customer"
_STATES = "states follow from the calls in the log; the simulated ones stand for many more calls"

_NOT_TOLD = {
    r"(fcr|fcr_same_reason|repeat_rate|ocr)_\d+h": _IDENTITY,
    r"call_resolution_rate|identified_rate|ivr_containment_true": _IDENTITY,
    r"fcr_disposition": "the log has no disposition of an agent",
    r"self_service_a\w+": "the log has no account",
    r"contact_type_mix": "the log has no reason of a call",
    r"talk_seconds_avg|hold_\w+": "the log has no holds: they are part of the talk",
    r"occupancy|utilization|idle_rate|downtime_seconds|shrinkage|schedule_\w+": _STATES,
    r"contacts_handled_per_hour|(net|gross)_sales_per_hour": _STATES,
}

# What the log can tell. An agent is busy with a call from the ring on until the work after it is over.
_CALLS = """
    create temp table presence as
    select
        agent_id, state, started_at,
        lag(state) over (partition by agent_id order by started_at) as state_before
    from (
        select distinct on (agent_id, started_at)
            agent_id, started_at::timestamp as started_at,
            case when state in ('available', 'ringing', 'on_contact', 'after_contact') then 'available' else state end
            as state
        from read_csv('{states}', all_varchar = true)
        order by agent_id, started_at, updated_at desc
    );
    delete from presence where state = state_before;

    create temp table tellable as
    select contact_id
    from legs
    group by contact_id
    having
        bool_and(channel = 'voice' and direction = 'inbound' and related_contact_id is null)
        and bool_and(queue_is_listed and coalesce(client_id, queue_client) = queue_client)
        and bool_and(coalesce(enqueued_at = started_at and ended_at >= enqueued_at, false))
        and bool_and(leg_number > 1 or initiation = 'customer')
        and bool_and(coalesce(started_at >= ended_before, true) or initiation = 'customer')
        and count(*) = max(leg_number)
        and count(customer_address) = count(*)
        and count(distinct customer_address) = 1
        and bool_and(coalesce(case end_reason
            when 'completed' then agent_id is not null and answered_at is not null
            when 'transferred' then agent_id is not null and answered_at is not null
            when 'ring_no_answer' then agent_id is not null and ring_seconds > 0
            else agent_id is null and answered_at is null and end_reason is not null
        end, false))
        and bool_and(coalesce(answered_at is null or (
            acw_seconds > 0 and ended_at = answered_at + to_seconds(talk_seconds + hold_seconds)
            and answered_at - to_seconds(ring_seconds) >= enqueued_at
        ), false))
        and contact_id not in (select related_contact_id from versions where related_contact_id is not null);

    create temp table busy as
    select
        contact_id, leg_number, agent_id, ended_at,
        coalesce(answered_at, ended_at) - to_seconds(ring_seconds) as busy_from,
        ended_at + to_seconds(coalesce(acw_seconds, 0)) as busy_until
    from legs
    where agent_id is not null and contact_id in (select contact_id from tellable);

    create temp table told as
    select contact_id from tellable
    where contact_id not in (
        select mine.contact_id
        from busy as mine
        inner join busy as other on mine.agent_id = other.agent_id
        where
            (mine.contact_id, mine.leg_number) <> (other.contact_id, other.leg_number)
            and mine.busy_from <= other.busy_until and other.busy_from <= mine.busy_until
        union all
        select mine.contact_id
        from busy as mine
        inner join presence on mine.agent_id = presence.agent_id
        where presence.started_at between mine.ended_at and mine.busy_until
    )
"""

_ENDS = {
    "completed": "'COMPLETECALLER|' || wait || '|' || talk || '|1'",
    "transferred": "'BLINDTRANSFER|600|queues|' || wait || '|' || talk || '|1'",
    "abandoned": "'ABANDON|1|1|' || wait",
    "timed_out": "'EXITWITHTIMEOUT|1|1|' || wait",
    "callback_requested": "'EXITWITHKEY|1|1|1|' || wait",
    "voicemail": "'EXITWITHKEY|2|1|1|' || wait",
    "overflowed": "'EXITWITHKEY|3|1|1|' || wait",
    "failed": "'SYSCOMPAT|'",
    "ring_no_answer": "'RINGNOANSWER|' || ring_seconds * 1000",
}

_LINES = f"""
    with told_legs as (
        select
            *,
            epoch(coalesce(answered_at, ended_at) - enqueued_at)::int as wait,
            epoch(ended_at - answered_at)::int as talk,
            coalesce(agent_id, 'NONE') as member,
            lag(end_reason, 1, '') over (partition by contact_id order by leg_number) as end_before
        from legs where contact_id in (select contact_id from told)
    ),

    lines as (
        select
            enqueued_at as logged_at, contact_id, leg_number, 1 as step,
            contact_id || '|' || queue_id as place, 'NONE' as member,
            'ENTERQUEUE||' || customer_address || '|1' as said
        from told_legs where end_before <> 'ring_no_answer'
        union all
        select answered_at, contact_id, leg_number, 2, contact_id || '|' || queue_id, member,
            'CONNECT|' || wait || '|' || contact_id || '.' || leg_number || '|' || ring_seconds
        from told_legs where answered_at is not null
        union all
        select ended_at, contact_id, leg_number, 3, contact_id || '|' || queue_id, member,
            case end_reason {" ".join(f"when '{reason}' then {said}" for reason, said in _ENDS.items())} end
        from told_legs
        union all
        select ended_at, contact_id, leg_number, 4, contact_id || '|' || queue_id, member, 'WRAPUPSTART|' || acw_seconds
        from told_legs where answered_at is not null
        union all
        select started_at, '', 0, 0, 'MANAGER|all', agent_id,
            case when state = 'offline' then 'REMOVEMEMBER|' else 'ADDMEMBER|' end
        from presence
        where (state = 'offline') <> coalesce(state_before = 'offline', true)
        union all
        select started_at, '', 0, 1, 'NONE|all', agent_id,
            case when state = 'available' then 'UNPAUSE|' else 'PAUSE|' || state end
        from presence
        where state <> 'offline' and not (state = 'available' and coalesce(state_before = 'offline', true))
    )

    select epoch(logged_at)::bigint || '|' || place || '|' || member || '|' || said as line
    from lines
    order by logged_at, contact_id, leg_number, step, member
"""


def _rewrite(connection: duckdb.DuckDBPyConnection, out: Path) -> None:
    states = out / "acd" / "agent_states.csv"
    read_legs(connection, out)
    connection.execute(_CALLS.format(states=states))
    write_lines(connection, _LINES, out / "asterisk" / "queue_log")
    take_out(connection, out)
    states.unlink()


VENDOR = Vendor(
    rewrite=_rewrite,
    not_told=_NOT_TOLD,
    levels_not_told={"reason": "the log has no reason of a call"},
    settings={"exit_key_reasons": {"1": "callback_requested", "2": "voicemail"}},
)
