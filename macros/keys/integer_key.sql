{% macro integer_key(text) -%}
    {{ hex_to_integer('md5(' ~ text ~ ')') }}
{%- endmacro %}


{% macro customer_number(customer_key) -%}
    {{ hex_to_integer(customer_key) }}
{%- endmacro %}


{% macro hex_to_integer(digits) %}
    {{- return(adapter.dispatch('hex_to_integer', 'contact_centre_warehouse')(digits)) -}}
{% endmacro %}

{% macro duckdb__hex_to_integer(digits) -%}
    cast('0x' || left({{ digits }}, 15) as bigint)
{%- endmacro %}

{% macro spark__hex_to_integer(digits) -%}
    cast(conv(left({{ digits }}, 15), 16, 10) as bigint)
{%- endmacro %}
