{% macro unended_call_hours() %}
    {%- set hours = var('unended_call_hours') -%}
    {%- if hours is not integer or hours is boolean or hours < 1 -%}
        {{ exceptions.raise_compiler_error('unended_call_hours must be a whole number of hours, at least 1; it is ' ~ hours) }}
    {%- endif -%}
    {{- return(hours) -}}
{% endmacro %}
