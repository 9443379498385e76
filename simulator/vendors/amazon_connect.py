"""Contacts as contact records of Amazon Connect, and the states of all agents as its agent events.

Each leg is a record of a chain of ContactIds. The first one is the contact's own id, so that surveys and orders still
name it. What Amazon Connect has no field for, such as who the customer is, flows and agents note as attributes of the
contact. A contact stays plain if it has not ended, if it is between agents, or if no chain can tell its legs.
"""

from pathlib import Path

import duckdb

from simulator.vendors.plain import Vendor, read_legs, take_out, write_lines

_ACCOUNT = "012345678901"
_INSTANCE = f"arn:aws:connect:eu-central-1:{_ACCOUNT}:instance/11111111-2222-3333-4444-555555555555"

_ATTRIBUTES = {
    "customer_id": "customerId",
    "account_number": "accountNumber",
    "client_id": "clientId",
    "reason_code": "contactReason",
    "resolution_code": "disposition",
}
"""The attribute that holds a column of legs."""

_CHANNELS = {
    "voice": ("VOICE", "INBOUND", "connect:Telephony"),
    "chat": ("CHAT", "API", "connect:Chat"),
    "sms": ("CHAT", "API", "connect:SMS"),
    "social": ("CHAT", "API", "connect:WhatsApp"),
    "email": ("EMAIL", "INBOUND", "connect:Email"),
}
"""Of each channel: Channel, InitiationMethod of a contact that the customer begins, and subtype."""

_DISCONNECTS = {
    "completed": "CUSTOMER_DISCONNECT",
    "transferred": "AGENT_DISCONNECT",
    "abandoned": "CUSTOMER_DISCONNECT",
    "overflowed": "CONTACT_FLOW_DISCONNECT",
    "timed_out": "CONTACT_FLOW_DISCONNECT",
    "callback_requested": "CONTACT_FLOW_DISCONNECT",
    "voicemail": "CONTACT_FLOW_DISCONNECT",
    "failed": "TELECOM_PROBLEM",
}
"""The DisconnectReason of a leg that ended so: a flow disconnects who left a message, or a number to call back."""

_CONTACT_STATES = {"ringing": "CONNECTING", "on_contact": "CONNECTED", "after_contact": "ENDED"}
"""What the contact at an agent does in the states that contacts make; the agent's status is Available in them."""


def _cases(of: str, values: dict[str, str]) -> str:
    whens = " ".join(f"when '{key}' then '{value}'" for key, value in values.items())
    return f"case {of} {whens} end"


def _of_channel(part: int) -> str:
    return _cases("channel", {channel: parts[part] for channel, parts in _CHANNELS.items()})


# How Amazon Connect writes times, ids, and what its events are made of.
_MACROS = f"""
    create temp macro stamp(instant) as strftime(instant, '%Y-%m-%dT%H:%M:%SZ');

    create temp macro arn(kind, id) as '{_INSTANCE}/' || kind || '/' || id;

    create temp macro contact_of(id, first_id, medium, queue, enqueued_at) as json_object(
        'ContactId', id,
        'InitialContactId', nullif(first_id, id),
        'Channel', medium,
        'InitiationMethod', 'INBOUND',
        'QueueTimestamp', stamp(enqueued_at),
        'Queue', case when queue is not null then json_object('ARN', arn('queue', queue), 'Name', queue) end
    );

    create temp macro in_state(contact, state, since) as json_merge_patch(
        contact, json_object('State', state, 'StateStartTimestamp', stamp(since))
    );

    create temp macro snapshot(agent, status, since, contacts) as json_object(
        'AgentStatus', json_object(
            'ARN', arn('agent-state', status),
            'Name', status,
            'StartTimestamp', stamp(since),
            'Type', case status when 'Available' then 'ROUTABLE' when 'Offline' then 'OFFLINE' else 'CUSTOM' end
        ),
        'Configuration', json_object('Username', agent),
        'Contacts', to_json(contacts)
    );

    create temp macro event_of(id, kind, instant, agent, before, now) as json_object(
        'AWSAccountId', '{_ACCOUNT}',
        'InstanceARN', '{_INSTANCE}',
        'AgentARN', arn('agent', agent),
        'EventId', id,
        'EventType', kind,
        'EventTimestamp', stamp(instant),
        'PreviousAgentSnapshot', before,
        'CurrentAgentSnapshot', now,
        'Version', '2017-10-01'
    )
"""

# A leg is a record, the first one by the contact's id. A ring is none: an agent missed the contact of the record after
# it, while that waited.
_CONTACTS = """
    create temp table records as
    select
        *,
        case when place = 1 then contact_id else contact_id || '.' || place end as own_contact_id,
        lead(place) over (partition by contact_id order by place) as place_after,
        lead(ended_at) over (partition by contact_id order by place) as ended_after
    from (
        select *, row_number() over (partition by contact_id order by leg_number) as place
        from legs
        where end_reason is distinct from 'ring_no_answer'
    );

    create temp table spans as
    with newest as (
        select agent_id, state, started_at::timestamp as started_at, ended_at::timestamp as ended_at
        from (
            select *, row_number() over (partition by agent_id, started_at order by updated_at desc, line desc) as place
            from (select *, row_number() over () as line from read_csv('{states}', all_varchar = true))
        )
        where place = 1 and coalesce(is_deleted, 'false') <> 'true'
    ),

    named as (
        select
            *,
            case
                when state in ('ringing', 'on_contact', 'after_contact') then 'Available'
                else array_to_string([upper(word[1]) || word[2:] for word in string_split(state, '_')], ' ')
            end as status
        from newest
    ),

    compared as (
        select *, status is distinct from lag(status) over (partition by agent_id order by started_at) as is_new_status
        from named
    )

    select
        *,
        max(case when is_new_status then started_at end) over (
            partition by agent_id order by started_at rows between unbounded preceding and current row
        ) as status_since,
        coalesce(ended_at, 'infinity') as free_at
    from compared;

    create temp table rings as
    select
        legs.contact_id, legs.agent_id, legs.queue_id, legs.channel, legs.enqueued_at, legs.ended_at, legs.ring_seconds,
        records.own_contact_id, spans.started_at as span_started_at,
        coalesce(
            records.enqueued_at = legs.enqueued_at and records.queue_id = legs.queue_id
            and records.ended_at >= legs.ended_at and legs.started_at = legs.enqueued_at and legs.ring_seconds > 0
            and legs.ended_at = legs.started_at + to_seconds(legs.ring_seconds)
            and spans.started_at < legs.ended_at and spans.free_at > legs.ended_at,
            false
        ) as is_tellable
    from legs
    asof left join records on legs.contact_id = records.contact_id and legs.leg_number <= records.leg_number
    asof left join spans on legs.agent_id = spans.agent_id and legs.ended_at >= spans.started_at
    where legs.end_reason = 'ring_no_answer';

    create temp table told as
    select contact_id
    from records
    group by contact_id
    having
        bool_and(coalesce(ended_at is not null and end_reason is not null, false))
        and bool_and(coalesce(channel in ({channels}) and (channel = 'voice' or direction = 'inbound'), false))
        and count(distinct channel) = 1 and count(distinct direction) = 1
        and bool_and(coalesce(case direction
            when 'inbound' then initiation = 'transfer' or (initiation = 'customer' and related_contact_id is null)
            when 'outbound' then initiation in ('agent', 'campaign', 'callback') and place = 1
        end, false))
        and count(distinct coalesce(related_contact_id, '')) = 1
        and bool_and(related_contact_id is null or related_contact_id in (select contact_id from legs))
        and bool_and(coalesce(case end_reason
            when 'completed' then agent_id is not null and answered_at is not null and place_after is null
            when 'transferred' then agent_id is not null and answered_at is not null
            when 'failed' then answered_at is null and place_after is null
            when 'overflowed' then answered_at is null and enqueued_at is not null
            else answered_at is null and enqueued_at is not null and place_after is null
        end, false))
        and bool_and(coalesce(ended_after > ended_at, true))
        and contact_id not in (select contact_id from rings where not is_tellable)
        and contact_id in (select contact_id from legs group by contact_id having count(*) = max(leg_number));

    delete from records where contact_id not in (select contact_id from told);
    delete from rings where contact_id not in (select contact_id from told)
"""

_ATTRIBUTE_PAIRS = ", ".join(f"'{name}', {column}" for column, name in _ATTRIBUTES.items())

_RECORDS = f"""
    select
        json_object(
            'AWSAccountId', '{_ACCOUNT}',
            'AWSContactTraceRecordFormatVersion', '2017-03-10',
            'InstanceARN', '{_INSTANCE}',
            'ContactId', own_contact_id,
            'InitialContactId', case when place > 1 then contact_id end,
            'PreviousContactId', lag(own_contact_id) over chain,
            'NextContactId', lead(own_contact_id) over chain,
            'RelatedContactId', related_contact_id,
            'Channel', {_of_channel(0)},
            'InitiationMethod', case
                when initiation = 'transfer' then 'TRANSFER'
                when place > 1 then 'QUEUE_TRANSFER'
                when initiation = 'customer' then {_of_channel(1)}
                when initiation = 'campaign' then 'API'
                when initiation = 'callback' and related_contact_id is not null then 'CALLBACK'
                else 'OUTBOUND'
            end,
            'SegmentAttributes', json_object('connect:Subtype', json_object('ValueString', {_of_channel(2)})),
            'Campaign', case when initiation = 'campaign' then json_object('CampaignId', 'simulated') end,
            'InitiationTimestamp', stamp(started_at),
            'ConnectedToSystemTimestamp', stamp(started_at),
            'TransferCompletedTimestamp', case when end_reason = 'transferred' then stamp(ended_at) end,
            'DisconnectTimestamp', stamp(ended_at),
            'DisconnectReason', case
                when direction = 'outbound' and end_reason = 'failed' then 'OUTBOUND_DESTINATION_ENDPOINT_ERROR'
                else {_cases("end_reason", _DISCONNECTS)}
            end,
            'CustomerEndpoint', case when customer_address is not null then json_object(
                'Type', case when contains(customer_address, '@') then 'EMAIL_ADDRESS' else 'TELEPHONE_NUMBER' end,
                'Address', customer_address
            ) end,
            'SystemEndpoint', case when dialled_address is not null then json_object(
                'Type', 'TELEPHONE_NUMBER',
                'Address', dialled_address
            ) end,
            'Queue', case when queue_id is not null then json_object(
                'ARN', arn('queue', queue_id),
                'Name', queue_id,
                'EnqueueTimestamp', stamp(enqueued_at),
                'DequeueTimestamp', stamp(coalesce(answered_at, ended_at)),
                'Duration', epoch(coalesce(answered_at, ended_at) - enqueued_at)::bigint
            ) end,
            'Agent', case when agent_id is not null then json_object(
                'ARN', arn('agent', agent_id),
                'Username', agent_id,
                'ConnectedToAgentTimestamp', stamp(answered_at),
                'AgentInteractionDuration', talk_seconds + hold_seconds,
                'CustomerHoldDuration', hold_seconds,
                'NumberOfHolds', hold_count::int,
                'AfterContactWorkDuration', acw_seconds
            ) end,
            'AgentConnectionAttempts', case when agent_id is not null then 1 + (
                select count(*) from rings where rings.own_contact_id = records.own_contact_id
            ) end,
            'Attributes', json_merge_patch(json_object(), json_object({_ATTRIBUTE_PAIRS})),
            'LastUpdateTimestamp', updated_at
        ) as line
    from records
    window chain as (partition by contact_id order by place)
    order by updated_at, own_contact_id
"""

# The simulated states stand for many more contacts than there are records, so most contacts at an agent have none.
_EVENTS = f"""
    with met as (
        select
            spans.*,
            case when records.answered_at < spans.free_at
                then contact_of(own_contact_id, contact_id, {_of_channel(0)}, queue_id, enqueued_at)
                else contact_of(spans.agent_id || '-' || epoch(spans.started_at)::bigint, null, 'VOICE', null, null)
            end as contact
        from spans
        asof left join records on spans.agent_id = records.agent_id and spans.started_at <= records.answered_at
    ),

    at_agent as (
        select
            * exclude (contact),
            case
                when state = 'ringing' and lead(state) over span = 'on_contact' then lead(contact) over span
                when state = 'after_contact' and lag(state) over span = 'on_contact' then lag(contact) over span
                else contact
            end as contact
        from met
        window span as (partition by agent_id order by started_at)
    ),

    doing as (
        select
            *,
            case
                when status = 'Available' and state <> 'available'
                    then [in_state(contact, {_cases("state", _CONTACT_STATES)}, started_at)]
                else []
            end as contacts
        from at_agent
    ),

    shown as (
        select
            *,
            snapshot(agent_id, status, status_since, contacts) as now,
            lag(state) over span as state_before,
            lead(started_at) over span as next_at
        from doing
        window span as (partition by agent_id order by started_at)
    ),

    missed as (
        select
            rings.*,
            shown.* exclude (agent_id, ended_at),
            rings.agent_id || '-' || epoch(rings.ended_at)::bigint || '-' || own_contact_id as id,
            contact_of(own_contact_id, contact_id, {_of_channel(0)}, queue_id, enqueued_at) as missed_contact
        from rings
        inner join shown on rings.agent_id = shown.agent_id and rings.span_started_at = shown.started_at
    ),

    snapshots as (
        select
            *,
            snapshot(agent_id, status, status_since, list_append(
                contacts, in_state(missed_contact, 'CONNECTING', ended_at - to_seconds(ring_seconds))
            )) as ringing,
            snapshot(agent_id, status, status_since, list_append(
                contacts, in_state(missed_contact, 'MISSED', ended_at)
            )) as in_vain,
            snapshot(agent_id, status, ended_at, contacts) as cleared
        from missed
    ),

    events as (
        select
            started_at as instant,
            event_of(
                agent_id || '-' || epoch(started_at)::bigint,
                case
                    when state = 'offline' then 'LOGOUT'
                    when coalesce(state_before, 'offline') = 'offline' then 'LOGIN'
                    else 'STATE_CHANGE'
                end,
                started_at, agent_id, lag(now) over (partition by agent_id order by started_at), now
            ) as line
        from shown
        union all
        select
            ended_at,
            event_of(
                agent_id || '-' || epoch(ended_at)::bigint || '-out', 'LOGOUT', ended_at, agent_id, now,
                snapshot(agent_id, 'Offline', ended_at, [])
            )
        from shown
        where ended_at is not null and ended_at is distinct from next_at
        union all
        select ended_at, event_of(id || '-missed', 'STATE_CHANGE', ended_at, agent_id, ringing, in_vain) from snapshots
        union all
        select ended_at, event_of(id || '-next', 'STATE_CHANGE', ended_at, agent_id, in_vain, cleared) from snapshots
    )

    select line from events order by instant, line
"""


def _rewrite(connection: duckdb.DuckDBPyConnection, out: Path) -> None:
    states, folder = out / "acd" / "agent_states.csv", out / "amazon_connect"
    read_legs(connection, out)
    connection.execute(_MACROS)
    channels = ", ".join(f"'{channel}'" for channel in _CHANNELS)
    connection.execute(_CONTACTS.format(states=states, channels=channels))
    write_lines(connection, _RECORDS, folder / "contact_records" / "records.jsonl")
    write_lines(connection, _EVENTS, folder / "agent_events" / "events.jsonl")
    take_out(connection, out)
    states.unlink()


VENDOR = Vendor(
    rewrite=_rewrite,
    not_told={},
    settings={f"{column}_attribute": name for column, name in _ATTRIBUTES.items()},
)
