{{ config(
    materialized='incremental_by_key',
    unique_key=['session_id'],
    meta={'incremental': {'key': ['session_id']}}
) }}

-- One row per self-service session: the current version, withdrawn records left out.
{{ current_records('acd', 'ivr_sessions', is_affected('session_id')) }}
