-- The queues that an agent is on contact for: those of the contacts that the agent has answered and that go on. Of state and contact the
-- newer one tells, so a contact answered since the state began counts, and an e-mail left open by who logged off does not (LIV-3). An agent
-- whose state is on_contact and whose contact has not landed yet is on contact for an unknown queue.
with

agent_status as (

    select * from {{ ref('agent_status') }}

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

    select distinct
        agent_status.agent_id,
        {{ dimension_key('open_legs.queue_id') }} as queue_id
    from agent_status
    left join open_legs on agent_status.agent_id = open_legs.agent_id
    where
        agent_status.state = 'on_contact'
        or agent_status.since <= open_legs.answered_at

)

select * from final
