{{ config(materialized='table') }}

-- A visit without an end has ended, nobody knows when, once its call goes on elsewhere, the system starts again, or the log is
-- unended_call_hours further. Until then it is open.
with

stints as (

    select * from {{ ref('int_asterisk__stints') }}

),

logs as (

    select * from {{ ref('int_asterisk__logs') }}

),

in_order as (

    select
        *,
        lag(end_reason) over (partition by call_key order by started_at, line_number) as previous_end_reason,
        lag(answered_at) over (partition by call_key order by started_at, line_number) as previous_answered_at,
        lag(call_queue_key) over (partition by call_key order by started_at, line_number) as previous_call_queue_key,
        lead(call_queue_key) over (partition by call_key order by started_at, line_number) as next_call_queue_key,
        min(customer_address) over (partition by call_key) as any_customer_address
    from stints

),

final as (

    select
        in_order.call_key,
        in_order.call_queue_key,
        in_order.visit_number,
        in_order.callid,
        in_order.queue_id,
        in_order.agent_id,
        coalesce(in_order.customer_address, in_order.any_customer_address) as customer_address,
        in_order.ring_seconds,
        in_order.talk_seconds,
        in_order.is_stint,
        in_order.line_number,
        case
            when in_order.end_reason is not null then in_order.end_reason
            when in_order.next_call_queue_key is not null and in_order.answered_at is not null then 'transferred'
            when in_order.next_call_queue_key is not null then 'overflowed'
            when
                logs.restarted_at > in_order.last_logged_at
                or logs.newest_at >= {{ dbt.dateadd('hour', unended_call_hours(), 'in_order.last_logged_at') }}
                then 'failed'
        end as end_reason,
        case
            when in_order.previous_call_queue_key is null then 'customer'
            when in_order.previous_end_reason = 'transferred' then 'transfer'
            when in_order.previous_end_reason is null and in_order.previous_answered_at is not null then 'transfer'
            else 'customer'
        end as initiation,
        in_order.started_at,
        in_order.enqueued_at,
        in_order.answered_at,
        in_order.ended_at,
        in_order.last_logged_at
    from in_order
    inner join logs on in_order.instance = logs.instance

)

select * from final
