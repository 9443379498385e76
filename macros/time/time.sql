{% macro local_date(instant, time_zone) -%}
    cast({{ utc_to_local(instant, time_zone) }} as date)
{%- endmacro %}


{% macro is_on_local_day(local_days, instant, time_zone) -%}
    {{ time_zone }} = {{ local_days }}.timezone
    and cast({{ instant }} as date) = {{ local_days }}.utc_day
    and {{ instant }} >= {{ local_days }}.starts_at
    and {{ instant }} < {{ local_days }}.ends_at
{%- endmacro %}


{% macro holds_at(version, instant) -%}
    {{ instant }} >= {{ version }}.valid_from
    and ({{ instant }} < {{ version }}.valid_to or {{ version }}.valid_to is null)
{%- endmacro %}
