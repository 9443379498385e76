-- The visits of a call to queues are its legs, in order, each after the agents who were rung in vain.
with

stints as (

    select * from {{ ref('int_asterisk__ended_stints') }}
    where is_stint = 1

),

rings as (

    select * from {{ ref('int_asterisk__rings') }}
    where is_leg = 1

),

wrap_ups as (

    select * from {{ ref('int_asterisk__wrap_ups') }}

),

dialled as (

    select * from {{ ref('int_asterisk__dialled') }}

),

members as (

    select * from {{ ref('int_asterisk__members') }}

),

legs as (

    select
        stints.call_key,
        stints.callid,
        stints.queue_id,
        stints.agent_id,
        stints.customer_address,
        stints.initiation,
        stints.started_at,
        stints.enqueued_at,
        stints.answered_at,
        stints.ended_at,
        stints.last_logged_at,
        case when stints.answered_at is not null then stints.ring_seconds end as ring_seconds,
        stints.talk_seconds,
        wrap_ups.acw_seconds,
        stints.end_reason,
        stints.started_at as visit_started_at,
        stints.line_number as visit_line_number,
        1 as is_stint,
        stints.line_number
    from stints
    left join wrap_ups
        on
            stints.call_queue_key = wrap_ups.call_queue_key
            and stints.visit_number = wrap_ups.visit_number
    union all
    select
        call_key,
        callid,
        queue_id,
        agent_id,
        customer_address,
        initiation,
        coalesce(enqueued_at, rung_at) as started_at,
        enqueued_at,
        cast(null as timestamp) as answered_at,
        ended_at,
        ended_at as last_logged_at,
        ring_seconds,
        cast(null as {{ dbt.type_bigint() }}) as talk_seconds,
        cast(null as {{ dbt.type_bigint() }}) as acw_seconds,
        'ring_no_answer' as end_reason,
        visit_started_at,
        visit_line_number,
        0 as is_stint,
        line_number
    from rings

),

final as (

    select
        legs.callid as contact_id,
        legs.initiation,
        legs.queue_id,
        legs.agent_id,
        legs.customer_address,
        dialled.dialled_address,
        legs.started_at,
        legs.enqueued_at,
        legs.answered_at,
        legs.ended_at,
        legs.ring_seconds,
        legs.talk_seconds,
        legs.acw_seconds,
        legs.end_reason,
        'voice' as channel,
        cast(
            row_number() over (
                partition by legs.call_key
                order by legs.visit_started_at, legs.visit_line_number, legs.is_stint, legs.last_logged_at, legs.line_number
            ) as {{ dbt.type_bigint() }}
        ) as leg_number,
        case when members.extension_number is not null then 'internal' else 'inbound' end as direction,
        coalesce(legs.ended_at, legs.last_logged_at) as updated_at
    from legs
    left join dialled on legs.callid = dialled.callid
    left join members on legs.customer_address = members.extension_number

)

select * from final
