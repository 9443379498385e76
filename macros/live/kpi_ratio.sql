{% macro kpi_ratio(kpi) -%}
    {%- if not execute -%}
        null
        {{- return('') -}}
    {%- endif -%}
    {%- set terms = metric_named(kpi).type_params -%}
    cast(sum({{ measure_of(terms.numerator.name).expr }}) as double)
        / nullif(sum({{ measure_of(terms.denominator.name).expr }}), 0)
{%- endmacro %}
