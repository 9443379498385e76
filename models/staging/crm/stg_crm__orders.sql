{{ config(
    materialized='incremental_by_key',
    unique_key=['order_id'],
    meta={'incremental': {'key': ['order_id'], 'records': ['contact_id']}}
) }}

-- One row per order: the current version, withdrawn records left out.
with

source as (

    {{ current_records('crm', 'orders', is_affected('order_id')) }}

),

typed as (

    select
        order_id,
        customer_id,
        contact_id,
        agent_id,
        ordered_at,
        gross_amount,
        currency,
        updated_at
    from source

)

select * from typed
