{% test unique_key(model, columns, nullable=[]) %}
    {#- Quoted, as `table` is a column's name too. -#}
    {%- set key = [] -%}
    {%- for column in columns -%}
        {%- do key.append(adapter.quote(column)) -%}
    {%- endfor -%}
    select
        {{ key | join(', ') }},
        count(*) as rows_of_key
    from {{ model }}
    where {{ rows_to_test(model) }}
    group by {{ key | join(', ') }}
    having count(*) > 1
        {%- for column in columns if column not in nullable %}
        or {{ adapter.quote(column) }} is null
        {%- endfor %}
{% endtest %}
