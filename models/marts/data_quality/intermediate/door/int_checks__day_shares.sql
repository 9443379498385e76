-- What is looked at of each day: its rows, and of how many of them something holds. Of sizes, lengths and hours that is a distribution: the
-- rows up to each. Who of the people works is no matter of a load.
{{ config(materialized='view') }}
{% set people = ['agent_id', 'agent_name', 'supervisor'] %}
with

day_counts as (

    select * from {{ ref('int_checks__day_counts') }}

),

day_values as (

    select * from {{ ref('int_checks__day_values') }}

),

expected_days as (

    select * from {{ ref('int_checks__expected_days') }}

),

-- A day of which nothing came has no counts, but it has rows: none.
rows_of_days as (

    select
        expected_days.series,
        expected_days.day_number,
        'rows' as measure,
        '' as column_name,
        '' as landed_value,
        coalesce(day_counts.row_count, 0) as hits,
        cast(null as {{ dbt.type_bigint() }}) as total
    from expected_days
    left join day_counts
        on
            expected_days.series = day_counts.series
            and expected_days.day_number = day_counts.day_number
            and day_counts.measure = 'rows'
    where coalesce(day_counts.is_comparable, true)

),

so_far as (

    select
        series,
        day_number,
        case when measure = 'rows' then 'rows so far' else measure end as measure,
        case when measure = 'rows' then '' else column_name end as column_name,
        '' as landed_value,
        sum(case when measure = 'rows' or landed_value = 'yes' then row_count_so_far else 0 end) as hits,
        sum(case when measure = 'rows' then null else row_count_so_far end) as total
    from day_counts
    where measure in ('rows', 'twin')
    group by 1, 2, 3, 4

),

filled as (

    select
        series,
        day_number,
        case when measure = 'ended' then 'ended' else 'filled' end as measure,
        column_name,
        '' as landed_value,
        sum(case when landed_value is not null then row_count else 0 end) as hits,
        sum(row_count) as total
    from day_counts
    where
        is_comparable
        and measure not in ('identified', 'late', 'rows', 'twin')
    group by 1, 2, 3, 4

),

distributed as (

    select
        series,
        day_number,
        measure,
        column_name,
        case when measure = 'identified' then '' else landed_value end as landed_value,
        case
            when measure in ('hour', 'length', 'size')
                then sum(row_count) over (
                    partition by series, day_number, measure, column_name
                    order by landed_value
                    rows between unbounded preceding and current row
                )
            else row_count
        end as hits,
        filled_rows as total
    from day_values
    where
        (measure != 'identified' or landed_value = 'yes')
        and (measure != 'value' or column_name not in ('{{ people | join("', '") }}'))

),

unioned as (

    select * from rows_of_days
    union all
    select * from so_far
    union all
    select * from filled
    union all
    select * from distributed

),

final as (

    select
        series,
        day_number,
        measure,
        column_name,
        landed_value,
        cast(hits as {{ dbt.type_bigint() }}) as hits,
        cast(total as {{ dbt.type_bigint() }}) as total
    from unioned
    where
        total is null
        or total > 0

)

select * from final
