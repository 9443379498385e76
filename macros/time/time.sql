{% macro local_date(instant, time_zone) -%}
    cast({{ utc_to_local(instant, time_zone) }} as date)
{%- endmacro %}


{% macro holds_at(version, instant) -%}
    {{ instant }} >= {{ version }}.valid_from
    and ({{ instant }} < {{ version }}.valid_to or {{ version }}.valid_to is null)
{%- endmacro %}
