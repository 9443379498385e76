{{ config(materialized='table') }}

-- Scheduled time counts for the local day in which it passes, and for the team and site that the agent had when the activity was to
-- start.
with

schedules as (

    select * from {{ ref('int_schedules__in_force') }}

),

placed as (

    select
        schedules.schedule_id,
        schedules.agent_id,
        schedules.activity,
        schedules.starts_at,
        schedules.ends_at,
        schedules.published_at,
        schedules.starts_at as started_at,
        schedules.judged_until as ended_at,
        agents.team_id,
        {{ dimension_key('agents.site_id') }} as site_id,
        {{ time_zone('sites') }} as timezone
    from schedules
    {{ join_agent('schedules.agent_id', 'schedules.starts_at') }}
    {{ join_site('agents.site_id') }}

),

{{ local_day_pieces('placed') }},

final as (

    select
        schedule_id,
        agent_id,
        {{ dimension_key('team_id') }} as team_id,
        site_id,
        activity,
        utc_day,
        date_day,
        starts_at,
        ends_at,
        published_at,
        piece_started_at as started_at,
        piece_ended_at as ended_at
    from local_pieces

)

select * from final
