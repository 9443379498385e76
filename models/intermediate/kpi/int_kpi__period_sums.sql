{{ config(
    materialized=kept_table(),
    incremental_strategy='changes',
    unique_key=['kpi', 'period_grain', 'period_start', 'level', 'level_id'],
    meta={'unit': 'period_start', 'unit_type': 'date', 'logs': []}
) }}

-- Weeks and months are the sums of their days; a rolling period is named after its last month. A balance is that of the period's last
-- day; a share of a total is of all members together.
{%- set calendar_grains = ['day', 'week', 'month'] %}
{%- set rolling_months = [3, 6] %}
{% set scope = recompute(touched_periods(this, calendar_grains, rolling_months)) %}
with

components as (

    select
        *,
        cast({{ dbt.date_trunc('month', 'date_day') }} as date) as month_start
    from {{ ref('int_kpi__components') }}

),

period_grains as (

    select * from {{ ref('int_kpi__period_grains') }}

),

catalog as (

    select * from {{ ref('kpi_catalog') }}

),

last_month as (

    select max(month_start) as month_start
    from components

),

balances as (

    select
        components.kpi,
        max(components.date_day) as last_day
    from components
    inner join catalog on components.kpi = catalog.kpi
    where catalog.aggregation = 'last_day'
    group by components.kpi

),

calendar_periods as (
    {% for grain in calendar_grains %}
    select
        components.kpi,
        period_grains.period_grain,
        cast({{ dbt.date_trunc(grain, 'components.date_day') }} as date) as period_start,
        components.level,
        components.level_id,
        components.numerator,
        components.denominator,
        components.sum_of_squares,
        components.sample_size
    from components
    inner join period_grains
        on
            components.kpi = period_grains.kpi
            and period_grains.period_grain = '{{ grain }}'
    left join balances on components.kpi = balances.kpi
    where
        balances.kpi is null
        or components.date_day = least(
            balances.last_day,
            cast({{ dbt.dateadd('day', -1, dbt.dateadd(grain, 1, dbt.date_trunc(grain, 'components.date_day'))) }} as date)
        )
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

rolling_periods as (
    {% for months in rolling_months %}
    {% set is_last_length = loop.last %}
    {% for months_later in range(months) %}
    select
        components.kpi,
        period_grains.period_grain,
        cast({{ dbt.dateadd('month', months_later, 'components.month_start') }} as date) as period_start,
        components.level,
        components.level_id,
        components.numerator,
        components.denominator,
        components.sum_of_squares,
        components.sample_size
    from components
    inner join period_grains
        on
            components.kpi = period_grains.kpi
            and period_grains.period_grain = 'rolling_{{ months }}_months'
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

scoped as (

    select *
    from periods
    where {{ in_scope('period_start', scope, 'date') }}

),

final as (

    select
        kpi,
        period_grain,
        period_start,
        level,
        level_id,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        sum(sum_of_squares) as sum_of_squares,
        sum(sample_size) as sample_size
    from scoped
    group by kpi, period_grain, period_start, level, level_id

)

select * from final
