{% macro positive_days(name) %}
    {%- set days = var(name) -%}
    {%- if days is not integer or days is boolean or days < 1 -%}
        {{ exceptions.raise_compiler_error(name ~ ' must be a whole number of days, at least 1; it is ' ~ days) }}
    {%- endif -%}
    {{- return(days) -}}
{% endmacro %}
