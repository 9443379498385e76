{{ config(materialized='table') }}

-- When each local day starts and ends, in every zone that a site lives in: worked out once for a few thousand days, since engines
-- take long to convert millions of instants one by one. A row for each UTC day that a local day touches makes it an equality join.
with

calendar as (

    select * from {{ ref('int_time__calendar') }}

),

zones as (

    select * from {{ ref('int_time__zones') }}

),

midnights as (

    select
        zones.timezone,
        calendar.date_day,
        cast(calendar.date_day as timestamp) as midnight,
        {{ local_to_utc('cast(calendar.date_day as timestamp)', 'zones.timezone') }} as midnight_at
    from calendar
    cross join zones

),

candidates as (

    select
        *,
        {{ dbt.dateadd('hour', -1, 'midnight_at') }} as an_hour_before
    from midnights

),

starts as (

    select
        timezone,
        date_day,
        -- Where clocks go back over midnight it comes twice, and the day starts with the first one (CON-5).
        case
            when {{ utc_to_local('an_hour_before', 'timezone') }} = midnight then an_hour_before
            else midnight_at
        end as starts_at
    from candidates

),

days as (

    select
        timezone,
        date_day,
        starts_at,
        lead(starts_at) over (partition by timezone order by date_day) as ends_at
    from starts

),

-- A local day may be the UTC day before, the same, or the UTC day after.
days_after_utc as (

    {{ literal_rows([{'days_after': -1}, {'days_after': 0}, {'days_after': 1}]) | indent(4) }}

),

final as (

    select
        days.timezone,
        cast({{ dbt.dateadd('day', '-days_after_utc.days_after', 'days.date_day') }} as date) as utc_day,
        days.date_day,
        days.starts_at,
        days.ends_at
    from days
    cross join days_after_utc
    where
        days.starts_at < {{ dbt.dateadd('day', '1 - days_after_utc.days_after', 'cast(days.date_day as timestamp)') }}
        and days.ends_at > {{ dbt.dateadd('day', '-days_after_utc.days_after', 'cast(days.date_day as timestamp)') }}

)

select * from final
