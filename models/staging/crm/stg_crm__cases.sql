{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['case_id'],
    meta={'day': 'opened_at', 'unit': 'case_id', 'logs': ['case_id']}
) }}

-- One row per case: the current version, withdrawn records left out.
{% set scope = recompute([landed('crm', 'cases', 'case_id')]) %}
with

source as (

    {{ current_records('crm', 'cases', in_scope('case_id', scope)) }}

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
