{% macro whole_seconds(text, most=2592000) -%}
    case
        when {{ dbt.safe_cast(text, dbt.type_bigint()) }} between 0 and {{ most }} then {{ dbt.safe_cast(text, dbt.type_bigint()) }}
    end
{%- endmacro %}
