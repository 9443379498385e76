-- Employee surveys, on the day on which they were sent, so that a round stays together (PPL-1). Nothing here tells who answered: there
-- is no agent, and not even when the answer came.
with

surveys as (

    select * from {{ ref('int_employee_surveys__unioned') }}

),

teams as (

    select * from {{ ref('int_teams__unioned') }}

),

placed as (

    select
        surveys.*,
        coalesce(surveys.site_id, teams.site_id) as place_id
    from surveys
    left join teams on surveys.team_id = teams.team_id

),

final as (

    select
        placed.survey_id,
        {{ dimension_key('placed.place_id') }} as site_id,
        placed.team_id,
        placed.enps_score,
        placed.satisfaction_score,
        local_days.date_day,
        placed.sent_at,
        case
            when placed.responded_at is null and placed.enps_score is null and placed.satisfaction_score is null then 0
            else 1
        end as is_answered,
        case when placed.enps_score is not null then 1 else 0 end as has_enps_score,
        case when placed.enps_score >= 9 then 1 else 0 end as is_promoter,
        case when placed.enps_score between 7 and 8 then 1 else 0 end as is_passive,
        case when placed.enps_score <= 6 then 1 else 0 end as is_detractor,
        case when placed.satisfaction_score is not null then 1 else 0 end as has_satisfaction_score,
        case when placed.satisfaction_score >= 4 then 1 else 0 end as is_satisfied
    from placed
    {{ join_local_day('placed.place_id', 'placed.sent_at') }}

)

select * from final
