{{ config(
    materialized='incremental_by_key',
    unique_key=['case_id'],
    meta={'incremental': {'key': ['case_id'], 'records': ['customer_id']}}
) }}

-- One row per case: the current version, withdrawn records left out.
with

source as (

    {{ current_records('crm', 'cases', is_affected('case_id')) }}

),

typed as (

    select
        case_id,
        customer_id,
        contact_id,
        reason_code,
        opened_at,
        first_response_at,
        closed_at,
        reopened_count,
        status,
        updated_at
    from source

)

select * from typed
