-- A schedule's hours on each local day that tickets reach, holidays left out, as instants. Where the export has no time zones, the offset
-- is the one that the schedule's own minutes in UTC were made with (ZEN-12).
with

schedules as (

    select * from {{ ref('stg_zendesk__schedules') }}

),

holidays as (

    select * from {{ ref('stg_zendesk__schedule_holidays') }}

),

zones as (

    select
        time_zone,
        case when standard_offset like '-%' then -1 else 1 end * (
            60 * cast({{ dbt.split_part("replace(replace(standard_offset, '-', ''), '+', '')", "':'", 1) }} as {{ dbt.type_int() }})
            + cast({{ dbt.split_part("standard_offset", "':'", 2) }} as {{ dbt.type_int() }})
        ) as offset_minutes
    from {{ ref('stg_zendesk__time_zones') }}

),

summer_times as (

    select * from {{ ref('int_zendesk__summer_times') }}

),

reach as (

    select
        min(opened_at) as first_at,
        max(first_response_at) as last_at
    from {{ ref('int_zendesk__replies') }}
    where first_response_at is not null

),

spine as (

    {{ dbt.date_spine(
        'day', "cast('" ~ var('calendar_starts_on') ~ "' as date)", "cast('" ~ var('calendar_ends_before') ~ "' as date)"
    ) | indent(4) }}

),

days as (

    select
        cast(spine.date_day as date) as date_day,
        cast('1899-12-31' as date) as some_sunday
    from spine
    inner join reach
        on
            spine.date_day >= {{ dbt.dateadd('day', -2, 'reach.first_at') }}
            and spine.date_day <= {{ dbt.dateadd('day', 2, 'reach.last_at') }}

),

numbered as (

    select
        date_day,
        {{ dbt.datediff('some_sunday', 'date_day', 'day') }} as day_number
    from days

),

weekdays as (

    select
        date_day,
        cast(date_day as timestamp) as day_starts_at,
        1440 * (day_number % 7) as midnight_minute
    from numbered

),

opened as (

    select
        schedules.schedule_id,
        schedules.time_zone,
        weekdays.date_day,
        weekdays.day_starts_at,
        greatest(schedules.starts_minute - weekdays.midnight_minute, 0) as from_minute,
        least(schedules.ends_minute - weekdays.midnight_minute, 1440) as to_minute,
        -- Minutes of a week may be told from the one before or after it.
        coalesce(
            zones.offset_minutes,
            (schedules.starts_minute - schedules.starts_minute_utc + 25200) % 10080 - 5040
        ) as offset_minutes
    from schedules
    inner join weekdays
        on
            schedules.starts_minute < weekdays.midnight_minute + 1440
            and schedules.ends_minute > weekdays.midnight_minute
    left join zones on schedules.time_zone = zones.time_zone
    left join holidays
        on
            schedules.schedule_id = holidays.schedule_id
            and weekdays.date_day between holidays.starts_on and holidays.ends_on
    where holidays.holiday_id is null

),

in_winter as (

    select
        *,
        {{ dbt.dateadd('minute', 'from_minute - offset_minutes', 'day_starts_at') }} as starts_in_winter,
        {{ dbt.dateadd('minute', 'to_minute - offset_minutes', 'day_starts_at') }} as ends_in_winter
    from opened

),

final as (

    select
        in_winter.schedule_id,
        in_winter.date_day,
        {{ dbt.dateadd('minute', '-coalesce(begun.added_minutes, 0)', 'in_winter.starts_in_winter') }} as starts_at,
        {{ dbt.dateadd('minute', '-coalesce(ended.added_minutes, 0)', 'in_winter.ends_in_winter') }} as ends_at
    from in_winter
    left join summer_times as begun
        on
            in_winter.time_zone = begun.time_zone
            and {{ dbt.dateadd('minute', '-begun.added_minutes', 'in_winter.starts_in_winter') }} >= begun.valid_from
            and {{ dbt.dateadd('minute', '-begun.added_minutes', 'in_winter.starts_in_winter') }} < begun.valid_to
    left join summer_times as ended
        on
            in_winter.time_zone = ended.time_zone
            and {{ dbt.dateadd('minute', '-ended.added_minutes', 'in_winter.ends_in_winter') }} >= ended.valid_from
            and {{ dbt.dateadd('minute', '-ended.added_minutes', 'in_winter.ends_in_winter') }} < ended.valid_to
    where in_winter.offset_minutes is not null

)

select * from final
