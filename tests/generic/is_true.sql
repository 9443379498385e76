{% test is_true(model, expression) %}
    select *
    from (select * from {{ model }} where {{ changed_since_tested(model) }}) as changed
    where not coalesce({{ expression }}, false)
{% endtest %}
