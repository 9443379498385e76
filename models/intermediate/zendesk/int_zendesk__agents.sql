-- Zendesk knows no history of agents and no teams: what it says holds from before all that wfm.agents says (ZEN-8).
select
    user_id as agent_id,
    name as agent_name,
    cast('1900-01-01' as timestamp) as effective_from,
    coalesce(updated_at, synced_at, created_at) as updated_at
from {{ ref('stg_zendesk__users') }}
where lower(role) in ('agent', 'admin')
