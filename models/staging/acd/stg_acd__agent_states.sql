{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['agent_id', 'started_at'],
    meta={'day': 'started_at', 'unit': agent_day('cast(started_at as date)')}
) }}

-- One row per agent and start of a state: the current version, withdrawn records left out.
{% set scope = recompute([landed('acd', 'agent_states', unit_text(agent_day('cast(started_at as date)')))]) %}
with

source as (

    {{ current_records('acd', 'agent_states', in_scope(agent_day('cast(started_at as date)'), scope)) }}

),

typed as (

    select
        agent_id,
        state,
        started_at,
        ended_at,
        updated_at
    from source

)

select * from typed
