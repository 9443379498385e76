-- The log's clocks disagree by seconds and calls pass midnight, so every time is rebuilt from the entry into the voice menu
-- and the durations. A PHANTOM row is no call: it is flagged here, and the legs leave it out.
with

calls as (

    select * from {{ ref('stg_technion_bank__calls') }}

),

entered as (

    select
        *,
        {{ local_to_utc(
            "cast('19' || substr(date, 1, 2) || '-' || substr(date, 3, 2) || '-' || substr(date, 5, 2) || ' ' || vru_entry as timestamp)",
            "'Asia/Jerusalem'"
        ) }} as started_at,
        case when outcome = 'PHANTOM' then 1 else 0 end as is_phantom,
        case when outcome = 'AGENT' then 1 else 0 end as is_served,
        case when outcome = 'HANG' and q_start != '0:00:00' then 1 else 0 end as is_abandoned_in_queue
    from calls

),

left_menu as (

    select
        *,
        {{ dbt.dateadd('second', 'greatest(vru_time, 0)', 'started_at') }} as left_menu_at
    from entered

),

left_queue as (

    select
        *,
        {{ dbt.dateadd('second', 'q_time', 'left_menu_at') }} as left_queue_at
    from left_menu

),

final as (

    select
        type as reason_code,
        ser_time as talk_seconds,
        is_phantom,
        is_served,
        is_abandoned_in_queue,
        started_at,
        date || '-' || vru_line || '-' || call_id as contact_id,
        nullif(customer_id, '0') as customer_id,
        case when is_served + is_abandoned_in_queue = 1 then left_menu_at end as enqueued_at,
        case when is_served = 1 then left_queue_at end as answered_at,
        case
            when is_served = 1 then {{ dbt.dateadd('second', 'ser_time', 'left_queue_at') }}
            when is_abandoned_in_queue = 1 then left_queue_at
            else left_menu_at
        end as ended_at,
        case when is_served = 1 then server end as agent_id
    from left_queue

)

select * from final
