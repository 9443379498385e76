{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['queue_id', 'interval_start', 'published_at'],
    meta={'day': 'interval_start', 'unit': 'cast(interval_start as date)', 'unit_type': 'date'}
) }}

-- One row per queue, interval and publication: the current version, withdrawn records left out.
{% set scope = recompute([landed('wfm', 'forecasts', 'cast(interval_start as date)')]) %}
with

source as (

    {{ current_records('wfm', 'forecasts', in_scope('cast(interval_start as date)', scope, 'date')) }}

),

typed as (

    select
        queue_id,
        interval_start,
        interval_minutes,
        contacts,
        aht_seconds,
        published_at
    from source

)

select * from typed
