{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['order_id'],
    meta={'day': 'ordered_at', 'unit': 'order_id', 'logs': ['order_id', 'contact_id']}
) }}

-- One row per order: the current version, withdrawn records left out.
{% set scope = recompute([landed('crm', 'orders', 'order_id')]) %}
with

source as (

    {{ current_records('crm', 'orders', in_scope('order_id', scope)) }}

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
