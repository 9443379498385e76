{% macro seconds_between(start, end) %}
    {{- return(adapter.dispatch('seconds_between', 'contact_centre_warehouse')(start, end)) -}}
{% endmacro %}

{% macro duckdb__seconds_between(start, end) -%}
    ((epoch_us({{ end }}) - epoch_us({{ start }})) / 1e6)
{%- endmacro %}


{% macro utc_to_local(instant, time_zone) %}
    {{- return(adapter.dispatch('utc_to_local', 'contact_centre_warehouse')(instant, time_zone)) -}}
{% endmacro %}

{% macro duckdb__utc_to_local(instant, time_zone) -%}
    timezone({{ time_zone }}, timezone('UTC', {{ instant }}))
{%- endmacro %}


{% macro local_to_utc(local_time, time_zone) %}
    {{- return(adapter.dispatch('local_to_utc', 'contact_centre_warehouse')(local_time, time_zone)) -}}
{% endmacro %}

{% macro duckdb__local_to_utc(local_time, time_zone) -%}
    timezone('UTC', timezone({{ time_zone }}, {{ local_time }}))
{%- endmacro %}


{% macro next_not_null(expression, window) %}
    {{- return(adapter.dispatch('next_not_null', 'contact_centre_warehouse')(expression, window)) -}}
{% endmacro %}

{% macro duckdb__next_not_null(expression, window) -%}
    lead({{ expression }} ignore nulls) over ({{ window }})
{%- endmacro %}


{% macro previous_not_null(expression, window) %}
    {{- return(adapter.dispatch('previous_not_null', 'contact_centre_warehouse')(expression, window)) -}}
{% endmacro %}

{% macro duckdb__previous_not_null(expression, window) -%}
    lag({{ expression }} ignore nulls) over ({{ window }})
{%- endmacro %}


{% macro digits_of(text) %}
    {{- return(adapter.dispatch('digits_of', 'contact_centre_warehouse')(text)) -}}
{% endmacro %}

{% macro duckdb__digits_of(text) -%}
    regexp_replace({{ text }}, '[^0-9]', '', 'g')
{%- endmacro %}


{% macro contains_letter(text) %}
    {{- return(adapter.dispatch('contains_letter', 'contact_centre_warehouse')(text)) -}}
{% endmacro %}

{% macro duckdb__contains_letter(text) -%}
    regexp_matches({{ text }}, '\p{L}')
{%- endmacro %}


{% macro hmac_sha256(text) %}
    {{- return(adapter.dispatch('hmac_sha256', 'contact_centre_warehouse')(text)) -}}
{% endmacro %}

{% macro duckdb__hmac_sha256(text) -%}
    sha256(getvariable('pseudonym_outer_pad') || unhex(sha256(getvariable('pseudonym_inner_pad') || encode({{ text }}))))
{%- endmacro %}


{% macro raise_error(message) %}
    {{- return(adapter.dispatch('raise_error', 'contact_centre_warehouse')(message)) -}}
{% endmacro %}

{% macro duckdb__raise_error(message) -%}
    error({{ message }})
{%- endmacro %}
