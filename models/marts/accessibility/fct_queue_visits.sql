{{ config(
    materialized='incremental_by_key',
    unique_key=['contact_id', 'leg_number'],
    meta={'incremental': {'key': ['contact_id'], 'records': ['date_day']}}
) }}

-- A queue visit is an inbound leg that queued. How it ended, and how long it waited, once it has ended: an open one counts nowhere.
with

contact_legs as (

    select * from {{ ref('int_contact_legs__unioned') }}
    where {{ is_affected('contact_id') }}

),

visits as (

    select
        contact_legs.contact_id,
        contact_legs.leg_number,
        contact_legs.source,
        contact_legs.channel,
        contact_legs.queue_id,
        contact_legs.enqueued_at,
        contact_legs.answered_at,
        contact_legs.ended_at,
        queues.site_id,
        local_days.date_day,
        coalesce(contact_legs.client_id, queues.client_id) as client_id,
        {{ service_level_seconds('queues') }} as service_level_seconds,
        {{ short_abandon_seconds('queues') }} as short_abandon_seconds,
        greatest({{ seconds_between('contact_legs.enqueued_at', 'coalesce(contact_legs.answered_at, contact_legs.ended_at)') }}, 0) as wait_seconds,
        case
            when contact_legs.ended_at is null then 'open'
            when contact_legs.answered_at is not null then 'answered'
            when contact_legs.end_reason = 'abandoned' then 'abandoned'
            else 'flow_out'
        end as outcome
    from contact_legs
    {{ join_queue('contact_legs.queue_id') }}
    {{ join_local_day('queues.site_id', 'contact_legs.enqueued_at') }}
    where
        contact_legs.direction = 'inbound'
        and contact_legs.enqueued_at is not null

),

final as (

    select
        contact_id,
        leg_number,
        source,
        channel,
        {{ dimension_key('client_id') }} as client_id,
        {{ dimension_key('site_id') }} as site_id,
        {{ dimension_key('queue_id') }} as queue_id,
        case when outcome != 'open' then wait_seconds end as wait_seconds,
        case when outcome = 'open' then 1 else 0 end as is_open,
        case when outcome = 'answered' then 1 else 0 end as is_answered,
        case when outcome = 'abandoned' then 1 else 0 end as is_abandoned,
        case when outcome = 'abandoned' and wait_seconds <= short_abandon_seconds then 1 else 0 end as is_short_abandon,
        case when outcome = 'flow_out' then 1 else 0 end as is_flow_out,
        case when outcome in ('answered', 'abandoned') and wait_seconds <= service_level_seconds then 1 else 0 end as is_in_threshold,
        date_day,
        enqueued_at,
        answered_at,
        ended_at
    from visits

)

select * from final
