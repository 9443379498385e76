-- One row per item of an evaluation: the current version, withdrawn records left out.
with

source as (

    {{ current_records('qa', 'evaluation_items') }}

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
