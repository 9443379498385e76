{% test one_id_per_key(model, column_name, id) %}
    select
        {{ column_name }},
        min({{ id }}) as one_id,
        max({{ id }}) as other_id,
        'Two ids of {{ id }} have one {{ column_name }}: give one of them another id in its source' as problem
    from {{ model }}
    where {{ rows_to_test(model) }}
    group by {{ column_name }}
    having min({{ id }}) != max({{ id }})
{% endtest %}
