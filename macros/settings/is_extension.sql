{% macro is_extension(number) -%}
    {%- set pattern = var('extension_pattern') -%}
    {%- if pattern is not string or not pattern or "'" in pattern -%}
        {{ exceptions.raise_compiler_error(
            "extension_pattern must be a regular expression of the centre's own phones, such as ^[0-9]{2,6}$; it is " ~ pattern
        ) }}
    {%- endif -%}
    {{ matches(number, pattern) }}
{%- endmacro %}
