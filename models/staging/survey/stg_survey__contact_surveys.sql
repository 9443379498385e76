{{ config(
    materialized='incremental_by_key',
    unique_key=['survey_id'],
    meta={'incremental': {'key': ['survey_id'], 'records': ['contact_id']}}
) }}

-- One row per survey that was sent: the current version, withdrawn records left out.
with

source as (

    {{ current_records('survey', 'contact_surveys', is_affected('survey_id')) }}

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
