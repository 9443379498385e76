-- The queues that an agent is available to: no extract says which ones are assigned to whom, so those that the agent answered within the
-- last days. An agent with several of them is available to each; one who answered none is available to an unknown queue (LIV-2).
{% set assignment_days = positive_days('queue_assignment_days') %}
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

recent_legs as (

    select distinct
        contact_legs.agent_id,
        contact_legs.queue_id
    from contact_legs
    inner join run
        on
            contact_legs.answered_at <= run.as_of
            and contact_legs.answered_at >= {{ dbt.dateadd('day', -assignment_days, 'run.as_of') }}
    where
        contact_legs.direction = 'inbound'
        and contact_legs.agent_id is not null
        and contact_legs.queue_id is not null

),

final as (

    select
        agent_status.agent_id,
        {{ dimension_key('recent_legs.queue_id') }} as queue_id
    from agent_status
    left join recent_legs on agent_status.agent_id = recent_legs.agent_id
    where agent_status.counts_as = 'available'

)

select * from final
