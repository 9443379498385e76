-- Each value that an extract ever had in a column, on each day that has the column: a value that a day does not have is there 0 times.
{{ config(materialized='view') }}
with

comparable as (

    select * from {{ ref('int_checks__day_counts') }}
    where
        is_comparable
        and landed_value is not null
        and measure in ('hour', 'identified', 'length', 'size', 'value')

),

filled as (

    select
        series,
        day_number,
        measure,
        column_name,
        sum(row_count) as filled_rows
    from comparable
    group by 1, 2, 3, 4

),

seen as (

    select
        series,
        measure,
        column_name,
        landed_value,
        min(day_number) as first_day_number
    from comparable
    group by 1, 2, 3, 4

),

final as (

    select
        filled.series,
        filled.day_number,
        filled.measure,
        filled.column_name,
        seen.landed_value,
        seen.first_day_number,
        cast(filled.filled_rows as {{ dbt.type_bigint() }}) as filled_rows,
        coalesce(comparable.row_count, 0) as row_count
    from filled
    inner join seen
        on
            filled.series = seen.series
            and filled.measure = seen.measure
            and filled.column_name = seen.column_name
    left join comparable
        on
            filled.series = comparable.series
            and filled.day_number = comparable.day_number
            and filled.measure = comparable.measure
            and filled.column_name = comparable.column_name
            and seen.landed_value = comparable.landed_value

)

select * from final
