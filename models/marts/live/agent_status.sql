-- What each agent is doing now: the state that started last. What starts or ends after "now" is not known yet; a state that has ended with
-- none after it leaves it open what the agent does since.
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

ranked as (

    select
        agent_states.*,
        run.as_of,
        row_number() over (partition by agent_states.agent_id order by agent_states.started_at desc) as recency
    from agent_states
    inner join run on agent_states.started_at <= run.as_of

),

latest as (

    select
        agent_id,
        as_of,
        case when ended_at <= as_of then 'unknown' else state end as state,
        case when ended_at <= as_of then ended_at else started_at end as since
    from ranked
    where recency = 1

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
