{{ config(
    materialized='incremental_by_key',
    unique_key=['order_id'],
    meta={'incremental': {'key': ['order_id'], 'records': ['contact_id']}}
) }}

-- One row per order: the current version, withdrawn records left out.
{{ current_records('crm', 'orders', is_affected('order_id')) }}
