-- An agent who was rung in vain: a leg that ended ring_no_answer, unless the caller hung up first or the ring lasted no time, as where a
-- phone is not registered. Those are counted and no leg.
with

events as (

    select * from {{ ref('int_asterisk__visit_numbers') }}
    where kind = 'rung'

),

stints as (

    select * from {{ ref('int_asterisk__ended_stints') }}

),

final as (

    select
        stints.call_key,
        events.callid,
        events.queue_id,
        events.agent_id,
        stints.customer_address,
        stints.initiation,
        cast(floor(events.ring_milliseconds / 1000) as {{ dbt.type_bigint() }}) as ring_seconds,
        case when events.event = 'RINGCANCELED' or coalesce(events.ring_milliseconds, 1) = 0 then 0 else 1 end as is_leg,
        stints.started_at as visit_started_at,
        stints.line_number as visit_line_number,
        events.line_number,
        {{ dbt.dateadd('millisecond', '-coalesce(events.ring_milliseconds, 0)', 'events.logged_at') }} as rung_at,
        stints.enqueued_at,
        events.logged_at as ended_at
    from events
    inner join stints
        on
            events.call_queue_key = stints.call_queue_key
            and events.visit_number = stints.visit_number

)

select * from final
