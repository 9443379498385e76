-- What each KPI means, from its definition in models/semantic.
{%- set definitions = kpi_definitions() %}
with

kpis as (
    {% for kpi in definitions %}
    select
        '{{ kpi.kpi }}' as kpi,
        '{{ kpi.name | replace("'", "''") }}' as name,
        '{{ kpi.description | replace("'", "''") }}' as description,
        '{{ kpi.meta.domain }}' as domain,
        '{{ kpi.meta.family }}' as family,
        '{{ kpi.meta.unit }}' as unit,
        '{{ kpi.meta.direction }}' as direction,
        '{{ kpi.meta.levels | join(", ") }}' as levels,
        '{{ kpi_formula(kpi) | replace("'", "''") }}' as formula,
        '{{ kpi.period_grains | join(", ") }}' as period_grains,
        '{{ kpi.aggregation }}' as aggregation,
        '{{ kpi.meta.get('unknown_member', 'unknown') }}' as unknown_member,
        '{{ kpi.meta.interval }}' as interval_method,
        '{{ kpi.numerator.fact }}' as numerator_fact,
        '{{ kpi.numerator.expr | replace("'", "''") }}' as numerator_sql,
        '{{ kpi.denominator.fact if kpi.denominator else kpi.numerator.fact }}' as denominator_fact,
        {% if kpi.denominator -%}
        '{{ kpi.denominator.expr | replace("'", "''") }}'
        {%- else -%}
        cast(null as {{ dbt.type_string() }})
        {%- endif %} as denominator_sql,
        cast({{ kpi.meta.scale }} as double) as scale,
        cast({{ kpi.meta.get('minimum_value', 'null') }} as double) as minimum_value,
        cast({{ kpi.meta.get('maximum_value', 'null') }} as double) as maximum_value,
        cast({{ kpi.meta.minimum_sample }} as {{ dbt.type_bigint() }}) as minimum_sample,
        cast({{ kpi.meta.get('suppress_below', 0) }} as {{ dbt.type_bigint() }}) as suppress_below,
        {{ 1 if kpi.meta.get('absent_without_numerator') else 0 }} as is_absent_without_numerator,
        cast({{ kpi.meta.horizon_hours }} as {{ dbt.type_bigint() }}) as horizon_hours
    {{ 'union all' if not loop.last }}
    {%- else %}
    select null as kpi
    {%- endfor %}

),

final as (

    select * from kpis

)

select * from final
