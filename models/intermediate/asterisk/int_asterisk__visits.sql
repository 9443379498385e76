-- The events of a call's visit to a queue in one row: entered or turned away, connected with an agent, left or finished.
with

events as (

    select * from {{ ref('int_asterisk__visit_numbers') }}
    where is_repeated = 0

),

final as (

    select
        call_queue_key,
        visit_number,
        min(callid) as callid,
        min(instance) as instance,
        min(queue_id) as queue_id,
        coalesce(
            max(case when kind = 'connected' then agent_id end),
            max(case when kind in ('left', 'finished') then agent_id end)
        ) as agent_id,
        max(end_reason) as end_reason,
        max(customer_address) as customer_address,
        max(case when kind = 'connected' then wait_seconds end) as connected_wait_seconds,
        max(case when kind = 'connected' then ring_milliseconds end) as ring_milliseconds,
        max(case when kind in ('left', 'finished') then wait_seconds end) as wait_seconds,
        max(talk_seconds) as talk_seconds,
        max(case when kind = 'finished' then 1 else 0 end) as is_finished,
        max(case when kind in ('entered', 'turned_away', 'connected', 'left', 'finished') then 1 else 0 end) as is_stint,
        min(line_number) as line_number,
        min(case when kind in ('entered', 'turned_away') then logged_at end) as entered_at,
        min(case when kind = 'connected' then logged_at end) as connected_at,
        min(case when kind in ('turned_away', 'left', 'finished') then logged_at end) as ended_at,
        max(logged_at) as last_logged_at
    from events
    group by call_queue_key, visit_number

)

select * from final
