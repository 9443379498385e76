-- What can be judged of each KPI before it is published: the range of its values beside the possible one, and its newest final day beside
-- what was expected of it.
with

kpi_values as (

    select * from {{ ref('kpi_values') }}

),

catalog as (

    select * from {{ ref('kpi_catalog') }}

),

exceptions as (

    select *
    from {{ ref('kpi_exceptions') }}
    where level = 'organization'

),

measured as (

    select
        kpi,
        count(*) as row_count,
        -- A double may miss a bound by its last digits.
        round(min(value), 9) as lowest,
        round(max(value), 9) as highest,
        -- NaN is above every number, infinity too.
        count(case when abs(value) > 1.7e308 then 1 end) as rows_without_number,
        count(case when numerator - denominator >= 0.5e-9 then 1 end) as rows_above_denominator,
        max(case when period_grain = 'day' and level = 'organization' and is_final then period_start end) as newest_final_day
    from kpi_values
    group by kpi

),

final as (

    select
        'marts.kpi_values' as table_name,
        measured.kpi as item,
        measured.row_count,
        measured.lowest,
        measured.highest,
        catalog.minimum_value,
        catalog.maximum_value,
        measured.rows_without_number,
        measured.newest_final_day,
        exceptions.value as exceptional_value,
        exceptions.expected as expected_value,
        exceptions.rule as exception_rule,
        case
            when catalog.minimum_value = 0 and catalog.maximum_value = 1 then measured.rows_above_denominator
            else 0
        end as rows_above_denominator,
        case when catalog.kpi is null then 0 else 1 end as is_catalogued
    from measured
    left join catalog on measured.kpi = catalog.kpi
    left join exceptions
        on
            measured.kpi = exceptions.kpi
            and measured.newest_final_day = exceptions.date_day

)

select * from final
