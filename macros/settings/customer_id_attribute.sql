{% macro customer_id_attribute() -%}
    {%- set name = var('customer_id_attribute') -%}
    {%- if name is not string or '"' in name -%}
        {{ exceptions.raise_compiler_error(
            "customer_id_attribute must be the name of a contact attribute, such as customerId, or empty; it is '" ~ name ~ "'"
        ) }}
    {%- endif -%}
    {%- if name -%}
    {{ json_member('attributes', name) }}
    {%- else -%}
    cast(null as {{ dbt.type_string() }})
    {%- endif -%}
{%- endmacro %}
