{% macro start_of(start, end, seconds) -%}
    case
        when {{ seconds_between(start, end) }} - {{ seconds }} between 3540 and 3660 then {{ dbt.dateadd('hour', 1, start) }}
        else {{ start }}
    end
{%- endmacro %}
