{% macro of_instance_of(own_id, id, source_name) -%}
    {#- An id inside of a document has no instance yet; the row's own id says which one it is. -#}
    {%- set instances = instances_of(source_name) -%}
    {%- if instances -%}
    case when {{ is_of_instance(own_id, instances) }} then {{ first_group(own_id, '^([^:]*:)') }} || {{ id }} else {{ id }} end
    {%- else -%}
    {{ id }}
    {%- endif -%}
{%- endmacro %}
