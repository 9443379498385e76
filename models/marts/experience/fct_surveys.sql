{{ config(
    materialized='incremental_by_key',
    unique_key=['survey_id'],
    meta={'incremental': {
        'key': ['contact_id'], 'records': ['date_day'],
        'inputs': {
            'int_contact_surveys__unioned': [{}, {'through': 'int_contacts__put_together', 'on': {'own_contact_id': 'contact_id'}}],
            'int_contacts__put_together': [{}, {'key': {'contact_id': 'own_contact_id'}}],
        },
    }}
) }}

-- Surveys, on the day and at the place of the surveyed contact. Whom the contact had is the survey's agent, if it names one. A
-- survey of a contact that nobody knows stays here with the day on which it was sent, and counts nowhere.
with

surveys as (

    select
        surveys.*,
        {{ contact_of('surveys.contact_id') }} as belongs_to_contact_id
    from {{ ref('int_contact_surveys__unioned') }} as surveys
    {{ join_contact('surveys.contact_id') }}
    where {{ is_affected(contact_of('surveys.contact_id')) }}

),

counted as (

    select * from {{ ref('int_surveys__counted') }}

),

contacts as (

    select * from {{ ref('fct_contacts') }}

),

joined as (

    select
        surveys.*,
        contacts.channel,
        contacts.client_id,
        contacts.site_id,
        contacts.team_id,
        contacts.queue_id,
        contacts.reason_code,
        contacts.customer_key,
        contacts.agent_id as contact_agent_id,
        case when contacts.contact_id is null then 0 else 1 end as is_known_contact,
        case when counted.survey_id is null then 0 else 1 end as is_counted,
        coalesce(contacts.date_day, {{ local_date('surveys.sent_at', "'" ~ reporting_timezone() ~ "'") }}) as date_day
    from surveys
    left join contacts on surveys.belongs_to_contact_id = contacts.contact_id
    left join counted on surveys.survey_id = counted.survey_id

),

final as (

    select
        survey_id,
        belongs_to_contact_id as contact_id,
        {{ dimension_key('channel') }} as channel,
        {{ dimension_key('client_id') }} as client_id,
        {{ dimension_key('site_id') }} as site_id,
        {{ dimension_key('team_id') }} as team_id,
        coalesce(agent_id, contact_agent_id, 'unknown') as agent_id,
        {{ dimension_key('queue_id') }} as queue_id,
        {{ dimension_key('reason_code') }} as reason_code,
        customer_key,
        language,
        csat_score,
        nps_score,
        ces_score,
        ownership_score,
        contacts_needed,
        issue_resolved,
        other_channels_used,
        is_known_contact,
        is_counted,
        case when responded_at is null then 0 else 1 end as is_answered,
        case when csat_score is not null then is_counted else 0 end as has_csat_score,
        case when csat_score >= 4 then is_counted else 0 end as is_satisfied,
        case when nps_score >= 9 then is_counted else 0 end as is_promoter,
        case when nps_score between 7 and 8 then is_counted else 0 end as is_passive,
        case when nps_score <= 6 then is_counted else 0 end as is_detractor,
        case when ces_score is not null then is_counted else 0 end as has_ces_score,
        case when ces_score >= 5 then is_counted else 0 end as is_easy,
        case when ownership_score is not null then is_counted else 0 end as has_ownership_score,
        case when ownership_score >= 4 then is_counted else 0 end as is_ownership_high,
        case when issue_resolved is not null and contacts_needed is not null then is_counted else 0 end as has_fcr_answer,
        case when issue_resolved and contacts_needed = 1 then is_counted else 0 end as is_fcr_confirmed,
        case
            when issue_resolved is not null and contacts_needed is not null and other_channels_used is not null then is_counted
            else 0
        end as has_ocr_answer,
        case when issue_resolved and contacts_needed = 1 and not other_channels_used then is_counted else 0 end as is_ocr_confirmed,
        date_day,
        sent_at,
        responded_at
    from joined

)

select * from final
