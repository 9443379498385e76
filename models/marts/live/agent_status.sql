-- What each agent is doing now: of the states that are going on the one that started last. What starts or ends after "now" is not known
-- yet, and an open state goes on until the next one starts. Where no state goes on, it is open what the agent does since the last end.
{% set in_time = 'partition by agent_states.agent_id order by agent_states.started_at' %}
with

agent_states as (

    select * from {{ ref('int_agent_states__unioned') }}

),

run as (

    select * from {{ ref('int_run__as_of') }}

),

settings as (

    select * from {{ ref('agent_state_settings') }}

),

followed as (

    select
        agent_states.*,
        run.as_of,
        lead(agent_states.started_at) over ({{ in_time }}) as next_started_at,
        max(agent_states.ended_at) over ({{ in_time }} rows between unbounded preceding and 1 preceding) as earlier_ended_at,
        max(agent_states.ended_at) over ({{ in_time }} rows between 1 following and unbounded following) as later_ended_at
    from agent_states
    inner join run on agent_states.started_at <= run.as_of

),

ranked as (

    select
        *,
        row_number() over (
            partition by agent_id
            order by case when ended_at <= as_of then 1 else 0 end, started_at desc
        ) as preference_rank
    from followed
    where
        ended_at > as_of
        or next_started_at is null

),

latest as (

    select
        agent_id,
        as_of,
        case when ended_at <= as_of then 'unknown' else state end as state,
        case
            when ended_at <= as_of then greatest(ended_at, coalesce(earlier_ended_at, ended_at))
            else greatest(started_at, coalesce(later_ended_at, started_at))
        end as since
    from ranked
    where preference_rank = 1

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
