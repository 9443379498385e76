{{ config(
    materialized='incremental_by_key',
    unique_key=['contact_id', 'leg_number'],
    meta={'incremental': {
        'key': ['contact_id'], 'records': ['date_day'],
        'inputs': inputs_of_contact_legs({'int_queues__history': {'macro': 'contacts_of_queues'}}),
    }}
) }}

-- A queue visit is a leg of an inbound contact that queued, with the rings that belong to it. How it ended, and how long it waited, once it
-- has ended: an open one counts nowhere. Of one that ended nobody knows when, unanswered, no wait is known.
with

contact_legs as (

    {{ legs_of_inbound_contacts() | indent(4) }}

),

visit_legs as (

    select * from {{ ref('int_queue_visits__legs') }}

),

queued as (

    select
        contact_legs.*,
        coalesce(visit_legs.visit_enqueued_at, contact_legs.enqueued_at) as visit_enqueued_at
    from contact_legs
    left join visit_legs
        on
            contact_legs.contact_id = visit_legs.contact_id
            and contact_legs.leg_number = visit_legs.leg_number
    where
        {{ is_of_queue_visit('contact_legs') }}
        and coalesce(visit_legs.is_deciding, 1) = 1

),

visits as (

    select
        queued.contact_id,
        queued.leg_number,
        queued.source,
        queued.channel,
        queued.queue_id,
        queued.visit_enqueued_at,
        queued.answered_at,
        queued.ended_at,
        queues.site_id,
        {{ is_real_time('channels') }} as is_real_time,
        local_days.date_day,
        coalesce(queued.client_id, queues.client_id) as client_id,
        {{ service_level_seconds('queue_settings') }} as service_level_seconds,
        {{ short_abandon_seconds('queue_settings') }} as short_abandon_seconds,
        coalesce(queued.answered_at, queued.ended_at) as left_queue_at,
        case
            when not {{ has_ended('queued') }} then 'open'
            when queued.answered_at is not null then 'answered'
            when queued.end_reason = 'abandoned' then 'abandoned'
            else 'flow_out'
        end as outcome
    from queued
    {{ join_queue('queued.queue_id') }}
    {{ join_queue_settings('queued.queue_id', 'queued.visit_enqueued_at') }}
    {{ join_local_day('queues.site_id', 'queued.visit_enqueued_at') }}
    {{ join_channel('queued.channel') }}

),

waits as (

    select
        *,
        case
            -- Clocks may disagree by a second or two.
            when outcome != 'open' and left_queue_at is not null
                then greatest({{ seconds_between('visit_enqueued_at', 'left_queue_at') }}, 0)
        end as wait_seconds
    from visits

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
        is_real_time,
        wait_seconds,
        case when outcome = 'open' then 1 else 0 end as is_open,
        case when outcome = 'answered' then 1 else 0 end as is_answered,
        case when outcome = 'abandoned' then 1 else 0 end as is_abandoned,
        case when outcome = 'abandoned' and wait_seconds <= short_abandon_seconds then 1 else 0 end as is_short_abandon,
        case when outcome = 'flow_out' then 1 else 0 end as is_flow_out,
        case when outcome in ('answered', 'abandoned') and wait_seconds <= service_level_seconds then 1 else 0 end as is_in_threshold,
        date_day,
        visit_enqueued_at as enqueued_at,
        answered_at,
        ended_at
    from waits

)

select * from final
