{{ config(materialized='table') }}

-- What each agent is doing now, as far as states say: of those that are going on the one that started last. What starts or ends after "now"
-- is not known yet, and an open state goes on until the next one starts. Where no state goes on, it is open what the agent does since the
-- last end. Whether a contact says more is for agent_status.
with

run as (

    select * from {{ ref('int_run__as_of') }}

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

final as (

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

)

select * from final
