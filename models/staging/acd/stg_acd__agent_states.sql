{{ config(
    materialized='incremental_by_key',
    unique_key=['agent_id', 'started_at'],
    meta={'incremental': {'key': ['agent_id', 'started_at']}}
) }}

-- One row per agent and start of a state: the current version, withdrawn records left out.
{{ current_records('acd', 'agent_states', is_affected('agent_id', 'started_at')) }}
