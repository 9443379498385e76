{% test is_true(model, expression) %}
    select *
    from (select * from {{ model }} where {{ rows_to_test(model) }}) as changed
    where not coalesce({{ expression }}, false)
{% endtest %}
