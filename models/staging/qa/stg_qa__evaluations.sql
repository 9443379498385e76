{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['evaluation_id'],
    meta={'day': 'evaluated_at', 'unit': 'evaluation_id', 'logs': ['evaluation_id']}
) }}

-- One row per evaluation: the current version, withdrawn records left out.
{% set scope = recompute([landed('qa', 'evaluations', 'evaluation_id')]) %}
with

source as (

    {{ current_records('qa', 'evaluations', in_scope('evaluation_id', scope)) }}

),

typed as (

    select
        evaluation_id,
        contact_id,
        agent_id,
        evaluated_at,
        form,
        is_calibration,
        updated_at
    from source

)

select * from typed
