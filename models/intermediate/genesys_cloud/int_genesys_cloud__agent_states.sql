{{ config(
    materialized='incremental_by_key',
    unique_key=['agent_id', 'started_at'],
    meta={'incremental': {'records': ['agent_id', 'started_at']}}
) }}

-- An agent on queue does what the routing status says, else what the presence says. A state lasts until either changes it.
with

stretches as (

    select
        {{ known_as('genesys_cloud', 'agent_id', 'of_users.agent_id') | indent(8) }} as agent_id,
        of_users.kind,
        of_users.state,
        of_users.started_at,
        of_users.ended_at
    from {{ ref('int_genesys_cloud__stretches') }} as of_users

),

instants as (

    select
        agent_id,
        started_at as at_instant
    from stretches
    union
    select
        agent_id,
        ended_at as at_instant
    from stretches
    where ended_at is not null

),

ranked as (

    select
        instants.agent_id,
        instants.at_instant,
        stretches.kind,
        stretches.state,
        row_number() over (
            partition by instants.agent_id, instants.at_instant, stretches.kind
            order by stretches.started_at desc
        ) as rank_from_newest
    from instants
    left join stretches
        on
            instants.agent_id = stretches.agent_id
            and instants.at_instant >= stretches.started_at
            and (stretches.ended_at is null or instants.at_instant < stretches.ended_at)

),

both_kinds as (

    select
        agent_id,
        at_instant,
        max(case when kind = 'presence' then state end) as presence,
        max(case when kind = 'routing' then state end) as routing
    from ranked
    where rank_from_newest = 1
    group by agent_id, at_instant

),

stated as (

    select
        agent_id,
        at_instant,
        case
            when presence is null and (routing is null or routing = 'off_queue') then null
            when coalesce(presence, 'on_queue') = 'on_queue'
                then
                    case
                        when routing in ('interacting', 'communicating') then 'on_contact'
                        when routing = 'not_responding' then 'not_responding'
                        else 'available'
                    end
            when presence = 'meal' then 'lunch'
            when presence = 'available' then 'off_queue'
            else presence
        end as state
    from both_kinds

),

compared as (

    select
        *,
        lag(state) over (partition by agent_id order by at_instant) as state_before,
        max(at_instant) over (partition by agent_id) as last_instant
    from stated

),

changes as (

    select
        agent_id,
        state,
        at_instant as started_at,
        last_instant,
        lead(at_instant) over (partition by agent_id order by at_instant) as ended_at
    from compared
    where coalesce(state, '') != coalesce(state_before, '')

),

final as (

    select
        changes.agent_id,
        changes.state,
        changes.started_at,
        changes.ended_at,
        coalesce(changes.ended_at, changes.last_instant) as updated_at
    from changes
    where changes.state is not null

)

select * from final
