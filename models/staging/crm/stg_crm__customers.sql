{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['customer_id'],
    meta={'unit': 'customer_id', 'logs': ['customer_id']}
) }}

-- One row per customer: the current version, withdrawn records left out.
{% set scope = recompute([landed('crm', 'customers', 'customer_id')]) %}
with

source as (

    {{ current_records('crm', 'customers', in_scope('customer_id', scope)) }}

),

typed as (

    select
        customer_id,
        account_number,
        client_id,
        segment,
        phone,
        email,
        created_at,
        updated_at
    from source

)

select * from typed
