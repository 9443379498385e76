-- Of several answers to one contact and agent the latest counts, if it came within the days that an answer may take. The agent is the one
-- that the survey names, else the contact's (EXP-2).
with

surveys as (

    select * from {{ ref('int_contact_surveys__unioned') }}

),

contacts as (

    select * from {{ ref('fct_contacts') }}

),

in_time as (

    select
        surveys.survey_id,
        contacts.contact_id,
        row_number() over (
            partition by contacts.contact_id, coalesce(surveys.agent_id, contacts.agent_id)
            order by surveys.responded_at desc, surveys.survey_id desc
        ) as rank_from_latest
    from surveys
    {{ join_contact('surveys.contact_id') }}
    inner join contacts on {{ contact_of('surveys.contact_id') }} = contacts.contact_id
    where surveys.responded_at <= {{ dbt.dateadd('day', positive_days('survey_answer_days'), 'contacts.ended_at') }}

),

final as (

    select
        survey_id,
        contact_id
    from in_time
    where rank_from_latest = 1

)

select * from final
