{% macro comment_word_min_customers() %}
    {%- set customers = var('comment_word_min_customers') -%}
    {%- if customers is not integer or customers is boolean or customers < 2 -%}
        {{ exceptions.raise_compiler_error('comment_word_min_customers must be a whole number of customers, at least 2; it is ' ~ customers) }}
    {%- endif -%}
    {{- return(customers) -}}
{% endmacro %}
