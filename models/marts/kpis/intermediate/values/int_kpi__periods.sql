-- What has no denominator has no value and is left out, and so is what nothing is known of: a KPI of which nothing is, or, where nothing
-- booked is not nothing, one without a numerator for the member and period. A count has a denominator of 1.
with

period_sums as (

    select * from {{ ref('int_kpi__period_sums') }}

),

catalog as (

    select * from {{ ref('kpi_catalog') }}

),

known_kpis as (

    select * from {{ ref('int_kpi__known_kpis') }}

),

totals as (

    select
        period_sums.kpi,
        period_sums.period_grain,
        period_sums.period_start,
        period_sums.level,
        sum(period_sums.numerator) as total
    from period_sums
    inner join catalog on period_sums.kpi = catalog.kpi
    where catalog.aggregation = 'share_of_total'
    group by period_sums.kpi, period_sums.period_grain, period_sums.period_start, period_sums.level

),

known as (

    select
        period_sums.kpi,
        period_sums.period_grain,
        period_sums.period_start,
        period_sums.level,
        period_sums.level_id,
        period_sums.sum_of_squares,
        period_sums.sample_size,
        coalesce(period_sums.numerator, 0) as numerator,
        coalesce(period_sums.denominator, totals.total, 1) as denominator
    from period_sums
    inner join known_kpis on period_sums.kpi = known_kpis.kpi
    inner join catalog on period_sums.kpi = catalog.kpi
    left join totals
        on
            period_sums.kpi = totals.kpi
            and period_sums.period_grain = totals.period_grain
            and period_sums.period_start = totals.period_start
            and period_sums.level = totals.level
    where
        period_sums.numerator is not null
        or catalog.is_absent_without_numerator = 0

),

final as (

    select *
    from known
    where denominator != 0

)

select * from final
