{{ config(
    materialized='incremental_by_key',
    unique_key=['evaluation_id'],
    meta={'incremental': {'key': ['evaluation_id']}}
) }}

-- One row per evaluation: the current version, withdrawn records left out.
{{ current_records('qa', 'evaluations', is_affected('evaluation_id')) }}
