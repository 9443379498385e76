-- Where a contact counts: its client (the first leg's, else the queue's), the team and site that its agent had when it
-- started (else the queue's site), and its local day in the zone of the queue's site, else of the agent's.
with

contacts as (

    select * from {{ ref('int_contacts__from_legs') }}

),

queues as (

    select * from {{ ref('dim_queues') }}

),

agents as (

    select * from {{ ref('int_agents__history') }}

),

sites as (

    select * from {{ ref('dim_sites') }}

),

local_days as (

    select * from {{ ref('int_time__local_days') }}

),

placed as (

    select
        contacts.contact_id,
        contacts.started_at,
        agents.team_id,
        coalesce(contacts.first_client_id, queues.client_id) as client_id,
        coalesce(agents.site_id, queues.site_id) as site_id,
        coalesce(queues.site_id, agents.site_id) as day_site_id
    from contacts
    inner join queues on {{ dimension_key('contacts.queue_id') }} = queues.queue_id
    left join agents
        on
            contacts.agent_id = agents.agent_id
            and {{ holds_at('agents', 'contacts.started_at') }}

),

final as (

    select
        placed.contact_id,
        placed.client_id,
        placed.site_id,
        placed.team_id,
        local_days.date_day
    from placed
    inner join sites on {{ dimension_key('placed.day_site_id') }} = sites.site_id
    left join local_days on {{ is_on_local_day('local_days', 'placed.started_at', 'sites.timezone') }}

)

select * from final
