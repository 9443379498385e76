-- A leg is a leg, whichever system logged it: from here on nothing knows vendors but by the column source.
with

acd as (

    select
        contact_id,
        leg_number,
        client_id,
        channel,
        direction,
        initiation,
        queue_id,
        agent_id,
        customer_id,
        customer_address,
        account_number,
        reason_code,
        started_at,
        enqueued_at,
        answered_at,
        ended_at,
        ring_seconds,
        talk_seconds,
        hold_seconds,
        hold_count,
        acw_seconds,
        end_reason,
        resolution_code,
        updated_at,
        'acd' as source
    from {{ ref('stg_acd__contact_legs') }}

),

technion_bank as (

    select
        contact_id,
        leg_number,
        client_id,
        channel,
        direction,
        initiation,
        queue_id,
        agent_id,
        customer_id,
        customer_address,
        account_number,
        reason_code,
        started_at,
        enqueued_at,
        answered_at,
        ended_at,
        ring_seconds,
        talk_seconds,
        hold_seconds,
        hold_count,
        acw_seconds,
        end_reason,
        resolution_code,
        updated_at,
        'technion_bank' as source
    from {{ ref('int_technion_bank__contact_legs') }}

),

final as (

    select * from acd
    union all
    select * from technion_bank

)

select * from final
