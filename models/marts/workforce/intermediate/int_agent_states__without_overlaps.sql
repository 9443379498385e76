-- An agent does one thing at a time: a state ends at the latest when the agent's next one starts, and does not resume after it. An
-- open one ends now.
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
        coalesce(agent_states.ended_at, run.as_of) as ended_at,
        lead(agent_states.started_at) over (
            partition by agent_states.agent_id
            order by agent_states.started_at
        ) as next_started_at
    from agent_states
    cross join run

),

cut as (

    select
        agent_id,
        state,
        started_at,
        case when next_started_at < ended_at then next_started_at else ended_at end as ended_at
    from followed

),

final as (

    select
        agent_id,
        state,
        cast(started_at as date) as started_on,
        started_at,
        ended_at
    from cut
    where ended_at > started_at

)

select * from final
