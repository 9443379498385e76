-- How long the contact waited, and whether it gave up too soon for the wait to be anybody's fault.
with

contacts as (

    select * from {{ ref('int_contacts__from_legs') }}

),

queues as (

    select * from {{ ref('dim_queues') }}

),

waits as (

    select
        contact_id,
        queue_id,
        is_abandoned,
        case
            when first_answered_at >= first_enqueued_at then {{ seconds_between('first_enqueued_at', 'first_answered_at') }}
            when first_answered_at is null and is_abandoned = 1 then {{ seconds_between('first_enqueued_at', 'ended_at') }}
        end as wait_seconds
    from contacts

),

final as (

    select
        waits.contact_id,
        waits.wait_seconds,
        case
            when
                waits.is_abandoned = 1
                and waits.wait_seconds <= queues.short_abandon_seconds
                then 1
            else 0
        end as is_short_abandon
    from waits
    inner join queues on {{ dimension_key('waits.queue_id') }} = queues.queue_id

)

select * from final
