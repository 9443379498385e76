-- What each agent is doing now: on contact if a contact says so (LIV-3), else what the newest state says.
with

agent_states as (

    select * from {{ ref('int_live__agent_states') }}

),

on_contact as (

    select
        agent_id,
        min(since) as since
    from {{ ref('int_live__agents_on_contact') }}
    group by agent_id

),

settings as (

    select * from {{ ref('agent_state_settings') }}

),

latest as (

    select
        agent_states.agent_id,
        agent_states.as_of,
        case when on_contact.agent_id is not null then 'on_contact' else agent_states.state end as state,
        coalesce(on_contact.since, agent_states.since) as since
    from agent_states
    left join on_contact on agent_states.agent_id = on_contact.agent_id

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
