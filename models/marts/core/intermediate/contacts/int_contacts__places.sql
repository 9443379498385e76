-- Where a contact counts: its client (the first leg's, else the queue's), the team and site that its agent had when it
-- started (else the queue's site), and its local day in the zone of the queue's site, else of the agent's.
with

contacts as (

    select * from {{ ref('int_contacts__from_legs') }}

),

placed as (

    select
        contacts.contact_key,
        contacts.started_at,
        agents.team_id,
        coalesce(contacts.first_client_id, queues.client_id) as client_id,
        coalesce(agents.site_id, queues.site_id) as site_id,
        coalesce(queues.site_id, agents.site_id) as day_site_id
    from contacts
    {{ join_queue('contacts.queue_id') }}
    {{ join_agent('contacts.agent_id', 'contacts.started_at') }}

),

final as (

    select
        placed.contact_key,
        placed.client_id,
        placed.site_id,
        placed.team_id,
        local_days.date_day
    from placed
    {{ join_local_day('placed.day_site_id', 'placed.started_at') }}

)

select * from final
