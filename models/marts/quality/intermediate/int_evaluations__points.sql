{{ config(materialized='table') }}

-- What the items of an evaluation add up to, as a whole and by section of the form. Of some evaluations nothing but the total is known: it
-- counts in the whole and in no section, and what went wrong is not known (QUA-6).
with

items as (

    select * from {{ ref('int_evaluations__items') }}

),

final as (

    select
        evaluation_id,
        sum(points) as points,
        sum(max_points) as max_points,
        {% for section in evaluation_sections() %}
        sum(case when section = '{{ section }}' then points else 0 end) as {{ section }}_points,
        sum(case when section = '{{ section }}' then max_points else 0 end) as {{ section }}_max_points,
        max(case when section = '{{ section }}' then is_applicable else 0 end) as has_{{ section }}_items,
        {% endfor %}
        {% for error_class in critical_error_classes() %}
        max(case when section != 'total' then is_{{ error_class }}_error end) as has_{{ error_class }}_error,
        {% endfor %}
        max(case when section != 'total' then is_auto_fail end) as is_auto_failed,
        max(case when section = 'total' then 0 else 1 end) as is_itemised
    from items
    group by evaluation_id

)

select * from final
