-- An agent is rung from the newest wait that had begun by then, and answers it if it was still waiting: the ends of both lie within two
-- seconds. One agent answers a wait; a second one was brought in without a queue.
with

agents as (

    select * from {{ ref('int_genesys_cloud__stints') }}
    where {{ is_affected('contact_id') }}

),

queue_waits as (

    select * from {{ ref('int_genesys_cloud__queue_waits') }}
    where {{ is_affected('contact_id') }}

),

candidates as (

    select
        agents.contact_id,
        agents.participant_number,
        agents.is_handled,
        agents.answered_at,
        queue_waits.acd_number,
        queue_waits.started_at as enqueued_at,
        row_number() over (
            partition by agents.contact_id, agents.participant_number
            order by queue_waits.started_at desc, queue_waits.acd_number desc
        ) as wait_from_newest
    from agents
    inner join queue_waits
        on
            agents.contact_id = queue_waits.contact_id
            and coalesce(agents.alerted_at, agents.first_at) >= queue_waits.started_at - interval '2' second
            and (
                queue_waits.ended_at is null
                or coalesce(agents.answered_at, agents.alerted_at, agents.first_at) <= queue_waits.ended_at + interval '2' second
            )

),

ranked as (

    select
        *,
        row_number() over (
            partition by contact_id, acd_number, is_handled
            order by answered_at, participant_number
        ) as answer_number
    from candidates
    where wait_from_newest = 1

),

final as (

    select
        contact_id,
        participant_number,
        acd_number,
        enqueued_at
    from ranked
    where
        is_handled = 0
        or answer_number = 1

)

select * from final
