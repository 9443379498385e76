{% macro positive_days(name, unit='days') %}
    {%- set number = var(name) -%}
    {%- if number is not integer or number is boolean or number < 1 -%}
        {{ exceptions.raise_compiler_error(name ~ ' must be a whole number of ' ~ unit ~ ', at least 1; it is ' ~ number) }}
    {%- endif -%}
    {{- return(number) -}}
{% endmacro %}
