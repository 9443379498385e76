-- The values that are charted: final ones that may be shown, each on the chart that fits it. Organization, clients, sites, queues,
-- channels and teams are charted by day. Agents are charted by week, since their days have too few contacts (EXC-5). A share of counted
-- things varies with its sample, which a p' chart knows; everything else is an individual value.
with

kpi_values as (

    select * from {{ ref('kpi_values') }}

),

catalog as (

    select * from {{ ref('kpi_catalog') }}

),

charted as (

    select
        kpi_values.kpi,
        kpi_values.level,
        kpi_values.level_id,
        kpi_values.period_grain,
        kpi_values.period_start,
        kpi_values.numerator,
        kpi_values.denominator,
        kpi_values.value,
        catalog.scale,
        catalog.minimum_value,
        catalog.maximum_value,
        cast('1900-01-01' as date) as some_monday,
        case when catalog.interval_method = 'wilson' then 'p_prime' else 'individuals' end as chart
    from kpi_values
    inner join catalog on kpi_values.kpi = catalog.kpi
    where
        kpi_values.period_grain = case
            when kpi_values.level = 'agent' then 'week'
            when kpi_values.level in ('organization', 'client', 'site', 'queue', 'channel', 'team') then 'day'
        end
        and kpi_values.is_final
        and not kpi_values.is_suppressed

),

numbered as (

    select
        *,
        -- Between dates, unlike instants, the boundaries that datediff counts are the days.
        cast(
            {{ dbt.datediff('some_monday', 'period_start', 'day') }}
            as {{ dbt.type_bigint() }}
        ) as day_number
    from charted

),

final as (

    select
        kpi,
        level,
        level_id,
        period_grain,
        period_start,
        chart,
        numerator,
        denominator,
        value,
        scale,
        minimum_value,
        maximum_value,
        case period_grain when 'week' then cast(day_number / 7 as {{ dbt.type_bigint() }}) else day_number end as period_number,
        case period_grain when 'week' then 0 else day_number % 7 end as day_of_week
    from numbered

)

select * from final
