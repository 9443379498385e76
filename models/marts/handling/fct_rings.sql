{{ config(
    materialized='incremental_by_key',
    unique_key=['contact_id', 'leg_number'],
    meta={'incremental': {
        'key': ['contact_id'], 'records': ['date_day'],
        'inputs': inputs_of_contact_legs({'int_agents__history': {'macro': 'contacts_of_agents'}}),
    }}
) }}

-- Whom an inbound contact rang: agents who answered, which is the handled legs, and those who did not. A ring that nobody answered counts
-- when it started, for the team and site that the agent had then (HDL-1).
with

contact_legs as (

    {{ legs_of_inbound_contacts() | indent(4) }}

),

handled_legs as (

    select * from {{ ref('fct_handled_legs') }}
    where {{ is_affected('contact_id') }}

),

unanswered as (

    select
        contact_legs.*,
        agents.team_id,
        coalesce(contact_legs.client_id, queues.client_id) as ring_client_id,
        coalesce(agents.site_id, queues.site_id) as site_id,
        coalesce(queues.site_id, agents.site_id) as day_site_id
    from contact_legs
    {{ join_queue('contact_legs.queue_id') }}
    {{ join_agent('contact_legs.agent_id', 'contact_legs.started_at') }}
    where
        contact_legs.direction != 'internal'
        and contact_legs.answered_at is null
        and {{ is_ring('contact_legs') }}

),

final as (

    select
        unanswered.contact_id,
        unanswered.leg_number,
        unanswered.source,
        unanswered.channel,
        {{ dimension_key('unanswered.ring_client_id') }} as client_id,
        {{ dimension_key('unanswered.site_id') }} as site_id,
        {{ dimension_key('unanswered.team_id') }} as team_id,
        unanswered.agent_id,
        {{ dimension_key('unanswered.queue_id') }} as queue_id,
        0 as is_answered,
        local_days.date_day,
        unanswered.started_at as counted_at
    from unanswered
    {{ join_local_day('unanswered.day_site_id', 'unanswered.started_at') }}
    union all
    select
        contact_id,
        leg_number,
        source,
        channel,
        client_id,
        site_id,
        team_id,
        agent_id,
        queue_id,
        1 as is_answered,
        date_day,
        answered_at as counted_at
    from handled_legs

)

select * from final
