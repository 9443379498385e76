-- An open state ends when the agent's next one starts, the newest one now. So only a recorded end can lie after the next start.
with

agent_states as (

    select * from {{ ref('int_agent_states__unioned') }}

),

run as (

    select * from {{ ref('int_run__as_of') }}

),

followed as (

    select
        agent_states.agent_id,
        agent_states.state,
        agent_states.started_at,
        agent_states.ended_at,
        run.as_of,
        lead(agent_states.started_at) over (partition by agent_states.agent_id order by agent_states.started_at) as next_started_at
    from agent_states
    cross join run

),

final as (

    select
        agent_id,
        state,
        started_at,
        next_started_at,
        greatest(started_at, coalesce(ended_at, next_started_at, as_of)) as ended_at
    from followed

)

select * from final
