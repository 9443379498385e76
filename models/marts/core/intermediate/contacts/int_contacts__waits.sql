-- How long the contact waited, and whether it gave up too soon for the wait to be anybody's fault.
with

contacts as (

    select * from {{ ref('int_contacts__from_legs') }}

),

waits as (

    select
        contact_key,
        queue_id,
        is_abandoned,
        case
            when first_answered_at >= first_enqueued_at then {{ seconds_between('first_enqueued_at', 'first_answered_at') }}
            when first_answered_at is null and is_abandoned = 1 and ended_at is not null
                then greatest({{ seconds_between('first_enqueued_at', 'ended_at') }}, 0)
        end as wait_seconds
    from contacts

),

final as (

    select
        waits.contact_key,
        waits.wait_seconds,
        case
            when
                waits.is_abandoned = 1
                and waits.wait_seconds <= {{ short_abandon_seconds('queues') }}
                then 1
            else 0
        end as is_short_abandon
    from waits
    {{ join_queue('waits.queue_id') }}

)

select * from final
