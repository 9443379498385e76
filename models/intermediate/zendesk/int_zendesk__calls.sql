{{ config(
    materialized='incremental_by_key',
    unique_key=['call_id'],
    meta={'incremental': {'records': ['call_id']}}
) }}

-- A call is a contact. The first call of a voice ticket made the ticket, if it began no later than a minute after the ticket, and before it
-- was solved: it is the ticket's first session, which is then no contact beside it. Every other call has a name of its own, with a ticket
-- or without (ZEN-13). An agent who calls in does so internally (ZEN-4).
with

calls as (

    select
        *,
        {{ without_instance('call_id', instances_of('zendesk')) if instances_of('zendesk') else 'call_id' }} as own_call_id,
        case when ticket_id not in ('', '0') then ticket_id end as made_ticket_id,
        case when customer_id != '0' then customer_id end as known_customer_id
    from {{ ref('stg_zendesk__calls') }}

),

merged as (

    select * from {{ ref('int_zendesk__merges') }}

),

tickets as (

    select * from {{ ref('int_zendesk__tickets') }}

),

users as (

    select * from {{ ref('stg_zendesk__users') }}

),

first_sessions as (

    select * from {{ ref('int_zendesk__sessions') }}
    where session_number = 1

),

makers as (

    select
        calls.call_id,
        first_sessions.contact_id,
        row_number() over (partition by first_sessions.ticket_id order by calls.created_at, calls.call_id) as call_number
    from calls
    inner join tickets
        on
            calls.made_ticket_id = tickets.ticket_id
            and tickets.channel = 'voice'
    inner join first_sessions
        on
            tickets.ticket_id = first_sessions.ticket_id
            and calls.created_at <= {{ dbt.dateadd('second', 60, 'first_sessions.started_at') }}
            and calls.created_at < coalesce(first_sessions.solved_at, cast('9999-12-31' as timestamp))

),

final as (

    select
        calls.call_id,
        tickets.ticket_id,
        tickets.reason_code,
        calls.phone_number as dialled_address,
        calls.group_id,
        calls.duration_seconds,
        calls.ivr_seconds,
        calls.wait_seconds,
        calls.answer_seconds,
        calls.talk_seconds,
        calls.hold_seconds,
        calls.wrap_up_seconds,
        calls.is_voicemail,
        calls.is_overflowed,
        calls.has_waited_too_long,
        calls.is_outside_hours,
        calls.created_at as started_at,
        coalesce(
            makers.contact_id,
            {{ of_instance_of('calls.call_id', "'call-' || calls.own_call_id", 'zendesk') }}
        ) as contact_id,
        case
            when lower(calls.direction) = 'inbound' and lower(users.role) in ('agent', 'admin') then 'internal'
            else lower(calls.direction)
        end as direction,
        lower(calls.completion_status) as completion_status,
        coalesce(calls.known_customer_id, tickets.requester_id) as customer_id,
        case when calls.agent_id != '0' then calls.agent_id end as agent_id,
        case when calls.is_callback then 1 else 0 end as is_callback,
        {{ dbt.dateadd('second', 'calls.duration_seconds', 'calls.created_at') }} as ended_at,
        coalesce(calls.updated_at, calls.synced_at, calls.created_at) as updated_at
    from calls
    left join merged on calls.made_ticket_id = merged.ticket_id
    left join tickets on coalesce(merged.into_ticket_id, calls.made_ticket_id) = tickets.ticket_id
    left join users on coalesce(calls.known_customer_id, tickets.requester_id) = users.user_id
    left join makers
        on
            calls.call_id = makers.call_id
            and makers.call_number = 1

)

select * from final
