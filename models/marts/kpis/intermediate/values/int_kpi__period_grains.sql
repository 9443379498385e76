-- The period grains that each KPI is reported at, from the semantic layer.
{%- set rows = [] %}
{%- for kpi in kpi_definitions() %}
{%- for period_grain in kpi.period_grains %}
{%- do rows.append({'kpi': text_literal(kpi.kpi), 'period_grain': text_literal(period_grain)}) %}
{%- endfor %}
{%- endfor %}
with

final as (

    {{ literal_rows(rows) | indent(4) }}

)

select * from final
