{{ config(
    materialized='incremental_by_key',
    unique_key=['contact_id', 'leg_number'],
    meta={'incremental': {
        'key': ['contact_id'], 'records': ['date_day'],
        'inputs': inputs_of_contact_legs({'int_agents__history': {'macro': 'contacts_of_agents'}}),
    }}
) }}

-- Handle time is counted where it was spent: on each leg of an inbound contact that an agent answered, once it has ended, on the day of the
-- answer. Talk between agents is none, a call back to the customer is. What was not recorded stays null.
with

contact_legs as (

    {{ legs_of_inbound_contacts() | indent(4) }}

),

handled as (

    select
        contact_legs.*,
        agents.team_id,
        coalesce(contact_legs.client_id, queues.client_id) as handling_client_id,
        coalesce(agents.site_id, queues.site_id) as site_id,
        coalesce(queues.site_id, agents.site_id) as day_site_id
    from contact_legs
    {{ join_queue('contact_legs.queue_id') }}
    {{ join_agent('contact_legs.agent_id', 'contact_legs.answered_at') }}
    where
        contact_legs.direction != 'internal'
        and contact_legs.agent_id is not null
        and contact_legs.answered_at is not null
        and {{ has_ended('contact_legs') }}

),

final as (

    select
        handled.contact_id,
        handled.leg_number,
        handled.source,
        handled.channel,
        {{ dimension_key('handled.handling_client_id') }} as client_id,
        {{ dimension_key('handled.site_id') }} as site_id,
        {{ dimension_key('handled.team_id') }} as team_id,
        handled.agent_id,
        {{ dimension_key('handled.queue_id') }} as queue_id,
        {{ dimension_key('handled.reason_code') }} as reason_code,
        {{ is_real_time('channels') }} as is_real_time,
        handled.talk_seconds,
        handled.hold_seconds,
        handled.acw_seconds,
        case
            when handled.hold_count > 0 then 1
            when handled.hold_count is not null then 0
        end as is_held,
        case when handled.end_reason = 'transferred' then 1 else 0 end as is_transferred,
        local_days.date_day,
        handled.answered_at,
        handled.ended_at
    from handled
    {{ join_local_day('handled.day_site_id', 'handled.answered_at') }}
    {{ join_channel('handled.channel') }}

)

select * from final
