-- An item is scored if it has a score and applies: without a score it is not applicable, whether it says so or not. What failed the
-- evaluation and what was an error is said apart from the score, so it holds for an item that is not scored too (QUA-1).
with

items as (

    select * from {{ ref('int_evaluation_items__unioned') }}

),

flagged as (

    select
        *,
        case when score is null or is_not_applicable then 0 else 1 end as is_applicable
    from items

),

final as (

    select
        evaluation_id,
        item_number,
        section,
        cast(case when is_applicable = 1 then score else 0 end as double) as points,
        cast(case when is_applicable = 1 then max_score else 0 end as double) as max_points,
        is_applicable,
        {% for error_class in critical_error_classes() %}
        case when error_class = '{{ error_class }}' then 1 else 0 end as is_{{ error_class }}_error,
        {% endfor %}
        case when is_auto_fail then 1 else 0 end as is_auto_fail
    from flagged

)

select * from final
