-- What time in a state counts as.
with

agent_time as (

    select * from {{ ref('int_agent_states__by_local_day') }}

),

states as (

    select * from {{ ref('agent_state_settings') }}

),

final as (

    select
        agent_time.agent_id,
        agent_time.team_id,
        agent_time.site_id,
        agent_time.state,
        coalesce(states.counts_as, 'shrinkage') as counts_as,
        agent_time.date_day,
        {{ seconds_between('agent_time.started_at', 'agent_time.ended_at') }} as seconds,
        agent_time.is_sales_role,
        coalesce(states.is_paid, 1) as is_paid,
        case when states.counts_as = 'offline' then 0 else 1 end as is_logged_in,
        agent_time.started_at
    from agent_time
    left join states on agent_time.state = states.state

)

select * from final
