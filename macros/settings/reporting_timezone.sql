{% macro reporting_timezone() %}
    {%- set name = var('reporting_timezone') -%}
    {%- if name not in modules.pytz.all_timezones -%}
        {{ exceptions.raise_compiler_error(
            "The var reporting_timezone must be the IANA name of a time zone, such as Europe/Bucharest; it is '" ~ name ~ "'"
        ) }}
    {%- endif -%}
    {{- return(name) -}}
{% endmacro %}
