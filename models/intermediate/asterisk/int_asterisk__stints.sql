-- When a visit began, was answered and ended: what the log lacks is rebuilt from the durations of the events that it has.
with

visits as (

    select * from {{ ref('int_asterisk__visits') }}

),

answered as (

    select
        *,
        case
            when connected_at is not null then connected_at
            when is_finished = 1 then {{ dbt.dateadd('second', '-talk_seconds', 'ended_at') }}
        end as answered_or_rebuilt_at
    from visits

),

begun as (

    select
        *,
        case
            when entered_at is not null then entered_at
            when connected_at is not null
                then {{ dbt.dateadd('second', '-coalesce(connected_wait_seconds, wait_seconds)', 'connected_at') }}
            when is_finished = 1 then {{ dbt.dateadd('second', '-wait_seconds', 'answered_or_rebuilt_at') }}
            else {{ dbt.dateadd('second', '-wait_seconds', 'ended_at') }}
        end as enqueued_at
    from answered

),

final as (

    select
        {{ integer_key('callid') }} as call_key,
        call_queue_key,
        visit_number,
        callid,
        instance,
        queue_id,
        agent_id,
        end_reason,
        customer_address,
        cast(floor(ring_milliseconds / 1000) as {{ dbt.type_bigint() }}) as ring_seconds,
        case
            when is_finished = 0 then null
            when talk_seconds is not null then talk_seconds
            when connected_at is not null then cast(floor({{ seconds_between('connected_at', 'ended_at') }}) as {{ dbt.type_bigint() }})
        end as talk_seconds,
        is_stint,
        line_number,
        coalesce(enqueued_at, answered_or_rebuilt_at, ended_at, last_logged_at) as started_at,
        enqueued_at,
        case when answered_or_rebuilt_at < enqueued_at then enqueued_at else answered_or_rebuilt_at end as answered_at,
        ended_at,
        last_logged_at
    from begun

)

select * from final
