{{ config(
    materialized='incremental_by_key',
    unique_key=['session_id'],
    meta={'incremental': {'records': ['session_id', 'contact_id']}}
) }}

-- A flow before any queue is self-service: a voice menu, a workflow or a bot. One that goes on to a queue or an agent ended to_agent; one
-- in which the customer left was hung up. A flow that plays while the customer waits is part of the wait (GEN-5).
with

sessions as (

    select * from {{ ref('int_genesys_cloud__sessions') }}

),

segments as (

    select * from {{ ref('int_genesys_cloud__segments') }}

),

customers as (

    select * from {{ ref('int_genesys_cloud__parties') }}

),

began as (

    select
        sessions.contact_id,
        sessions.session_number,
        sessions.session_id,
        sessions.purpose,
        max(sessions.exit_reason) as exit_reason,
        min(segments.started_at) as entered_at,
        case when count(*) = count(segments.ended_at) then max(segments.ended_at) end as exited_at,
        max(segments.disconnect_type) as disconnect_type
    from sessions
    inner join segments on sessions.contact_id = segments.contact_id and sessions.session_number = segments.session_number
    group by sessions.contact_id, sessions.session_number, sessions.session_id, sessions.purpose

),

served as (

    select
        contact_id,
        min(entered_at) as began_at
    from began
    where purpose in ('acd', 'agent', 'user')
    group by contact_id

),

final as (

    select
        began.session_id,
        customers.client_id,
        customers.channel,
        customers.customer_id,
        customers.customer_address,
        customers.account_number,
        customers.reason_code as intent,
        began.entered_at,
        began.exited_at,
        case when served.contact_id is not null then began.contact_id end as contact_id,
        case
            when began.exited_at is null then null
            when served.began_at is not null then 'to_agent'
            when began.exit_reason like '%ERROR%' or began.disconnect_type = 'error' then 'failed'
            when began.disconnect_type in ('peer', 'endpoint', 'client') then 'hung_up'
            else 'self_served'
        end as exit_type,
        coalesce(began.exited_at, began.entered_at) as updated_at
    from began
    inner join customers on began.contact_id = customers.contact_id
    left join served on began.contact_id = served.contact_id
    where
        began.purpose in ('ivr', 'workflow', 'bot', 'botflow')
        and began.session_id is not null
        and (served.began_at is null or began.entered_at < served.began_at)

)

select * from final
