{% test conditions(model, expressions) %}
    select *
    from (
        select
            tested.*,
            case
                {%- for name, expression in expressions.items() %}
                when not coalesce({{ expression }}, false) then '{{ name }}'
                {%- endfor %}
            end as broken_condition
        from {{ model }} as tested
        where {{ rows_to_test(model) }}
    ) as judged
    where broken_condition is not null
{% endtest %}
