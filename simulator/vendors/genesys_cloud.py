"""Conversations and user status as Genesys Cloud's analytics API details them, in lines of JSON.

A contact becomes a conversation if the conversation can tell all of it. Transfers and calls back that have an id of
their own go into the conversation that they belong to, as Genesys Cloud has them. What Genesys Cloud has no field for,
such as the account, flows and agents note as attributes of the customer's participant. A self-service session is a flow
of its contact's conversation, or a conversation of its own. A survey is part of the conversation if that can tell its
answers. All else stays plain, except the states of agents.
Conversations keep the ids of contacts, so that surveys and orders name them.
"""

from pathlib import Path

import duckdb

from simulator.vendors.plain import Vendor, read_legs, take_out, write_csv, write_lines

_ATTRIBUTES = {
    "account_number": "accountNumber",
    "client_id": "clientId",
    "reason_code": "contactReason",
    "resolution_code": "disposition",
}
"""The attribute of the customer's participant that holds a column."""

_NAMING = ("survey/contact_surveys", "crm/orders", "crm/cases", "qa/evaluations", "acd/ivr_sessions")
"""Extracts that name contacts."""

_WINDOW_HOURS = (0, 24, 48, 72, 168, 720)
"""Hours within which KPIs look for another contact of a customer."""

_HELPERS = """
    create temp macro instant(at_instant) as strftime(at_instant, '%Y-%m-%dT%H:%M:%S.%gZ');
    create temp macro without_nulls(members) as json_merge_patch('{}'::json, to_json(members))
"""

# Legs under the contact that they go on with, numbered in order of time. One whose chain begins nowhere is left out.
_WHOLE_CONTACTS = """
    create temp table members as
    with recursive related as (
        select contact_id, min_by(related_contact_id, leg_number) as related_contact_id
        from legs
        where related_contact_id is not null
        group by contact_id
    ),

    roots as (
        select distinct contact_id, contact_id as root_id
        from legs
        where contact_id not in (select contact_id from related)
        union all
        select related.contact_id, roots.root_id
        from related
        inner join roots on related.related_contact_id = roots.contact_id
    )

    select * from roots;

    create temp table whole as
    select
        *,
        lag(end_reason) over in_order as reason_before,
        lag(ended_at) over in_order as end_before,
        lag(answered_at) over in_order as answer_before,
        lag(queue_id) over in_order as queue_before,
        lead(queue_id) over in_order as queue_after,
        coalesce(lag(end_reason) over in_order = 'ring_no_answer', false) as is_in_wait,
        first_value(direction) over in_order as way
    from (
        select
            legs.* exclude (contact_id, leg_number, ended_before)
                replace (coalesce(hold_count::int, 0) as hold_count),
            members.root_id as contact_id,
            legs.contact_id as own_contact_id,
            row_number() over (
                partition by members.root_id order by legs.started_at, legs.contact_id, legs.leg_number
            ) as leg_number,
            case when legs.leg_number <> row_number() over (
                partition by legs.contact_id order by legs.leg_number
            ) then 1 else 0 end as is_misnumbered
        from legs
        inner join members on legs.contact_id = members.contact_id
    )
    window in_order as (partition by contact_id order by leg_number)
"""

# What a conversation can tell. A wait is the legs of one entry into a queue: agents who were rung in vain, then whoever
# answered, or nobody. Legs of agents that were brought in without a queue have no wait, nor have calls back.
_CONTACTS = """
    create temp table told_contacts as
    select contact_id
    from whole
    group by contact_id
    having
        sum(is_misnumbered) = 0
        and bool_and(channel in ('voice', 'chat', 'email', 'sms', 'social'))
        and count(distinct channel) = 1
        and count(distinct coalesce(client_id, '')) = 1
        and count(distinct customer_id) <= 1
        and count(distinct customer_address) <= 1
        and count(distinct account_number) <= 1
        and bool_and(coalesce(ended_at >= started_at, false))
        and bool_and(coalesce(case
            when way = 'outbound' then
                leg_number = 1 and queue_id is null and agent_id is not null and channel = 'voice'
                and initiation in ('agent', 'campaign') and coalesce(answered_at >= started_at, end_reason = 'failed')
            when leg_number = 1 then initiation = 'customer' and direction = 'inbound' and enqueued_at is not null
            when initiation = 'callback' then
                reason_before = 'callback_requested' and direction = 'outbound' and queue_id is null
                and answered_at > end_before + interval '2' second and end_reason = 'completed'
            when is_in_wait then direction = 'inbound' and queue_id = queue_before
            else direction = 'inbound' and started_at >= end_before and reason_before in ('transferred', 'overflowed')
        end, false))
        and bool_and(coalesce(case
            when end_reason in ('completed', 'transferred') then
                agent_id is not null and acw_seconds >= 0 and (hold_seconds > 0) = (hold_count > 0)
                and ended_at >= answered_at + to_seconds(talk_seconds + hold_seconds)
                and (channel <> 'voice' or ended_at = answered_at + to_seconds(talk_seconds + hold_seconds))
                and (way = 'outbound' or answered_at - to_seconds(ring_seconds) >= started_at - interval '2' second)
            when end_reason = 'ring_no_answer' then
                agent_id is not null and ended_at - to_seconds(ring_seconds) >= enqueued_at and queue_id = queue_after
            when way = 'outbound' then end_reason = 'failed' and answered_at is null
            else agent_id is null and queue_id is not null and answered_at is null and end_reason is not null
        end, false))
        and bool_and((queue_id is null) = (enqueued_at is null))
        and bool_and(queue_id is null or coalesce(started_at = enqueued_at, false))
        and bool_and(
            queue_id is not null or leg_number = 1 or coalesce(answer_before + interval '2' second < answered_at, true)
        );

    create temp table told as
    select contact_id from members where root_id in (select contact_id from told_contacts);

    create temp table told_legs as
    select
        *,
        case when queue_id is not null then sum((not is_in_wait)::int) over in_order end as wait_number,
        last_value(end_reason) over (
            partition by contact_id order by leg_number rows between unbounded preceding and unbounded following
        ) as last_end_reason
    from whole
    where contact_id in (select contact_id from told_contacts)
    window in_order as (partition by contact_id order by leg_number)
"""

# A flow in a conversation lets it begin earlier. So it is told only where no KPI looks at the time between: in the same
# hour, and with no other contact or session of the customer at the edge of a window.
_FLOWS = f"""
    create temp table flows as
    with newest as (
        select distinct on (session_id) *
        from (select *, row_number() over () as line from flow_versions)
        order by session_id, updated_at desc, line desc
    ),

    sessions as (
        select * replace (entered_at::timestamp as entered_at, exited_at::timestamp as exited_at)
        from newest
        where coalesce(is_deleted, 'false') <> 'true'
    ),

    contacts as (
        select
            contact_id,
            any_value(channel) as channel,
            max(client_id) as client_id,
            max(customer_id) as customer_id,
            max(customer_address) as customer_address,
            max(account_number) as account_number,
            min(started_at) as started_at
        from told_legs
        where way = 'inbound'
        group by contact_id
    ),

    others as (
        select person_id, contact_id, unnest([started_at::timestamp, ended_at::timestamp]) as at_instant
        from persons
        union all
        select persons.person_id, sessions.contact_id, unnest([entered_at, exited_at])
        from sessions
        inner join persons on sessions.contact_id = persons.contact_id
        union all
        select persons.person_id, '', unnest([sessions.entered_at, sessions.exited_at])
        from sessions
        inner join persons on sessions.customer_id = persons.customer_id
        where sessions.contact_id is null
        union all
        select persons.person_id, '', unnest([sessions.entered_at, sessions.exited_at])
        from sessions
        inner join legs on sessions.customer_address = legs.customer_address
        inner join persons on legs.contact_id = persons.contact_id
        where sessions.contact_id is null
    ),

    of_contacts as (
        select sessions.session_id
        from sessions
        inner join contacts on sessions.contact_id = contacts.contact_id
        inner join persons on sessions.contact_id = persons.contact_id
        where
            sessions.exit_type = 'to_agent'
            and sessions.channel = contacts.channel
            and sessions.client_id is not distinct from contacts.client_id
            and sessions.customer_id is not distinct from contacts.customer_id
            and sessions.customer_address is not distinct from contacts.customer_address
            and sessions.account_number is not distinct from contacts.account_number
            and sessions.exited_at between sessions.entered_at and contacts.started_at
            and date_trunc('hour', sessions.entered_at) = date_trunc('hour', contacts.started_at)
            and not exists (
                select 1
                from others
                cross join (select unnest({list(_WINDOW_HOURS)}) as hours) as windows
                where
                    others.person_id = persons.person_id
                    and others.contact_id <> contacts.contact_id
                    and others.at_instant + to_hours(hours) between sessions.entered_at and contacts.started_at
            )
        qualify count(*) over (partition by sessions.contact_id) = 1
    )

    select *, coalesce(contact_id, session_id) as conversation_id
    from sessions
    where
        session_id in (select session_id from of_contacts)
        or (
            contact_id is null
            and exit_type in ('self_served', 'hung_up', 'failed')
            and channel in ('voice', 'chat')
            and exited_at >= entered_at
        )
"""

# A conversation with what it notes of the customer. One that is a flow alone has no legs.
_CONVERSATIONS = """
    create temp table conversations as
    with contacts as (
        select
            contact_id,
            any_value(channel) as channel,
            any_value(way) as way,
            bool_or(initiation = 'campaign') as is_of_campaign,
            bool_or(end_reason = 'callback_requested') and not bool_or(initiation = 'callback') as is_callback_due,
            max(client_id) as client_id,
            max(customer_id) as customer_id,
            max(customer_address) as customer_address,
            max(dialled_address) as dialled_address,
            max(account_number) as account_number,
            max_by(resolution_code, leg_number) filter (where resolution_code is not null) as resolution_code,
            min(started_at) as started_at,
            max(ended_at) as ended_at,
            max(ended_at + to_seconds(coalesce(acw_seconds, 0))) as done_at,
            any_value(last_end_reason in ('completed', 'transferred')) as is_ended_by_agent
        from told_legs
        group by contact_id
    )

    select
        contacts.* replace (least(contacts.started_at, flows.entered_at) as started_at),
        flows.intent
    from contacts
    left join flows on contacts.contact_id = flows.conversation_id
    union all
    select
        session_id, channel, 'inbound', false, false, client_id, customer_id, customer_address, null, account_number,
        null, entered_at, exited_at, exited_at, exit_type = 'self_served', intent
    from flows
    where contact_id is null
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

# How a flow is disconnected, and the reason of its exit.
_FLOW_ENDS = {
    "to_agent": ("transfer", "TRANSFER"),
    "self_served": ("system", "FLOW_DISCONNECT"),
    "hung_up": ("peer", "DISCONNECT"),
    "failed": ("error", "FLOW_ERROR_DISCONNECT"),
}
_FLOW_DISCONNECTS = " ".join(f"when '{exit_type}' then '{kind}'" for exit_type, (kind, _) in _FLOW_ENDS.items())
_FLOW_EXITS = " ".join(f"when '{exit_type}' then '{reason}'" for exit_type, (_, reason) in _FLOW_ENDS.items())

# Segments of each session: `place` is that of its participant in the conversation, `session` that of the session in it,
# `number` that of the segment. An agent's talk is in equal parts around the holds; an e-mail or message that rests
# meanwhile is parked after them. Who calls back takes the callback in a session before that of the call.
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

    stints as (
        select
            *,
            leg_number * 10 + 5 as place,
            (initiation = 'callback')::int as session,
            answered_at + to_seconds(talk_seconds + hold_seconds) as talked_until,
            case end_reason when 'transferred' then 'transfer' else 'peer' end as disconnect
        from told_legs
        where agent_id is not null
    ),

    answered as (
        select
            *,
            unnest(range(0, hold_count + 1)) as part,
            talk_seconds * 1000 as talk_ms,
            hold_seconds * 1000 as hold_ms,
            hold_count + 1 as talks,
            greatest(hold_count, 1) as holds
        from stints
        where answered_at is not null
    )

    select
        contact_id, 0 as place, 0 as session, 'customer' as purpose, null as user_id, 1 as number, 'interact' as kind,
        started_at, ended_at, null as queue_id,
        case when is_ended_by_agent then 'peer' else 'endpoint' end as disconnect,
        null as code, null as metrics
    from conversations
    union all
    select
        contact_id, 0, 1, 'customer', null, 1, 'scheduled', ended_at, ended_at, null, null, null, null
    from conversations
    where is_callback_due
    union all
    select
        conversation_id, 2, 0, case channel when 'voice' then 'ivr' else 'botflow' end, null, 1,
        case channel when 'voice' then 'ivr' else 'interact' end, entered_at, exited_at, null,
        case exit_type {_FLOW_DISCONNECTS} end,
        null, null
    from flows
    union all
    select
        contact_id, leg_number * 10, 0, 'acd', null, 1, 'interact', started_at, ended_at, queue_id,
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
        contact_id, leg_number * 10 + 7, 0, end_reason, null, 1, 'interact', ended_at, ended_at, queue_id, 'peer',
        null, null
    from waits
    where end_reason = 'voicemail'
    union all
    select
        contact_id, place, 0, 'agent', agent_id, 1,
        case way when 'outbound' then 'dialing' else 'alert' end,
        case way
            when 'outbound' then started_at
            else coalesce(answered_at, ended_at) - to_seconds(ring_seconds)
        end,
        coalesce(answered_at, ended_at), queue_id,
        case when answered_at is null then case way when 'outbound' then 'peer' else 'timeout' end end,
        null,
        case
            when answered_at is null and way = 'outbound' then [{{'name': 'nOutboundAttempted', 'value': 1}}]
            when answered_at is null then [{{'name': 'tNotResponding', 'value': ring_seconds * 1000}}]
        end
    from stints
    union all
    select
        contact_id, place, 0, 'agent', agent_id, 2, 'interact', answered_at, ended_at, null, 'peer', null, null
    from stints
    where session = 1
    union all
    select
        contact_id, place, session, 'agent', agent_id, 10 + 2 * part, 'interact',
        answered_at + to_milliseconds(part * talk_ms // talks + part * hold_ms // holds),
        answered_at + to_milliseconds((part + 1) * talk_ms // talks + part * hold_ms // holds),
        queue_id, case when part = hold_count and ended_at = talked_until then disconnect end, null,
        case when part = 0 then [
            {{'name': 'nConnected', 'value': 1}},
            {{'name': 'tTalk', 'value': talk_seconds * 1000}},
            {{'name': 'tHeld', 'value': hold_seconds * 1000}},
            {{'name': 'tAcw', 'value': acw_seconds * 1000}},
            {{'name': 'tHandle', 'value': (talk_seconds + hold_seconds + acw_seconds) * 1000}},
            {{'name': 'nTransferred', 'value': (end_reason = 'transferred')::int}}
        ] end
    from answered
    union all
    select
        contact_id, place, session, 'agent', agent_id, 11 + 2 * part, 'hold',
        answered_at + to_milliseconds((part + 1) * talk_ms // talks + part * hold_ms // holds),
        answered_at + to_milliseconds((part + 1) * talk_ms // talks + (part + 1) * hold_ms // holds),
        queue_id, null, null, null
    from answered
    where part < hold_count
    union all
    select
        contact_id, place, session, 'agent', agent_id, 10000, 'parked', talked_until, ended_at, queue_id, disconnect,
        null, null
    from stints
    where ended_at > talked_until
    union all
    select
        contact_id, place, session, 'agent', agent_id, 10001, 'wrapup', ended_at, ended_at + to_seconds(acw_seconds),
        queue_id, 'client', reason_code, null
    from stints
    where answered_at is not null and (acw_seconds > 0 or reason_code is not null)
"""

# Surveys of conversations. One with an answer is told if the likelihood to recommend is all of it: what else a form
# asks is points of its total. No conversation tells the items of evaluations, so these stay plain.
_SURVEYS = """
    create temp table told_surveys as
    with newest as (
        select distinct on (survey_id) *
        from (select *, row_number() over () as line from survey_versions)
        order by survey_id, updated_at desc, line desc
    )

    select
        newest.survey_id, members.root_id as contact_id, newest.agent_id, newest.nps_score::int as nps_score,
        newest.sent_at::timestamp as sent_at, newest.responded_at::timestamp as responded_at
    from newest
    inner join members on newest.contact_id = members.contact_id
    where
        members.root_id in (select contact_id from told_contacts)
        and coalesce(newest.is_deleted, 'false') <> 'true'
        and coalesce(
            csat_score, ces_score, ownership_score, issue_resolved, contacts_needed, other_channels_used, comment
        ) is null
"""

_ATTRIBUTE_MEMBERS = ", ".join(
    f"'{name}': {'intent' if column == 'reason_code' else column}" for column, name in _ATTRIBUTES.items()
)

_CONVERSATION_LINES = f"""
    with sessions as (
        select
            contact_id, place, session, purpose, user_id,
            list(without_nulls({{
                'segmentType': kind, 'segmentStart': instant(started_at), 'segmentEnd': instant(ended_at),
                'queueId': queue_id, 'disconnectType': disconnect, 'wrapUpCode': code, 'conference': false
            }}) order by number) as segments,
            list_transform(
                flatten(list(metrics order by number)),
                lambda metric: {{'name': metric.name, 'value': metric.value, 'emitDate': instant(max(ended_at))}}
            ) as metrics
        from segments
        group by contact_id, place, session, purpose, user_id
    ),

    -- The customer's end of a session says who it is and which number or address was reached.
    written as (
        select
            contact_id, place, session, purpose, user_id,
            case
                when (session = 1 and purpose = 'customer') or (is_calling_back and session = 0)
                    then 'callback'
                when channel in ('chat', 'sms', 'social') then 'message'
                else channel
            end as medium,
            without_nulls({{
                'sessionId': case
                    when purpose in ('ivr', 'botflow') then flows.session_id
                    else contact_id || '-' || place || '-' || session
                end,
                'mediaType': medium,
                'messageType': case when medium = 'message' then
                    case channel when 'chat' then 'webmessaging' when 'social' then 'instagram' else channel end
                end,
                'direction': way,
                'outboundCampaignId': case when is_of_campaign then 'campaign' end,
                'ani': case when place = 0 and channel = 'voice' then
                    case way when 'inbound' then customer_address else dialled_address end
                end,
                'dnis': case when place = 0 and channel = 'voice' then
                    case way when 'inbound' then dialled_address else customer_address end
                end,
                'addressFrom': case when place = 0 and channel <> 'voice' then customer_address end,
                'addressTo': case when place = 0 and channel <> 'voice' then dialled_address end,
                'flow': case
                    when purpose in ('ivr', 'botflow') then without_nulls({{
                        'flowName': intent,
                        'exitReason': case flows.exit_type {_FLOW_EXITS} end
                    }})
                end,
                'segments': segments,
                'metrics': metrics
            }}) as line
        from (
            select *, purpose = 'agent' and max(session) over (partition by contact_id, place) = 1 as is_calling_back
            from sessions
        ) as sessions
        inner join conversations using (contact_id)
        left join (select conversation_id as contact_id, session_id, exit_type from flows) as flows using (contact_id)
    ),

    participants as (
        select
            contact_id, place,
            without_nulls({{
                'participantId': contact_id || '-' || place,
                'purpose': purpose,
                'userId': user_id,
                'externalContactId': case when place = 0 then any_value(customer_id) end,
                'attributes': case when place = 0 then any_value(without_nulls({{{_ATTRIBUTE_MEMBERS}}})) end,
                'sessions': list(line order by session)
            }}) as line
        from written
        inner join conversations using (contact_id)
        group by contact_id, place, purpose, user_id
    ),

    asked as (
        select
            contact_id,
            list(without_nulls({{
                'surveyId': survey_id,
                'surveyFormName': 'After a contact',
                'surveyType': 'Web',
                'surveyStatus': case when responded_at is null then 'Sent' else 'Finished' end,
                'userId': agent_id,
                'eventTime': instant(coalesce(responded_at, sent_at)),
                'surveyCompletedDate': instant(responded_at),
                'surveyPromoterScore': nps_score
            }}) order by survey_id) as surveys
        from told_surveys
        group by contact_id
    )

    select without_nulls({{
        'conversationId': contact_id,
        'conversationStart': instant(any_value(started_at)),
        'conversationEnd': instant(any_value(done_at)),
        'originatingDirection': any_value(way),
        'participants': list(line order by place),
        'surveys': any_value(surveys)
    }}) as line
    from participants
    inner join conversations using (contact_id)
    left join asked using (contact_id)
    group by contact_id
    order by any_value(started_at), contact_id
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
_SECONDARY_PRESENCES = {
    "coaching": "5d3a9c14-0c0b-4b7c-9d42-7a4f0e6c2b01",
    "system_down": "5d3a9c14-0c0b-4b7c-9d42-7a4f0e6c2b02",
}
"""Ids of the presences that the centre made under those of Genesys Cloud."""
_PRESENCE = " ".join(f"when '{state}' then '{presence}'" for state, presence in _PRESENCES.items())

_SECONDARY_PRESENCE = " ".join(f"when '{state}' then '{name}'" for state, name in _SECONDARY_PRESENCES.items())

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
            case state {_SECONDARY_PRESENCE} end as secondary,
            case
                when state in ('available', 'ringing') then 'IDLE'
                when state in ('on_contact', 'after_contact') then 'INTERACTING'
                else 'OFF_QUEUE'
            end as routing
        from newest
        where not is_deleted and coalesce(ended_at > started_at, true)
    ),

    kinds as (
        select agent_id, 'presence' as kind, presence as shown, secondary, started_at, ended_at from stated
        union all
        select agent_id, 'routing', routing, null, started_at, ended_at from stated
    ),

    compared as (
        select
            *,
            coalesce(
                lag(shown) over in_order = shown
                and lag(secondary) over in_order is not distinct from secondary
                and lag(ended_at) over in_order = started_at,
                false
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
            agent_id, kind, shown, secondary,
            min(started_at) as started_at,
            max_by(coalesce(ended_at, 'infinity'), started_at) as ended_at
        from numbered
        group by agent_id, kind, shown, secondary, number
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
            without_nulls({{{{
                'startTime': instant(started_at), 'endTime': end_time, 'systemPresence': shown,
                'organizationPresenceId': secondary
            }}}})
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
    sessions = out / "acd" / "ivr_sessions.csv"
    surveys = out / "survey" / "contact_surveys.csv"
    read_legs(connection, out)
    connection.execute(f"""
        create temp table flow_versions as select * from read_csv('{sessions}', all_varchar = true);
        create temp table survey_versions as select * from read_csv('{surveys}', all_varchar = true);
        create temp table persons as select * from read_csv('{out}/truth/contacts.csv', all_varchar = true);
    """)
    for sql in (_HELPERS, _WHOLE_CONTACTS, _CONTACTS, _FLOWS, _CONVERSATIONS, _SEGMENTS, _SURVEYS):
        connection.execute(sql)
    write_lines(connection, _CONVERSATION_LINES, out / "genesys_cloud" / "conversations" / "1.jsonl")
    write_lines(connection, _STATUS.format(states=states), out / "genesys_cloud" / "user_status" / "1.jsonl")
    take_out(connection, out)
    write_csv(
        connection,
        "select * from flow_versions where session_id not in (select session_id from flows)",
        sessions,
    )
    write_csv(
        connection,
        "select * from survey_versions where survey_id not in (select survey_id from told_surveys)",
        surveys,
    )
    for extract in _NAMING:
        _rename_in(connection, out / f"{extract}.csv")
    states.unlink()


def _rename_in(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Let an extract name conversations where it named a contact that is part of one now."""
    write_csv(
        connection,
        f"""
        select naming.* exclude (line) replace (coalesce(members.root_id, naming.contact_id) as contact_id)
        from (select *, row_number() over () as line from read_csv('{file}', all_varchar = true)) as naming
        left join members
            on naming.contact_id = members.contact_id and members.root_id in (select contact_id from told_contacts)
        order by naming.line
        """,
        file,
    )


VENDOR = Vendor(
    rewrite=_rewrite,
    not_told={},
    settings={
        **{f"{column}_attribute": name for column, name in _ATTRIBUTES.items()},
        "presence_states": {presence_id: state for state, presence_id in _SECONDARY_PRESENCES.items()},
    },
)
