-- The period grains that each KPI is reported at, from its definition in models/semantic.
with

final as (
    {% for kpi in kpi_definitions() %}
    {% set is_last_kpi = loop.last %}
    {% for period_grain in kpi.period_grains %}
    select
        '{{ kpi.kpi }}' as kpi,
        '{{ period_grain }}' as period_grain
    {{ 'union all' if not (loop.last and is_last_kpi) }}
    {%- endfor %}
    {%- else %}
    select
        null as kpi,
        null as period_grain
    {%- endfor %}

)

select * from final
