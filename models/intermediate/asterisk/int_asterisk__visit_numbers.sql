{{ config(materialized='table') }}

-- Which of a call's visits to a queue an event belongs to: one begins by entering or being turned away, and where the log lacks that line,
-- with the first event after an end. An end, entry or answer that is logged again at its instant, with other values, is repeated.
with

call_events as (

    select * from {{ ref('int_asterisk__call_events') }}

),

followed as (

    select
        *,
        lag(kind) over (partition by call_queue_key order by logged_at, line_number) as previous_kind,
        lag(event) over (partition by call_queue_key order by logged_at, line_number) as previous_event,
        lag(agent_id) over (partition by call_queue_key order by logged_at, line_number) as previous_agent_id,
        lag(logged_at) over (partition by call_queue_key order by logged_at, line_number) as previous_at
    from call_events

),

compared as (

    select
        *,
        case
            when
                kind != 'rung'
                and event = previous_event
                and logged_at = previous_at
                and coalesce(agent_id, '') = coalesce(previous_agent_id, '')
                then 1
            else 0
        end as is_repeated
    from followed

),

final as (

    select
        call_queue_key,
        callid,
        instance,
        queue_id,
        agent_id,
        event,
        kind,
        end_reason,
        customer_address,
        wait_seconds,
        talk_seconds,
        ring_milliseconds,
        line_number,
        line_key,
        logged_at,
        is_repeated,
        cast(
            sum(
                case
                    when is_repeated = 1 then 0
                    when previous_kind is null or kind in ('entered', 'turned_away') then 1
                    -- An agent may still be rung when the call ends, or when another agent takes it.
                    when
                        kind = 'rung'
                        and {{ dbt.dateadd('millisecond', '-coalesce(ring_milliseconds, 0)', 'logged_at') }} <= previous_at
                        then 0
                    when previous_kind in ('turned_away', 'left', 'finished') then 1
                    when previous_kind = 'connected' and kind in ('connected', 'rung') then 1
                    when previous_kind = 'connected' and kind = 'left' and event != 'SYSCOMPAT' then 1
                    else 0
                end
            ) over (
                partition by call_queue_key order by logged_at, line_number rows between unbounded preceding and current row
            ) as {{ dbt.type_bigint() }}
        ) as visit_number
    from compared

)

select * from final
