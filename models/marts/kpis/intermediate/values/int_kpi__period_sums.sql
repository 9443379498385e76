{{ config(materialized='table') }}

-- Weeks and months are the sums of their days; a rolling period is named after its last month. A balance is that of the period's last
-- day; a share of a total is of all members together.
with

components as (

    select * from {{ ref('int_kpi__components') }}

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

days as (

    select distinct
        date_day,
        cast({{ dbt.date_trunc('month', 'date_day') }} as date) as month_start
    from {{ ref('int_kpi__components') }}

),

last_month as (

    select max(month_start) as month_start
    from days

),

months as (

    select
        days.date_day,
        months_later.period_grain,
        cast({{ dbt.dateadd('month', 'months_later.months_later', 'days.month_start') }} as date) as period_month
    from days
    cross join months_later

),

periods as (

    select
        months.date_day,
        months.period_grain,
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

-- A KPI has the grains that its definition names.
scoped as (

    select
        period_grains.kpi,
        periods.date_day,
        periods.period_grain,
        periods.period_start,
        periods.last_day
    from periods
    inner join period_grains on periods.period_grain = period_grains.period_grain

),

-- Read again, and not from above: what a query names twice is held in memory, and there are very many components.
balances as (

    select
        components.kpi,
        max(components.date_day) as last_day
    from {{ ref('int_kpi__components') }} as components
    inner join catalog on components.kpi = catalog.kpi
    where catalog.aggregation = 'last_day'
    group by components.kpi

),

counted as (

    select
        components.*,
        scoped.period_grain,
        scoped.period_start
    from components
    inner join scoped
        on
            components.kpi = scoped.kpi
            and components.date_day = scoped.date_day
    left join balances on components.kpi = balances.kpi
    where
        balances.kpi is null
        or components.date_day = least(balances.last_day, scoped.last_day)

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
    from counted
    group by kpi, period_grain, period_start, level, level_id

)

select * from final
