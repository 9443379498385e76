{{ config(
    materialized='incremental_by_key',
    unique_key=['evaluation_id', 'item_number'],
    meta={'incremental': {'key': ['evaluation_id']}}
) }}

-- One row per item of an evaluation: the current version, withdrawn records left out.
{{ current_records('qa', 'evaluation_items', is_affected('evaluation_id')) }}
