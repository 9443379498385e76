{{ config(materialized='table') }}

-- Scheduled time is adherent while the agent's state fits the activity; an agent of whom no state is known fits none. On-queue states fit
-- on_queue, and every other state fits off_queue; what fits the rest is said in the settings, where break stands for lunch too.
with

schedules as (

    select * from {{ ref('int_schedules__without_overlaps') }}

),

agent_states as (

    select * from {{ ref('int_agent_states__by_local_day') }}

),

states as (

    select * from {{ ref('agent_state_settings') }}

),

state_pieces as (

    select
        agent_states.agent_id,
        cast(agent_states.started_at as date) as utc_day,
        agent_states.started_at,
        agent_states.ended_at,
        coalesce(states.fits_activity, 'off_queue') as fits_activity
    from agent_states
    left join states on agent_states.state = states.state

),

compared as (

    select
        schedules.*,
        case
            when schedules.activity = 'off_queue' and state_pieces.fits_activity != 'on_queue' then 1
            when schedules.activity = 'lunch' and state_pieces.fits_activity = 'break' then 1
            when schedules.activity = state_pieces.fits_activity then 1
            else 0
        end as is_adherent,
        {{ seconds_between(
            'greatest(schedules.started_at, state_pieces.started_at)', 'least(schedules.ended_at, state_pieces.ended_at)'
        ) }} as overlap_seconds
    from schedules
    left join state_pieces
        on
            schedules.agent_id = state_pieces.agent_id
            and schedules.utc_day = state_pieces.utc_day
            and schedules.started_at < state_pieces.ended_at
            and schedules.ended_at > state_pieces.started_at

),

final as (

    select
        agent_id,
        team_id,
        site_id,
        activity,
        date_day,
        started_at,
        ended_at,
        {{ seconds_between('started_at', 'ended_at') }} as scheduled_seconds,
        sum(case when is_adherent = 1 then overlap_seconds else 0 end) as adherent_seconds
    from compared
    group by agent_id, team_id, site_id, activity, date_day, started_at, ended_at

)

select * from final
