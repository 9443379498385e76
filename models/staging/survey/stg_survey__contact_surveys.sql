{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['survey_id'],
    meta={'day': 'sent_at', 'unit': 'survey_id', 'logs': ['contact_id']}
) }}

-- One row per survey that was sent: the current version, withdrawn records left out.
{% set scope = recompute([landed('survey', 'contact_surveys', 'survey_id')]) %}
with

source as (

    {{ current_records('survey', 'contact_surveys', in_scope('survey_id', scope)) }}

),

typed as (

    select
        survey_id,
        contact_id,
        agent_id,
        sent_at,
        responded_at,
        csat_score,
        nps_score,
        ces_score,
        ownership_score,
        issue_resolved,
        contacts_needed,
        other_channels_used,
        comment,
        language,
        updated_at
    from source

)

select * from typed
