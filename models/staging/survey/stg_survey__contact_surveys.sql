{{ config(
    materialized='incremental_by_key',
    unique_key=['survey_id'],
    meta={'incremental': {'key': ['survey_id'], 'records': ['contact_id']}}
) }}

-- One row per survey that was sent: the current version, withdrawn records left out.
{{ current_records('survey', 'contact_surveys', is_affected('survey_id')) }}
