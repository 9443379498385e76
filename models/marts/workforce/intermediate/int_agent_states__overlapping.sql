-- The states that overlap with another one of their agent, in runs: a run begins with a state that no earlier one reaches into. Most states
-- overlap with none, so only those of the days on which one is covered by the next are compared.
with

followed as (

    select * from {{ ref('int_agent_states__followed') }}

),

covered as (

    select
        agent_id,
        cast(started_at as date) as starts_on,
        cast(ended_at as date) as ends_on
    from followed
    where ended_at > next_started_at

),

covered_days as (

    select
        agent_id,
        starts_on as date_day
    from covered
    union distinct
    select
        covered.agent_id,
        calendar.date_day
    from covered
    inner join {{ ref('int_time__calendar') }} as calendar
        on
            covered.starts_on < calendar.date_day
            and covered.ends_on >= calendar.date_day
    where covered.starts_on < covered.ends_on

),

nearby as (

    select
        followed.*,
        max(followed.ended_at) over (
            partition by followed.agent_id order by followed.started_at rows between unbounded preceding and 1 preceding
        ) as earlier_ended_at
    from followed
    inner join covered_days
        on
            followed.agent_id = covered_days.agent_id
            and cast(followed.started_at as date) = covered_days.date_day

),

final as (

    select
        agent_id,
        state,
        started_at,
        ended_at,
        next_started_at,
        earlier_ended_at,
        max(case when earlier_ended_at > started_at then null else started_at end) over (
            partition by agent_id order by started_at rows between unbounded preceding and current row
        ) as run_started_at
    from nearby
    where
        ended_at > next_started_at
        or earlier_ended_at > started_at

)

select * from final
