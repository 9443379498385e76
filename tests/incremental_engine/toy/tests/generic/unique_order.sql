{% test unique_order(model) %}
    select order_id
    from {{ model }}
    where {{ rows_to_test(model) }}
    group by order_id
    having count(*) > 1
{% endtest %}
