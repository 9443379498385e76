{{ config(materialized='table') }}

-- Weeks and months are the sums of their days; a rolling period is named after its last month. A count has a denominator of 1 in every
-- period; any other period without a denominator has no value and is left out.
{%- set grains = ['day', 'week', 'month'] %}
{%- set rolling_months = [3, 6] %}
with

components as (

    select
        *,
        cast({{ dbt.date_trunc('month', 'date_day') }} as date) as month_start
    from {{ ref('int_kpi__components') }}

),

catalog as (

    select * from {{ ref('kpi_catalog') }}

),

last_month as (

    select max(month_start) as month_start
    from components

),

calendar_periods as (
    {% for grain in grains %}
    select
        kpi,
        '{{ grain }}' as period_grain,
        cast({{ dbt.date_trunc(grain, 'date_day') }} as date) as period_start,
        level,
        level_id,
        numerator,
        denominator,
        sum_of_squares,
        sample_size
    from components
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

rolling_periods as (
    {% for months in rolling_months %}
    {% set is_last_length = loop.last %}
    {% for months_later in range(months) %}
    select
        components.kpi,
        'rolling_{{ months }}_months' as period_grain,
        cast({{ dbt.dateadd('month', months_later, 'components.month_start') }} as date) as period_start,
        components.level,
        components.level_id,
        components.numerator,
        components.denominator,
        components.sum_of_squares,
        components.sample_size
    from components
    inner join catalog on components.kpi = catalog.kpi
    where catalog.has_rolling_periods = 1
    {{ 'union all' if not (loop.last and is_last_length) }}
    {%- endfor %}
    {%- endfor %}

),

periods as (

    select * from calendar_periods
    union all
    select rolling_periods.*
    from rolling_periods
    inner join last_month on rolling_periods.period_start <= last_month.month_start

),

final as (

    select
        kpi,
        period_grain,
        period_start,
        level,
        level_id,
        sum(numerator) as numerator,
        coalesce(sum(denominator), 1) as denominator,
        sum(sum_of_squares) as sum_of_squares,
        sum(sample_size) as sample_size
    from periods
    group by kpi, period_grain, period_start, level, level_id
    having coalesce(sum(denominator), 1) != 0

)

select * from final
