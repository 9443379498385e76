{{ config(
    materialized='incremental_by_key',
    unique_key=['evaluation_id'],
    meta={'incremental': {'key': ['evaluation_id']}}
) }}

-- One row per evaluation: the current version, withdrawn records left out.
with

source as (

    {{ current_records('qa', 'evaluations', is_affected('evaluation_id')) }}

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
