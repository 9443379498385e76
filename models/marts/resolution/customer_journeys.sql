{{ config(
    materialized='incremental_by_key',
    unique_key=['contact_key'],
    meta={'incremental': {'key': ['customer_number']}}
) }}

-- How customers move between channels, and how many channels and agents it has taken by then. Both start again in each journey.
{% set in_journey = 'partition by customer_number, journey_first_step' %}
{% set so_far = in_journey ~ ' order by step rows between unbounded preceding and current row' %}
with

journeys as (

    select * from {{ ref('int_resolution__journeys') }}
    where {{ is_affected('customer_number') }}

),

journey_agents as (

    select * from {{ ref('int_resolution__journey_agents') }}

),

contacts as (

    select * from {{ ref('fct_contacts') }}

),

joined as (

    select
        contacts.*,
        journeys.step,
        journeys.journey_first_step,
        journeys.previous_channel,
        journeys.quiet_seconds,
        coalesce(journey_agents.new_agents, 0) as new_agents
    from journeys
    inner join contacts on journeys.contact_key = contacts.contact_key
    left join journey_agents
        on
            journeys.customer_number = journey_agents.customer_number
            and journeys.step = journey_agents.step

),

flagged as (

    select
        *,
        case when row_number() over ({{ in_journey }}, channel order by step) = 1 then 1 else 0 end as is_new_channel
    from joined

),

final as (

    select
        customer_key,
        customer_number,
        contact_id,
        contact_key,
        client_id,
        channel,
        previous_channel,
        agent_id,
        reason_code,
        step,
        journey_first_step,
        quiet_seconds,
        cast(sum(new_agents) over ({{ so_far }}) as {{ dbt.type_bigint() }}) as agents_so_far,
        cast(sum(is_new_channel) over ({{ so_far }}) as {{ dbt.type_bigint() }}) as channels_so_far,
        is_handled,
        is_abandoned,
        date_day,
        started_at,
        ended_at
    from flagged

)

select * from final
