-- Of how many rows of a day a column holds what no day before had, or an id that the reference extracts do not list. An extract's first
-- week has nothing before it to be new against.
{{ config(materialized='view') }}
{% set first_days = 7 %}
with

day_values as (

    select * from {{ ref('int_checks__day_values') }}
    where measure = 'value'

),

expected_days as (

    select * from {{ ref('int_checks__expected_days') }}

),

listed as (

    {{ listed_references() }}

),

listed_columns as (

    select distinct column_name from listed

),

new as (

    select
        day_values.series,
        day_values.day_number,
        'new' as measure,
        day_values.column_name,
        sum(case when day_values.first_day_number = day_values.day_number then day_values.row_count else 0 end) as hits,
        max(day_values.filled_rows) as total
    from day_values
    inner join expected_days
        on
            day_values.series = expected_days.series
            and day_values.day_number = expected_days.day_number
    where expected_days.earlier_days >= {{ first_days }}
    group by 1, 2, 4

),

unknown as (

    select
        day_values.series,
        day_values.day_number,
        'unknown' as measure,
        day_values.column_name,
        sum(case when listed.landed_value is null then day_values.row_count else 0 end) as hits,
        max(day_values.filled_rows) as total
    from day_values
    inner join listed_columns on day_values.column_name = listed_columns.column_name
    left join listed
        on
            day_values.column_name = listed.column_name
            and day_values.landed_value = listed.landed_value
    group by 1, 2, 4

),

strangers as (

    select * from new
    union all
    select * from unknown

),

final as (

    select
        series,
        day_number,
        measure,
        column_name,
        '' as landed_value,
        cast(hits as {{ dbt.type_bigint() }}) as hits,
        cast(total as {{ dbt.type_bigint() }}) as total
    from strangers
    where total > 0

)

select * from final
