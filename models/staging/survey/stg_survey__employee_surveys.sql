-- One row per survey that was sent: the current version, withdrawn records left out.
with

source as (

    {{ current_records('survey', 'employee_surveys') }}

),

typed as (

    select
        survey_id,
        team_id,
        site_id,
        sent_at,
        responded_at,
        enps_score,
        satisfaction_score,
        updated_at
    from source

)

select * from typed
