-- How long the contact waited, and whether it gave up too soon for the wait to be anybody's fault. What held for its queue when it first
-- queued decides. Of an abandon that ended nobody knows when no wait is known, nor of an answer that came before the queue by more than
-- clocks may disagree.
with

contacts as (

    select * from {{ ref('int_contacts__from_legs') }}

),

left_queue as (

    select
        *,
        case
            when is_abandoned = 0 then first_answered_at
            when is_end_known = 1 then ended_at
        end as left_queue_at
    from contacts

),

waits as (

    select
        contact_key,
        queue_id,
        first_queue_leg_at,
        is_abandoned,
        case
            when left_queue_at >= {{ dbt.dateadd('second', -clock_tolerance_seconds(), 'first_enqueued_at') }}
                then greatest({{ seconds_between('first_enqueued_at', 'left_queue_at') }}, 0)
        end as wait_seconds
    from left_queue

),

final as (

    select
        waits.contact_key,
        waits.wait_seconds,
        case
            when
                waits.is_abandoned = 1
                and waits.wait_seconds <= {{ short_abandon_seconds('queue_settings') }}
                then 1
            else 0
        end as is_short_abandon
    from waits
    {{ join_queue_settings('waits.queue_id', 'waits.first_queue_leg_at') }}

)

select * from final
