{{ config(materialized='table') }}

-- When each local day starts and ends, in every zone that a site lives in: worked out once for a few thousand days, since engines
-- take long to convert millions of instants one by one. A row for each UTC day that a local day touches makes it an equality join.
with

dates as (

    select * from {{ ref('dim_dates') }}

),

zones as (

    select distinct timezone
    from {{ ref('dim_sites') }}

),

midnights as (

    select
        zones.timezone,
        dates.date_day,
        cast(dates.date_day as timestamp) as midnight,
        {{ local_to_utc('cast(dates.date_day as timestamp)', 'zones.timezone') }} as midnight_at
    from dates
    cross join zones
    where dates.is_unknown = 0

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
        -- Where clocks go back over midnight it comes twice, and the day starts with the first one.
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

final as (

    {% for days_after_utc in [-1, 0, 1] %}
    select
        timezone,
        cast({{ dbt.dateadd('day', -days_after_utc, 'date_day') }} as date) as utc_day,
        date_day,
        starts_at,
        ends_at
    from days
    where
        starts_at < {{ dbt.dateadd('day', 1 - days_after_utc, 'cast(date_day as timestamp)') }}
        and ends_at > {{ dbt.dateadd('day', -days_after_utc, 'cast(date_day as timestamp)') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from final
