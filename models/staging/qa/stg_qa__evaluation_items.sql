{{ config(
    materialized='incremental_by_key',
    unique_key=['evaluation_id', 'item_number'],
    meta={'incremental': {'key': ['evaluation_id']}}
) }}

-- One row per item of an evaluation: the current version, withdrawn records left out.
with

source as (

    {{ current_records('qa', 'evaluation_items', is_affected('evaluation_id')) }}

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
