{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['evaluation_id', 'item_number'],
    meta={'unit': 'evaluation_id', 'logs': ['evaluation_id']}
) }}

-- One row per item of an evaluation: the current version, withdrawn records left out.
{% set scope = recompute([landed('qa', 'evaluation_items', 'evaluation_id')]) %}
with

source as (

    {{ current_records('qa', 'evaluation_items', in_scope('evaluation_id', scope)) }}

),

typed as (

    select
        evaluation_id,
        item_number,
        section,
        score,
        max_score,
        is_not_applicable,
        is_auto_fail,
        error_class,
        updated_at
    from source

)

select * from typed
