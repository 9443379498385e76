{{ config(
    materialized='incremental_by_key',
    unique_key=['contact_id', 'leg_number'],
    meta={'incremental': {'key': ['contact_id']}}
) }}

-- One row per queue visit and/or agent stint of a contact: the current version, withdrawn records left out.
with

source as (

    {{ current_records('acd', 'contact_legs', is_affected('contact_id')) }}

),

typed as (

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
        updated_at
    from source

)

select * from typed
