-- Zendesk knows no history of agents and no teams: what it says holds from before all that wfm.agents says (ZEN-8).
with

users as (

    select
        name,
        {{ known_as('zendesk', 'agent_id', 'user_id') }} as agent_id,
        coalesce(updated_at, synced_at, created_at) as changed_at
    from {{ ref('stg_zendesk__users') }}
    where lower(role) in ('agent', 'admin')

),

final as (

    select
        agent_id,
        cast('1900-01-01' as timestamp) as effective_from,
        max(name) as agent_name,
        max(changed_at) as updated_at
    from users
    group by agent_id

)

select * from final
