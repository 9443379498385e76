{{ config(
    materialized='incremental_by_key',
    unique_key=['case_id'],
    meta={'incremental': {'key': ['case_id'], 'records': ['customer_id']}}
) }}

-- One row per case: the current version, withdrawn records left out.
{{ current_records('crm', 'cases', is_affected('case_id')) }}
