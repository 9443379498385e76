-- The day values that are charted: final ones that may be shown, at the levels that are watched, each on the chart that fits it. A share of
-- counted things varies with its sample, which a p' chart knows; everything else is an individual value.
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
        kpi_values.period_start as date_day,
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
        kpi_values.period_grain = 'day'
        and kpi_values.level in ('organization', 'client', 'site', 'queue', 'channel')
        and kpi_values.is_final
        and not kpi_values.is_suppressed

),

numbered as (

    select
        *,
        -- Between dates, unlike instants, the boundaries that datediff counts are the days.
        cast(
            {{ dbt.datediff('some_monday', 'date_day', 'day') }}
            as {{ dbt.type_bigint() }}
        ) as day_number
    from charted

),

final as (

    select
        kpi,
        level,
        level_id,
        date_day,
        chart,
        numerator,
        denominator,
        value,
        scale,
        minimum_value,
        maximum_value,
        day_number,
        day_number % 7 as day_of_week
    from numbered

)

select * from final
