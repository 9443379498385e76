-- What agents were scheduled to do and what of it they did, until "now" (WFM-8). On-queue time counts for the team and site that the agent
-- had when the state started, scheduled time for those at the scheduled start. Where nobody's states are known, nobody's adherence is
-- (WFM-9).
with

schedules as (

    select * from {{ ref('int_schedules__adherence') }}

),

agent_states as (

    select * from {{ ref('int_agent_states__by_local_day') }}

),

run as (

    select * from {{ ref('int_run__as_of') }}

),

states as (

    select * from {{ ref('agent_state_settings') }}

),

ranked as (

    select
        *,
        row_number() over (partition by agent_id, date_day order by started_at) as day_rank
    from schedules
    where exists (select 1 from {{ ref('int_agent_states__by_local_day') }})

),

agent_days as (

    select
        agent_id,
        date_day
    from ranked
    where day_rank = 1

),

scheduled as (

    select
        agent_id,
        team_id,
        site_id,
        date_day,
        scheduled_seconds,
        adherent_seconds,
        case when activity = 'on_queue' then scheduled_seconds else 0 end as scheduled_on_queue_seconds,
        0 as actual_on_queue_seconds,
        case when day_rank = 1 then 1 else 0 end as scheduled_agent_days
    from ranked

),

on_queue as (

    select
        agent_states.agent_id,
        agent_states.team_id,
        agent_states.site_id,
        agent_states.date_day,
        0 as scheduled_seconds,
        0 as adherent_seconds,
        0 as scheduled_on_queue_seconds,
        {{ seconds_between('agent_states.started_at', 'least(agent_states.ended_at, run.as_of)') }} as actual_on_queue_seconds,
        0 as scheduled_agent_days
    from agent_states
    inner join run on agent_states.started_at < run.as_of
    inner join states on agent_states.state = states.state
    inner join agent_days
        on
            agent_states.agent_id = agent_days.agent_id
            and agent_states.date_day = agent_days.date_day
    where states.fits_activity = 'on_queue'

),

combined as (

    select * from scheduled
    union all
    select * from on_queue

),

final as (

    select
        agent_id,
        team_id,
        site_id,
        date_day,
        sum(scheduled_seconds) as scheduled_seconds,
        sum(adherent_seconds) as adherent_seconds,
        sum(scheduled_on_queue_seconds) as scheduled_on_queue_seconds,
        sum(actual_on_queue_seconds) as actual_on_queue_seconds,
        cast(sum(scheduled_agent_days) as {{ dbt.type_int() }}) as scheduled_agent_days
    from combined
    group by agent_id, team_id, site_id, date_day

)

select * from final
