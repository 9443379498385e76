{% macro whole_seconds(text, most=2592000) -%}
    case
        when {{ matches(text, '^[0-9]{1,10}$') }}
            then case when cast({{ text }} as {{ dbt.type_bigint() }}) <= {{ most }} then cast({{ text }} as {{ dbt.type_bigint() }}) end
    end
{%- endmacro %}
