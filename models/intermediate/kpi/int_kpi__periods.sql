{{ config(materialized='table') }}

-- Weeks and months are the sums of their days. A period without a denominator has no value and is left out.
{%- set grains = ['day', 'week', 'month'] %}
with

components as (

    select * from {{ ref('int_kpi__components') }}

),

periods as (
    {% for grain in grains %}
    select
        kpi,
        '{{ grain }}' as period_grain,
        cast({{ dbt.date_trunc(grain, 'date_day') }} as date) as period_start,
        level,
        level_id,
        numerator,
        denominator
    from components
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

final as (

    select
        kpi,
        period_grain,
        period_start,
        level,
        level_id,
        sum(numerator) as numerator,
        sum(denominator) as denominator
    from periods
    group by kpi, period_grain, period_start, level, level_id
    having sum(denominator) != 0

)

select * from final
