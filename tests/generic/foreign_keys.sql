{% test foreign_keys(model, columns) %}
    {#- Members are few, so all rows are looked at: an engine reads one column and counts its values. -#}
    {%- for column, dimension in columns.items() %}
    select
        '{{ column }}' as column_name,
        cast(facts.{{ column }} as {{ dbt.type_string() }}) as not_a_member
    from (select distinct {{ column }} from {{ model }}) as facts
    left join {{ ref(dimension) }} as members on facts.{{ column }} = members.{{ column }}
    where members.{{ column }} is null
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{% endtest %}
