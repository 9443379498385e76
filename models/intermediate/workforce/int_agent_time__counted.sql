-- What time in a state counts as, and where an agent's day counts: with the first logged-in state of the day.
with

agent_time as (

    select * from {{ ref('int_agent_states__by_local_day') }}

),

states as (

    select * from {{ ref('agent_state_settings') }}

),

counted as (

    select
        agent_time.*,
        {{ seconds_between('agent_time.started_at', 'agent_time.ended_at') }} as seconds,
        coalesce(states.counts_as, 'shrinkage') as counts_as,
        coalesce(states.is_paid, 1) as is_paid,
        case when states.counts_as = 'offline' then 0 else 1 end as is_logged_in
    from agent_time
    left join states on agent_time.state = states.state

),

ranked as (

    select
        *,
        row_number() over (partition by agent_id, date_day, is_logged_in order by started_at) as day_rank
    from counted

),

final as (

    select
        agent_id,
        team_id,
        site_id,
        state,
        counts_as,
        date_day,
        seconds,
        is_sales_role,
        is_paid,
        is_logged_in,
        case when is_logged_in = 1 and day_rank = 1 then 1 else 0 end as is_first_logged_in
    from ranked

)

select * from final
