{% test member_of(model, column_name, to, field) %}
    select {{ column_name }}
    from {{ model }}
    where {{ column_name }} is null
        or {{ column_name }} not in (select {{ field }} from {{ to }})
{% endtest %}
