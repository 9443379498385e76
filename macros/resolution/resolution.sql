{% macro gap_seconds(ended_at, started_at) -%}
    case
        when {{ ended_at }} is null or {{ started_at }} is null then null
        else greatest({{ seconds_between(ended_at, started_at) }}, 0)
    end
{%- endmacro %}


{% macro is_within(gap, hours) -%}
    case when {{ gap }} <= {{ hours }} * 3600 then 1 else 0 end
{%- endmacro %}


{% macro is_mature(ended_at, hours) -%}
    case when {{ dbt.dateadd('hour', hours, ended_at) }} <= as_of then 1 else 0 end
{%- endmacro %}
