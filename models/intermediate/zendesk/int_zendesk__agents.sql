-- Zendesk knows no history of agents and no teams: what it says holds from before all that wfm.agents says (ZEN-8).
with

agents as (

    select
        agents.user_name,
        {{ known_as('zendesk', 'agent_id', 'agents.user_id') }} as agent_id,
        coalesce(agents.updated_at, agents.synced_at, agents.created_at) as changed_at
    from {{ ref('stg_zendesk__users') }} as agents
    where lower(agents.role) in ('agent', 'admin')

),

final as (

    select
        agent_id,
        cast('1900-01-01' as timestamp) as effective_from,
        max(user_name) as agent_name,
        max(changed_at) as updated_at
    from agents
    group by agent_id

)

select * from final
