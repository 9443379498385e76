{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['schedule_id', 'published_at'],
    meta={'day': 'starts_at', 'unit': 'schedule_id', 'logs': ['schedule_id']}
) }}

-- One row per scheduled activity and publication of it: the current version, withdrawn records left out.
{% set scope = recompute([landed('wfm', 'schedules', 'schedule_id')]) %}
with

source as (

    {{ current_records('wfm', 'schedules', in_scope('schedule_id', scope)) }}

),

typed as (

    select
        schedule_id,
        agent_id,
        activity,
        starts_at,
        ends_at,
        published_at,
        updated_at
    from source

)

select * from typed
