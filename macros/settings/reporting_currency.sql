{% macro reporting_currency() %}
    {%- set code = var('reporting_currency') | string -%}
    {%- if not modules.re.match('^[A-Z]{3}$', code) -%}
        {{ exceptions.raise_compiler_error(
            "The var reporting_currency must be the ISO 4217 code of a currency, such as EUR; it is '" ~ code ~ "'"
        ) }}
    {%- endif -%}
    {{- return(code) -}}
{% endmacro %}
