{{ config(
    materialized='incremental_by_key',
    unique_key=['contact_id', 'leg_number'],
    meta={'incremental': {'records': ['contact_id']}}
) }}

-- One leg a call, in those columns of acd.contact_legs that the log knows. Phantoms are no calls and stay out of the facts.
with

calls as (

    select * from {{ ref('int_technion_bank__calls') }}

),

final as (

    select
        contact_id,
        cast(1 as {{ dbt.type_bigint() }}) as leg_number,
        'voice' as channel,
        'inbound' as direction,
        'customer' as initiation,
        agent_id,
        customer_id,
        reason_code,
        started_at,
        enqueued_at,
        answered_at,
        ended_at,
        case when is_served = 1 then talk_seconds end as talk_seconds,
        case
            when is_served = 1 then 'completed'
            when is_abandoned_in_queue = 1 then 'abandoned'
        end as end_reason,
        ended_at as updated_at
    from calls
    where is_phantom = 0

)

select * from final
