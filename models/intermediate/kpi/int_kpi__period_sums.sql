{{ config(
    materialized=kept_table(),
    incremental_strategy='changes',
    unique_key=['kpi', 'period_grain', 'period_start', 'level', 'level_id'],
    meta={'unit': 'period_start', 'unit_type': 'date', 'logs': []}
) }}

-- Weeks and months are the sums of their days; a rolling period is named after its last month. A balance is that of the period's last
-- day; a share of a total is of all members together.
{% set scope = recompute(touched_periods(this)) %}
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

-- A day counts in the periods of each grain that are named after its own month, or so many months later.
months_later as (

    {{ literal_rows(months_later_of_grains()) | indent(4) }}

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

months as (

    select
        components.*,
        period_grains.period_grain,
        cast({{ dbt.dateadd('month', 'months_later.months_later', 'components.month_start') }} as date) as period_month
    from components
    inner join period_grains on components.kpi = period_grains.kpi
    inner join months_later on period_grains.period_grain = months_later.period_grain

),

periods as (

    select
        months.*,
        case months.period_grain
            when 'day' then months.date_day
            when 'week' then cast({{ dbt.date_trunc('week', 'months.date_day') }} as date)
            else months.period_month
        end as period_start,
        case months.period_grain
            when 'day' then months.date_day
            when 'week' then cast({{ dbt.dateadd('day', 6, dbt.date_trunc('week', 'months.date_day')) }} as date)
            else cast({{ dbt.dateadd('day', -1, dbt.dateadd('month', 1, 'months.period_month')) }} as date)
        end as last_day
    from months
    inner join last_month on months.period_month <= last_month.month_start

),

counted as (

    select periods.*
    from periods
    left join balances on periods.kpi = balances.kpi
    where
        balances.kpi is null
        or periods.date_day = least(balances.last_day, periods.last_day)

),

scoped as (

    select *
    from counted
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
