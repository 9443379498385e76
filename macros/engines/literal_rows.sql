{% macro literal_rows(rows) -%}
    {#- Nothing is known while dbt parses: a row without columns stands in. -#}
    select *
    from (
        values
        {%- for row in rows %}
        ({{ row.values() | join(', ') }}){{ ',' if not loop.last }}
        {%- else %}
        (null)
        {%- endfor %}
    ) as literal_rows ({{ rows[0].keys() | join(', ') if rows else 'nothing' }})
{%- endmacro %}


{% macro text_literal(text) -%}
    '{{ text | replace("'", "''") }}'
{%- endmacro %}
