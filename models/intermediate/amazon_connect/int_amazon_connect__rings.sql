-- A ring is a contact that an agent missed or rejected. It rang since the contact was last seen to come in to that agent. Many snapshots
-- tell of one ring.
with

agent_contacts as (

    select * from {{ ref('int_amazon_connect__agent_contacts') }}
    where {{ is_affected('contact_id') }}

),

missed as (

    select
        contact_id,
        own_contact_id,
        agent_id,
        min(coalesce(state_started_at, event_timestamp)) as ended_at,
        max(queue_id) as queue_id,
        max(enqueued_at) as enqueued_at
    from agent_contacts
    where
        state in ('MISSED', 'REJECTED')
        and initiation_method not in ('MONITOR', 'DISCONNECT')
    group by contact_id, own_contact_id, agent_id, coalesce(state_started_at, event_timestamp)

),

coming_in as (

    select distinct
        contact_id,
        own_contact_id,
        agent_id,
        coalesce(state_started_at, event_timestamp) as began_at
    from agent_contacts
    where state in ('INCOMING', 'PENDING', 'CONNECTING')

),

final as (

    select
        missed.contact_id,
        missed.own_contact_id,
        missed.agent_id,
        missed.ended_at,
        missed.queue_id,
        missed.enqueued_at,
        max(coming_in.began_at) as began_at
    from missed
    left join coming_in
        on
            missed.contact_id = coming_in.contact_id
            and missed.own_contact_id = coming_in.own_contact_id
            and missed.agent_id = coming_in.agent_id
            and missed.ended_at >= coming_in.began_at
    group by missed.contact_id, missed.own_contact_id, missed.agent_id, missed.ended_at, missed.queue_id, missed.enqueued_at

)

select * from final
