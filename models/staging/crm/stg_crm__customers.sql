{{ config(
    materialized='incremental_by_key',
    unique_key=['customer_id'],
    meta={'incremental': {'key': ['customer_id']}}
) }}

-- One row per customer: the current version, withdrawn records left out.
with

source as (

    {{ current_records('crm', 'customers', is_affected('customer_id')) }}

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
