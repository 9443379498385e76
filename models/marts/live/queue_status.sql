-- Each queue now, and its day so far. Where no state of any agent is known, that nobody is there would be no finding.
with

queue_visits as (

    select * from {{ ref('int_live__queue_visits') }}

),

queues as (

    select * from {{ ref('dim_queues') }}

),

available as (

    select
        queue_id,
        count(*) as agents
    from {{ ref('int_live__agents_available') }}
    group by queue_id

),

on_contact as (

    select
        queue_id,
        count(*) as agents
    from {{ ref('int_live__agents_on_contact') }}
    group by queue_id

),

known_agents as (

    select count(*) as agents
    from {{ ref('agent_status') }}

),

final as (

    select
        queue_visits.queue_id,
        {{ dimension_key('queues.client_id') }} as client_id,
        {{ dimension_key('queues.site_id') }} as site_id,
        {{ dimension_key('queues.channel') }} as channel,
        queue_visits.waiting,
        queue_visits.longest_wait_seconds,
        case when known_agents.agents > 0 then coalesce(available.agents, 0) end as agents_available,
        case when known_agents.agents > 0 then coalesce(on_contact.agents, 0) end as agents_on_contact,
        queue_visits.offered,
        queue_visits.answered,
        queue_visits.abandoned,
        queue_visits.service_level,
        queue_visits.date_day,
        queue_visits.as_of
    from queue_visits
    inner join queues on queue_visits.queue_id = queues.queue_id
    cross join known_agents
    left join available on queue_visits.queue_id = available.queue_id
    left join on_contact on queue_visits.queue_id = on_contact.queue_id

)

select * from final
