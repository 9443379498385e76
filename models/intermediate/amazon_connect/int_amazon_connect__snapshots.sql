{{ config(
    materialized='incremental_by_key',
    unique_key=['event_id', 'moment'],
    meta={'incremental': {'key': ['event_id'], 'records': ['agent_id']}}
) }}

-- What an agent was doing at an event, and just before it: what the contacts say, else the status. A contact that ended and is still there
-- is work after it; one that was missed or rejected keeps the agent from the next, which Amazon Connect calls an error (AWS-6).
with

agent_events as (

    select * from {{ ref('stg_amazon_connect__agent_events') }}
    where {{ is_affected('event_id') }}

),

agent_contacts as (

    select * from {{ ref('int_amazon_connect__agent_contacts') }}
    where {{ is_affected('event_id') }}

),

moments as (

    select
        event_id,
        agent_arn,
        event_type,
        event_timestamp,
        status_name,
        status_type,
        status_started_at,
        'current' as moment
    from agent_events
    union all
    select
        event_id,
        agent_arn,
        event_type,
        event_timestamp,
        previous_status_name as status_name,
        previous_status_type as status_type,
        previous_status_started_at as status_started_at,
        'previous' as moment
    from agent_events
    where previous_status_name is not null

),

counted as (

    select
        event_id,
        moment,
        max(case when state like 'CONNECTED%' or state = 'PAUSED' then 1 else 0 end) as is_on_contact,
        max(case when state in ('INCOMING', 'PENDING', 'CONNECTING') then 1 else 0 end) as is_rung,
        max(case when state = 'ENDED' then 1 else 0 end) as is_after_contact,
        max(case when state in ('MISSED', 'REJECTED', 'ERROR') then 1 else 0 end) as is_in_error,
        max(state_started_at) as state_started_at
    from agent_contacts
    group by event_id, moment

),

final as (

    select
        moments.event_id,
        moments.moment,
        {{ known_as('amazon_connect', 'agent_id', first_group('moments.agent_arn', '([^/]*)$')) | indent(8) }} as agent_id,
        upper(moments.event_type) as event_type,
        moments.event_timestamp,
        greatest(moments.status_started_at, counted.state_started_at) as since,
        case
            when counted.is_on_contact = 1 then 'on_contact'
            when counted.is_rung = 1 then 'ringing'
            when counted.is_after_contact = 1 then 'after_contact'
            when counted.is_in_error = 1 then 'error'
            when upper(moments.status_type) = 'OFFLINE' or lower(moments.status_name) = 'offline' then 'offline'
            when upper(moments.status_type) = 'ROUTABLE' or lower(moments.status_name) = 'available' then 'available'
            else replace(lower(moments.status_name), ' ', '_')
        end as state
    from moments
    left join counted on moments.event_id = counted.event_id and moments.moment = counted.moment

)

select * from final
