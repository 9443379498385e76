-- What stands of each day, by what is in each column: the rows of the loads that count to it, those that came in time and all so far.
-- Where many records were changed later than their day, only hours and twins can be compared: a day can't show that when it comes.
{% set matured_share = 0.05 %}
with

counts as (

    select
        *,
        -- Of an extract that is compared by load there is no day, and a load is one.
        coalesce(load_day, cast('1990-01-01' as date)) as day_or_load
    from {{ ref('int_checks__load_counts') }}

),

expected_days as (

    select
        series,
        day_number
    from {{ ref('int_checks__expected_days') }}

),

day_loads as (

    select
        day_loads.series,
        day_loads.day_number,
        day_loads.load_id,
        day_loads.is_whole,
        day_loads.is_prompt,
        coalesce(day_loads.load_day, cast('1990-01-01' as date)) as day_or_load
    from {{ ref('int_checks__day_loads') }} as day_loads
    inner join expected_days
        on
            day_loads.series = expected_days.series
            and day_loads.day_number = expected_days.day_number

),

standing as (

    select
        day_loads.series,
        day_loads.day_number,
        counts.measure,
        counts.column_name,
        counts.landed_value,
        sum(day_loads.is_prompt * counts.row_count) as row_count,
        sum(counts.row_count) as row_count_so_far
    from counts
    inner join day_loads
        on
            counts.load_id = day_loads.load_id
            and counts.day_or_load = day_loads.day_or_load
    where
        counts.is_again = 0
        or day_loads.is_whole = 1
    group by 1, 2, 3, 4, 5

),

matured as (

    select
        series,
        day_number
    from standing
    where measure = 'late'
    group by 1, 2
    having sum(case when landed_value = 'yes' then row_count else 0 end) > {{ matured_share }} * sum(row_count)

),

final as (

    select
        standing.series,
        standing.day_number,
        standing.measure,
        standing.column_name,
        standing.landed_value,
        cast(standing.row_count as {{ dbt.type_bigint() }}) as row_count,
        cast(standing.row_count_so_far as {{ dbt.type_bigint() }}) as row_count_so_far,
        matured.series is null or standing.measure in ('hour', 'twin') as is_comparable
    from standing
    left join matured
        on
            standing.series = matured.series
            and standing.day_number = matured.day_number

)

select * from final
