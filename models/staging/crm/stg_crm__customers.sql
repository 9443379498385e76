{{ config(
    materialized='incremental_by_key',
    unique_key=['customer_id'],
    meta={'incremental': {'key': ['customer_id']}}
) }}

-- One row per customer: the current version, withdrawn records left out.
{{ current_records('crm', 'customers', is_affected('customer_id')) }}
