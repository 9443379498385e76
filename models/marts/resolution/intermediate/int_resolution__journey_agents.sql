{{ config(
    materialized='incremental_by_key',
    unique_key=['customer_key', 'step'],
    meta={'incremental': {
        'key': ['customer_key'],
        'inputs': {
            'int_contact_legs__unioned': {'through': 'int_resolution__journeys', 'on': ['contact_id']},
        },
    }}
) }}

-- Agents that the customer had not spoken to before on this journey: whoever answers a leg of a contact, after a transfer too, is told
-- the story again. An agent counts with the first contact on which they answered (JRN-2). (A journey's first step tells it from all other
-- journeys of the customer, those with other clients too.)
with

journeys as (

    select * from {{ ref('int_resolution__journeys') }}
    where {{ is_affected('customer_key') }}

),

contact_legs as (

    select * from {{ ref('int_contact_legs__unioned') }}

),

agents as (

    select
        journeys.customer_key,
        journeys.journey_first_step,
        contact_legs.agent_id,
        min(journeys.step) as step
    from journeys
    inner join contact_legs on journeys.contact_id = contact_legs.contact_id
    where
        contact_legs.agent_id is not null
        and contact_legs.answered_at is not null
    group by journeys.customer_key, journeys.journey_first_step, contact_legs.agent_id

),

final as (

    select
        customer_key,
        step,
        count(*) as new_agents
    from agents
    group by customer_key, step

)

select * from final
