{{ config(
    materialized='incremental_by_key',
    unique_key=['agent_id', 'valid_from'],
    meta={'incremental': {'records': ['agent_id']}}
) }}

-- A version of an agent holds from its effective_from to the next one's. Before the first one the agent has no team.
with

agents as (

    select * from {{ ref('int_agents__unioned') }}

),

final as (

    select
        agent_id,
        agent_name,
        team_id,
        site_id,
        role,
        hired_on,
        left_on,
        effective_from as valid_from,
        lead(effective_from) over (partition by agent_id order by effective_from) as valid_to
    from agents

)

select * from final
