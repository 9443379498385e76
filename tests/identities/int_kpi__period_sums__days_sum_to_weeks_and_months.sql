-- Every day is in one week and one month: over all members, weeks and months hold what their days hold. Balances, which show one day, aside.
select
    period_sums.kpi,
    period_sums.level,
    max(period_sums.numerator) as most,
    min(period_sums.numerator) as least
from (
    select
        sums.kpi,
        sums.level,
        sums.period_grain,
        coalesce(sum(sums.numerator), 0) as numerator,
        coalesce(sum(sums.denominator), 0) as denominator
    from {{ ref('int_kpi__period_sums') }} as sums
    inner join {{ ref('kpi_catalog') }} as catalog on sums.kpi = catalog.kpi
    where catalog.aggregation != 'last_day'
        and sums.period_grain in ('day', 'week', 'month')
    group by sums.kpi, sums.level, sums.period_grain
) as period_sums
group by period_sums.kpi, period_sums.level
having max(period_sums.numerator) - min(period_sums.numerator) > 1e-6 * greatest(abs(max(period_sums.numerator)), 1)
    or max(period_sums.denominator) - min(period_sums.denominator) > 1e-6 * greatest(abs(max(period_sums.denominator)), 1)
