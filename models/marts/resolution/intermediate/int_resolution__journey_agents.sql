{{ config(
    materialized='incremental_by_key',
    unique_key=['customer_number', 'step'],
    meta={'incremental': {
        'key': ['customer_number'],
        'inputs': {
            'int_contact_legs__unioned': {'macro': 'customers_of_contacts'},
            'int_contacts__leg_numbers': {'macro': 'customers_of_contacts'},
            'int_contacts__put_together': {'macro': 'customers_of_contacts'},
        },
    }}
) }}

-- Agents that the customer had not spoken to before on this journey: whoever answers a leg of a contact, after a transfer too, is told
-- the story again. An agent counts with the first contact on which they answered (JRN-2). (A journey's first step tells it from all other
-- journeys of the customer, those with other clients too.)
-- depends_on: {{ ref('int_contacts__put_together') }}
with

journeys as (

    select * from {{ ref('int_resolution__journeys') }}
    where {{ is_affected('customer_number') }}

),

contacts as (

    select * from {{ ref('fct_contacts') }}

),

contact_legs as (

    select * from {{ ref('int_contacts__legs') }}

),

agents as (

    select
        journeys.customer_number,
        journeys.journey_first_step,
        contact_legs.agent_id,
        min(journeys.step) as step
    from journeys
    inner join contacts on journeys.contact_key = contacts.contact_key
    inner join contact_legs on contacts.contact_id = contact_legs.contact_id
    where
        contact_legs.agent_id is not null
        and contact_legs.answered_at is not null
    group by journeys.customer_number, journeys.journey_first_step, contact_legs.agent_id

),

final as (

    select
        customer_number,
        step,
        count(*) as new_agents
    from agents
    group by customer_number, step

)

select * from final
