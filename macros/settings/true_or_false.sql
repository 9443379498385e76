{% macro true_or_false(name) %}
    {%- set setting = var(name) -%}
    {%- if setting is not boolean -%}
        {{ exceptions.raise_compiler_error(name ~ ' must be true or false; it is ' ~ setting) }}
    {%- endif -%}
    {{- return(setting) -}}
{% endmacro %}
