{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['session_id'],
    meta={'day': 'entered_at', 'unit': 'session_id', 'logs': ['session_id']}
) }}

-- One row per self-service session: the current version, withdrawn records left out.
{% set scope = recompute([landed('acd', 'ivr_sessions', 'session_id')]) %}
with

source as (

    {{ current_records('acd', 'ivr_sessions', in_scope('session_id', scope)) }}

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
