{% test adds_up_to(model, expression, to, to_expression) %}
    select
        added_up,
        expected
    from (select coalesce(sum({{ expression }}), 0) as added_up from {{ model }}) as parts
    cross join (select coalesce(sum({{ to_expression }}), 0) as expected from {{ to }}) as whole
    where abs(added_up - expected) > 1e-6 * greatest(abs(expected), 1)
{% endtest %}
