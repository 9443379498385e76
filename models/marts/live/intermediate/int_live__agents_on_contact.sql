-- Who is on contact now, and for which queues: those of the contacts that the agent has answered and that go on. Of state and contact
-- the newer one tells, so a contact answered since the state began counts, and an e-mail left open by who logged off does not (LIV-3). What
-- began as "now" comes goes on, what ended then has ended (LIV-6). An agent whose state is on_contact and whose contact has not landed yet
-- is on contact for an unknown queue.
with

agent_states as (

    select * from {{ ref('int_live__agent_states') }}

),

contact_legs as (

    select * from {{ ref('int_contact_legs__unioned') }}

),

run as (

    select * from {{ ref('int_run__as_of') }}

),

open_legs as (

    select
        contact_legs.agent_id,
        contact_legs.queue_id,
        contact_legs.answered_at
    from contact_legs
    inner join run
        on
            contact_legs.answered_at <= run.as_of
            and (not {{ has_ended('contact_legs') }} or contact_legs.ended_at > run.as_of)
    where contact_legs.agent_id is not null

),

final as (

    select
        agent_states.agent_id,
        {{ dimension_key('open_legs.queue_id') }} as queue_id,
        min(case when agent_states.state = 'on_contact' then agent_states.since else open_legs.answered_at end) as since
    from agent_states
    left join open_legs on agent_states.agent_id = open_legs.agent_id
    where
        agent_states.state = 'on_contact'
        or agent_states.since <= open_legs.answered_at
    group by agent_states.agent_id, {{ dimension_key('open_legs.queue_id') }}

)

select * from final
