{% macro dimension_key(column) -%}
    coalesce({{ column }}, 'unknown')
{%- endmacro %}


{% macro members_of(key, models) -%}
    {%- for model_name, column in models.items() %}
    select {{ column }} as {{ key }}
    from {{ ref(model_name) }}
    where {{ column }} is not null
    union distinct
    {%- endfor %}
    select 'unknown' as {{ key }}
{%- endmacro %}
