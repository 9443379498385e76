{% macro contact_attribute(setting) -%}
    {%- set name = var(setting) -%}
    {%- if name is not string or '"' in name -%}
        {{ exceptions.raise_compiler_error(
            setting ~ " must be the name of a contact attribute, such as customerId, or empty; it is '" ~ name ~ "'"
        ) }}
    {%- endif -%}
    {%- if name -%}
    {{ json_member('attributes', name) }}
    {%- else -%}
    cast(null as {{ dbt.type_string() }})
    {%- endif -%}
{%- endmacro %}
