-- The days that rows are expected of, from the first to the newest that landed, and the load that answers for each: the day's own or, if
-- nothing came or the day was not over, the next one. Of an extract with nothing to check there are none.
{% set days_read = 120 %}
with

day_loads as (

    select * from {{ ref('int_checks__day_loads') }}

),

days as (

    select * from day_loads
    where is_own = 1

),

last_loads as (

    select
        series,
        day_number,
        max(load_id) as load_id
    from day_loads
    where
        is_checked
        and brings_many = 1
    group by 1, 2

),

spans as (

    select
        table_name,
        series,
        max(case when load_day is null then 0 else 1 end) as is_daily,
        min(day_number) as first_day,
        max(day_number) as newest_day,
        min(case when is_checked then day_number end) as first_checked_day
    from day_loads
    group by 1, 2

),

numbers as (

    select cast(number as {{ dbt.type_bigint() }}) as number
    from ({{ numbers_below(240) }}) as numbers

),

calendar as (

    select
        spans.table_name,
        spans.series,
        spans.is_daily,
        numbers.number as days_to_newest,
        spans.newest_day - numbers.number as day_number,
        spans.newest_day - numbers.number - spans.first_day as earlier_days
    from spans
    cross join numbers
    where
        spans.newest_day - numbers.number >= spans.first_day
        and spans.newest_day - numbers.number >= spans.first_checked_day - {{ days_read }}

),

final as (

    select
        calendar.table_name,
        calendar.series,
        calendar.day_number,
        calendar.earlier_days,
        calendar.days_to_newest,
        cast(case when calendar.is_daily = 1 then mod(calendar.day_number, 7) else 0 end as {{ dbt.type_bigint() }}) as weekday_number,
        case
            when calendar.is_daily = 1
                then cast({{ dbt.dateadd('day', 'cast(calendar.day_number as integer)', "cast('1990-01-01' as date)") }} as date)
        end as load_day,
        case
            when days.load_id is null or days.is_open
                then {{ next_not_null('days.load_id', 'partition by calendar.series order by calendar.day_number') }}
            else days.load_id
        end as load_id,
        coalesce(last_loads.load_id, days.load_id) as last_load_id
    from calendar
    left join days
        on
            calendar.series = days.series
            and calendar.day_number = days.day_number
    left join last_loads
        on
            calendar.series = last_loads.series
            and calendar.day_number = last_loads.day_number

)

select * from final
