{{ config(
    materialized='incremental_by_key',
    unique_key=['session_id'],
    meta={'incremental': {'key': ['session_id']}}
) }}

-- One row per self-service session: the current version, withdrawn records left out.
with

source as (

    {{ current_records('acd', 'ivr_sessions', is_affected('session_id')) }}

),

typed as (

    select
        session_id,
        contact_id,
        client_id,
        channel,
        customer_id,
        customer_address,
        account_number,
        intent,
        entered_at,
        exited_at,
        exit_type,
        updated_at
    from source

)

select * from typed
