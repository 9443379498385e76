{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['reversal_id'],
    meta={'day': 'reversed_at', 'unit': 'reversal_id', 'logs': ['order_id']}
) }}

-- One row per reversal of an order: the current version, withdrawn records left out.
{% set scope = recompute([landed('crm', 'order_reversals', 'reversal_id')]) %}
with

source as (

    {{ current_records('crm', 'order_reversals', in_scope('reversal_id', scope)) }}

),

typed as (

    select
        reversal_id,
        order_id,
        reversal_type,
        reversed_at,
        amount,
        updated_at
    from source

)

select * from typed
