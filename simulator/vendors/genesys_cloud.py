"""Conversations and user status as Genesys Cloud's analytics API details them, in lines of JSON.

A contact becomes a conversation if the conversation can tell all of it. All others stay plain, and so does every other
extract but the states of agents. Conversations keep the ids of contacts, so that surveys and orders still name them.
"""

from pathlib import Path

import duckdb

from simulator.vendors.plain import Vendor, read_legs, take_out

_NOT_TOLD = {
    "downtime_seconds": "a presence says busy; the secondary presence under it is an id without a name",
}

# What a conversation can tell. A wait is the legs of one entry into a queue: agents who were rung in vain, then whoever
# answered, or nobody. Legs of agents that were brought in without a queue have no wait.
_CONTACTS = """
    create temp table tellable as
    select *
    from (
        select
            *,
            lag(end_reason) over in_order as end_before,
            lag(answered_at) over in_order as answered_before,
            lag(queue_id) over in_order as queue_before,
            lead(queue_id) over in_order as queue_after,
            coalesce(lag(end_reason) over in_order = 'ring_no_answer', false) as is_in_wait
        from legs
        window in_order as (partition by contact_id order by leg_number)
    );

    create temp table told as
    select contact_id
    from tellable
    group by contact_id
    having
        bool_and(channel in ('voice', 'chat', 'email', 'sms', 'social') and direction = 'inbound')
        and bool_and(related_contact_id is null and account_number is null and resolution_code is null)
        and bool_and(coalesce(client_id, queue_client, '') = coalesce(queue_client, ''))
        and count(distinct coalesce(client_id, queue_client, '')) = 1
        and count(*) = max(leg_number)
        and count(distinct channel) = 1
        and count(distinct customer_id) <= 1
        and count(distinct customer_address) <= 1
        and bool_and(leg_number > 1 or (initiation = 'customer' and enqueued_at is not null))
        and bool_and(coalesce(ended_at >= started_at, false))
        and bool_and(leg_number = 1 or is_in_wait or coalesce(started_at >= ended_before, false))
        and bool_and(coalesce(case
            when end_reason in ('completed', 'transferred')
                then agent_id is not null and ended_at >= answered_at + to_seconds(talk_seconds + hold_seconds)
                    and acw_seconds >= 0
                    and answered_at - to_seconds(ring_seconds) >= started_at - interval '2' second
                    and (queue_id is null) = (enqueued_at is null)
                    and (channel <> 'voice' or ended_at = answered_at + to_seconds(talk_seconds + hold_seconds))
                    and (hold_seconds > 0) = (coalesce(hold_count::int, 0) > 0)
            when end_reason = 'ring_no_answer'
                then agent_id is not null and ended_at - to_seconds(ring_seconds) >= enqueued_at
                    and queue_id = queue_after
            else agent_id is null and queue_id is not null and answered_at is null and end_reason is not null
        end, false))
        and bool_and(queue_id is null or coalesce(started_at = enqueued_at, false))
        and bool_and(queue_id is not null or coalesce(answered_at > answered_before + interval '2' second, false))
        and bool_and(not is_in_wait or coalesce(queue_id = queue_before, false))
        and bool_and(leg_number = 1 or coalesce(end_before in ('transferred', 'overflowed', 'ring_no_answer'), false))
        and contact_id not in (select related_contact_id from versions where related_contact_id is not null);

    create temp table told_legs as
    select
        * replace (coalesce(hold_count::int, 0) as hold_count),
        case when queue_id is not null then sum((not is_in_wait)::int) over in_order end as wait_number,
        min(started_at) over (partition by contact_id) as conversation_start,
        max(ended_at + to_seconds(coalesce(acw_seconds, 0))) over (partition by contact_id) as conversation_end,
        max(ended_at) over (partition by contact_id) as customer_end,
        last_value(end_reason) over (
            partition by contact_id order by leg_number rows between unbounded preceding and unbounded following
        ) as last_end_reason
    from tellable
    where contact_id in (select contact_id from told)
    window in_order as (partition by contact_id order by leg_number)
"""

# How a wait that nobody answered is disconnected, and the metric that it gets.
_WAIT_ENDS = {
    "abandoned": ("peer", "tAbandon"),
    "overflowed": ("transfer", "tFlowOut"),
    "callback_requested": ("transfer", "tFlowOut"),
    "voicemail": ("transfer", "tVoicemail"),
    "timed_out": ("timeout", "tFlowOut"),
    "failed": ("error", "tFlowOut"),
}
_DISCONNECTS = " ".join(f"when '{reason}' then '{kind}'" for reason, (kind, _) in _WAIT_ENDS.items())
_METRICS = " ".join(f"when '{reason}' then '{metric}'" for reason, (_, metric) in _WAIT_ENDS.items())

# Segments of each session: `place` is that of its participant in the conversation, `number` of the segment in it. An
# agent's talk is in equal parts around the holds; an e-mail or message that rests meanwhile is parked after them.
_SEGMENTS = f"""
    create temp table segments as
    with waits as (
        select
            contact_id, wait_number, queue_id,
            min(leg_number) as leg_number,
            min(enqueued_at) as started_at,
            max_by(coalesce(answered_at, ended_at), leg_number) as ended_at,
            max_by(case when answered_at is null then end_reason else 'answered' end, leg_number) as end_reason
        from told_legs
        where wait_number is not null
        group by contact_id, wait_number, queue_id
    ),

    answered as (
        select
            *,
            unnest(range(0, hold_count + 1)) as part,
            talk_seconds * 1000 as talk_ms,
            hold_seconds * 1000 as hold_ms,
            hold_count + 1 as talks,
            greatest(hold_count, 1) as holds
        from told_legs
        where answered_at is not null
    )

    select distinct
        contact_id, 0 as place, 'customer' as purpose, null as user_id, 1 as number, 'interact' as kind,
        conversation_start as started_at, customer_end as ended_at, null as queue_id,
        case when last_end_reason in ('completed', 'transferred') then 'peer' else 'endpoint' end as disconnect,
        null as code, null as metrics
    from told_legs
    union all
    select
        contact_id, leg_number * 10, 'acd', null, 1, 'interact', started_at, ended_at, queue_id,
        case end_reason {_DISCONNECTS} else 'transfer' end,
        null,
        [
            {{'name': 'nOffered', 'value': 1}},
            {{
                'name': case end_reason {_METRICS} else 'tAcd' end,
                'value': epoch_ms(ended_at) - epoch_ms(started_at)
            }}
        ]
    from waits
    union all
    select
        contact_id, leg_number * 10 + 7, end_reason, null, 1, 'interact',
        ended_at, ended_at, queue_id, 'peer', null, null
    from waits
    where end_reason = 'voicemail'
    union all
    select
        contact_id, leg_number * 10 + 5, 'agent', agent_id, 1, 'alert',
        coalesce(answered_at, ended_at) - to_seconds(ring_seconds), coalesce(answered_at, ended_at), queue_id,
        case when answered_at is null then 'timeout' end,
        null,
        case when answered_at is null then [{{'name': 'tNotResponding', 'value': ring_seconds * 1000}}] else [
            {{'name': 'nConnected', 'value': 1}},
            {{'name': 'tAnswered', 'value': epoch_ms(answered_at) - epoch_ms(started_at)}},
            {{'name': 'tTalk', 'value': talk_seconds * 1000}},
            {{'name': 'tHeld', 'value': hold_seconds * 1000}},
            {{'name': 'tAcw', 'value': acw_seconds * 1000}},
            {{'name': 'tHandle', 'value': (talk_seconds + hold_seconds + acw_seconds) * 1000}},
            {{'name': 'nTransferred', 'value': case end_reason when 'transferred' then 1 else 0 end}}
        ] end
    from told_legs
    where agent_id is not null
    union all
    select
        contact_id, leg_number * 10 + 5, 'agent', agent_id, 2 + 2 * part, 'interact',
        answered_at + to_milliseconds(part * talk_ms // talks + part * hold_ms // holds),
        answered_at + to_milliseconds((part + 1) * talk_ms // talks + part * hold_ms // holds),
        queue_id,
        case
            when part < hold_count or ended_at > answered_at + to_seconds(talk_seconds + hold_seconds) then null
            when end_reason = 'transferred' then 'transfer'
            else 'peer'
        end,
        null, null
    from answered
    union all
    select
        contact_id, leg_number * 10 + 5, 'agent', agent_id, 3 + 2 * part, 'hold',
        answered_at + to_milliseconds((part + 1) * talk_ms // talks + part * hold_ms // holds),
        answered_at + to_milliseconds((part + 1) * talk_ms // talks + (part + 1) * hold_ms // holds),
        queue_id, null, null, null
    from answered
    where part < hold_count
    union all
    select
        contact_id, leg_number * 10 + 5, 'agent', agent_id, 1000, 'parked',
        answered_at + to_seconds(talk_seconds + hold_seconds), ended_at, queue_id,
        case end_reason when 'transferred' then 'transfer' else 'peer' end, null, null
    from answered
    where part = 0 and ended_at > answered_at + to_seconds(talk_seconds + hold_seconds)
    union all
    select
        contact_id, leg_number * 10 + 5, 'agent', agent_id, 1001, 'wrapup',
        ended_at, ended_at + to_seconds(acw_seconds), queue_id, 'client', reason_code, null
    from answered
    where part = 0 and (acw_seconds > 0 or reason_code is not null)
"""

_CONVERSATIONS = """
    with sessions as (
        select
            contact_id, place, purpose, user_id,
            list(without_nulls({
                'segmentType': kind, 'segmentStart': instant(started_at), 'segmentEnd': instant(ended_at),
                'queueId': queue_id, 'disconnectType': disconnect, 'wrapUpCode': code, 'conference': false
            }) order by number) as segments,
            list_transform(
                flatten(list(metrics order by number)),
                lambda metric: {
                    'name': metric.name, 'value': metric.value, 'emitDate': instant(max(ended_at))
                }
            ) as metrics
        from segments
        group by contact_id, place, purpose, user_id
    ),

    conversations as (
        select
            contact_id,
            any_value(channel) as channel,
            max(customer_id) as customer_id,
            max(customer_address) as customer_address,
            max(dialled_address) as dialled_address,
            any_value(conversation_start) as conversation_start,
            any_value(conversation_end) as conversation_end,
            max(last_end_reason) = 'callback_requested' as has_callback
        from told_legs
        group by contact_id
    ),

    participants as (
        select
            contact_id,
            list(without_nulls({
                'participantId': contact_id || '-p' || place,
                'purpose': purpose,
                'userId': user_id,
                'externalContactId': case when place = 0 then customer_id end,
                'sessions': list_filter([
                    without_nulls({
                        'sessionId': contact_id || '-s' || place,
                        'mediaType': case
                            when channel in ('chat', 'sms', 'social') then 'message'
                            else channel
                        end,
                        'messageType': case channel
                            when 'chat' then 'webmessaging'
                            when 'sms' then 'sms'
                            when 'social' then 'instagram'
                        end,
                        'direction': 'inbound',
                        'ani': case when place = 0 and channel = 'voice' then customer_address end,
                        'dnis': case when place = 0 and channel = 'voice' then dialled_address end,
                        'addressFrom': case when place = 0 and channel <> 'voice' then customer_address end,
                        'addressTo': case when place = 0 and channel <> 'voice' then dialled_address end,
                        'segments': segments,
                        'metrics': metrics
                    }),
                    case when place = 0 and has_callback then without_nulls({
                        'sessionId': contact_id || '-c',
                        'mediaType': 'callback',
                        'direction': 'outbound',
                        'callbackNumbers': [customer_address],
                        'segments': [{
                            'segmentType': 'scheduled', 'segmentStart': instant(conversation_end),
                            'segmentEnd': instant(conversation_end), 'conference': false
                        }]
                    }) end
                ], lambda session: session is not null)
            }) order by place) as participants
        from sessions
        inner join conversations using (contact_id)
        group by contact_id
    )

    select without_nulls({
        'conversationId': contact_id,
        'conversationStart': instant(conversation_start),
        'conversationEnd': instant(conversation_end),
        'originatingDirection': 'inbound',
        'participants': participants
    }) as line
    from conversations
    inner join participants using (contact_id)
    order by conversation_start, contact_id
"""

_HELPERS = """
    create temp macro instant(at_instant) as strftime(at_instant, '%Y-%m-%dT%H:%M:%S.%gZ');
    create temp macro without_nulls(members) as json_merge_patch('{}'::json, to_json(members))
"""

# The presence that shows a state. All others are on queue, where the routing status says more.
_PRESENCES = {
    "break": "BREAK",
    "lunch": "MEAL",
    "training": "TRAINING",
    "meeting": "MEETING",
    "coaching": "MEETING",
    "system_down": "BUSY",
    "offline": "OFFLINE",
}
_PRESENCE = " ".join(f"when '{state}' then '{presence}'" for state, presence in _PRESENCES.items())

_STATUS = f"""
    with newest as (
        select distinct on (agent_id, started_at)
            agent_id, state, started_at::timestamp as started_at, ended_at::timestamp as ended_at,
            coalesce(is_deleted, 'false') = 'true' as is_deleted
        from (select *, row_number() over () as line from read_csv('{{states}}', all_varchar = true))
        order by agent_id, started_at, updated_at desc, line desc
    ),

    stated as (
        select
            agent_id, started_at,
            least(ended_at, lead(started_at) over (partition by agent_id order by started_at)) as ended_at,
            case state {_PRESENCE} else 'ON_QUEUE' end as presence,
            case
                when state in ('available', 'ringing') then 'IDLE'
                when state in ('on_contact', 'after_contact') then 'INTERACTING'
                else 'OFF_QUEUE'
            end as routing
        from newest
        where not is_deleted and coalesce(ended_at > started_at, true)
    ),

    kinds as (
        select agent_id, 'presence' as kind, presence as shown, started_at, ended_at from stated
        union all
        select agent_id, 'routing', routing, started_at, ended_at from stated
    ),

    compared as (
        select
            *,
            coalesce(
                lag(shown) over in_order = shown and lag(ended_at) over in_order = started_at, false
            ) as goes_on
        from kinds
        window in_order as (partition by agent_id, kind order by started_at)
    ),

    numbered as (
        select
            *,
            sum(case when goes_on then 0 else 1 end) over (partition by agent_id, kind order by started_at) as number
        from compared
    ),

    stretches as (
        select
            agent_id, kind, shown,
            min(started_at) as started_at,
            max_by(coalesce(ended_at, 'infinity'), started_at) as ended_at
        from numbered
        group by agent_id, kind, shown, number
    ),

    written as (
        select
            *,
            date_trunc('week', started_at) as week,
            case when isfinite(ended_at) then instant(ended_at) end as end_time
        from stretches
    )

    select without_nulls({{{{
        'userId': agent_id,
        'primaryPresence': list(
            without_nulls({{{{'startTime': instant(started_at), 'endTime': end_time, 'systemPresence': shown}}}})
            order by started_at
        ) filter (kind = 'presence'),
        'routingStatus': list(
            without_nulls({{{{'startTime': instant(started_at), 'endTime': end_time, 'routingStatus': shown}}}})
            order by started_at
        ) filter (kind = 'routing')
    }}}}) as line
    from written
    group by agent_id, week
    order by agent_id, week
"""


def _rewrite(connection: duckdb.DuckDBPyConnection, out: Path) -> None:
    states = out / "acd" / "agent_states.csv"
    read_legs(connection, out)
    for sql in (_HELPERS, _CONTACTS, _SEGMENTS):
        connection.execute(sql)
    _write_lines(connection, _CONVERSATIONS, out / "genesys_cloud" / "conversations" / "1.jsonl")
    _write_lines(connection, _STATUS.format(states=states), out / "genesys_cloud" / "user_status" / "1.jsonl")
    take_out(connection, out)
    states.unlink()


def _write_lines(connection: duckdb.DuckDBPyConnection, sql: str, file: Path) -> None:
    """Write the texts of a query as lines."""
    file.parent.mkdir(parents=True)
    connection.execute(f"copy ({sql}) to '{file}' (format csv, header false, quote '', escape '', delimiter '\x01')")


VENDOR = Vendor(rewrite=_rewrite, not_told=_NOT_TOLD)
