{% macro as_of_setting() %}
    {%- set text = var('as_of') | string -%}
    {%- if not text -%}
        {{- return('null') -}}
    {%- endif -%}
    {%- if not modules.re.match('^\\d{4}-\\d{2}-\\d{2}([T ]\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,6})?)?(Z|[+-]\\d{2}:?\\d{2})?)?$', text) -%}
        {{ exceptions.raise_compiler_error("The var as_of must be an ISO 8601 timestamp such as 2026-04-10T00:00:00Z; it is '" ~ text ~ "'") }}
    {%- endif -%}
    {%- set instant = modules.datetime.datetime.fromisoformat(text) -%}
    {%- if instant.tzinfo -%}
        {%- set instant = instant.astimezone(modules.pytz.utc).replace(tzinfo=none) -%}
    {%- endif -%}
    {{- return("'" ~ instant.isoformat(' ') ~ "'") -}}
{% endmacro %}
