{% test one_id_per_key(model, column_name, id, remedy) %}
    {#- A changed row is compared with all rows of its key. No id stands in the sentence, as it may be personal. -#}
    {%- set tested = rows_to_test(model) %}
    select shared_key
    from (
        select min({{ column_name }}) as shared_key
        from (
            select {{ column_name }}
            from {{ model }}
            where
                {% if tested != '1 = 1' -%}
                {{ column_name }} in (select {{ column_name }} from {{ model }} where {{ tested }})
                {%- else -%}
                {{ column_name }} is not null
                {%- endif %}
            group by {{ column_name }}
            having min({{ id }}) != max({{ id }})
        ) as shared_keys
    ) as first_of_them
    where
        case
            when shared_key is not null
                then {{ raise_error("'Two values of " ~ id ~ " in " ~ model.name ~ " have one " ~ column_name ~ ", ' || shared_key || ': " ~ remedy ~ " [KEY-4]'") }} is null
            else false
        end
{% endtest %}
