-- What each agent is doing now: of the states that are going on the one that started last. What starts or ends after "now" is not known
-- yet, and an open state goes on until the next one starts. Where no state goes on, it is open what the agent does since the last end.
with

run as (

    select * from {{ ref('int_run__as_of') }}

),

settings as (

    select * from {{ ref('agent_state_settings') }}

),

agent_states as (

    select
        states.agent_id,
        states.state,
        states.started_at,
        states.ended_at,
        run.as_of
    from {{ ref('int_agent_states__unioned') }} as states
    inner join run on states.started_at <= run.as_of

),

agents_seen as (

    select
        agent_id,
        as_of,
        max(started_at) as newest_started_at,
        max(ended_at) as newest_ended_at
    from agent_states
    group by agent_id, as_of

),

in_force as (

    select
        agent_states.agent_id,
        max_by(agent_states.state, agent_states.started_at) as state,
        max(agent_states.started_at) as started_at
    from agent_states
    inner join agents_seen on agent_states.agent_id = agents_seen.agent_id
    where
        agent_states.ended_at > agent_states.as_of
        or (agent_states.ended_at is null and agent_states.started_at = agents_seen.newest_started_at)
    group by agent_states.agent_id

),

-- A state that another one interrupted goes on from the end of that one.
interrupted as (

    select
        in_force.agent_id,
        max(agent_states.ended_at) as ended_at
    from in_force
    inner join agent_states
        on
            in_force.agent_id = agent_states.agent_id
            and in_force.started_at < agent_states.started_at
    group by in_force.agent_id

),

latest as (

    select
        agents_seen.agent_id,
        agents_seen.as_of,
        coalesce(in_force.state, 'unknown') as state,
        case
            when in_force.state is null then agents_seen.newest_ended_at
            else greatest(in_force.started_at, coalesce(interrupted.ended_at, in_force.started_at))
        end as since
    from agents_seen
    left join in_force on agents_seen.agent_id = in_force.agent_id
    left join interrupted on agents_seen.agent_id = interrupted.agent_id

),

final as (

    select
        latest.agent_id,
        {{ dimension_key('agents.team_id') }} as team_id,
        {{ dimension_key('agents.site_id') }} as site_id,
        latest.state,
        case
            when latest.state = 'unknown' then 'unknown'
            else coalesce(settings.counts_as, 'shrinkage')
        end as counts_as,
        {{ seconds_between('latest.since', 'latest.as_of') }} as state_seconds,
        latest.since,
        latest.as_of
    from latest
    left join settings on latest.state = settings.state
    {{ join_agent('latest.agent_id', 'latest.as_of') }}

)

select * from final
