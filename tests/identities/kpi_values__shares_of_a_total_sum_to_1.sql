-- The shares of all members of a level and period make a whole.
select
    kpi,
    period_grain,
    period_start,
    level,
    sum(value) as shares
from {{ ref('kpi_values') }}
where kpi in (select catalog.kpi from {{ ref('kpi_catalog') }} as catalog where catalog.aggregation = 'share_of_total')
group by kpi, period_grain, period_start, level
having abs(sum(value) - 1) > 1e-9
