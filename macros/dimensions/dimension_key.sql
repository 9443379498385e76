{% macro dimension_key(column) -%}
    coalesce({{ column }}, 'unknown')
{%- endmacro %}
