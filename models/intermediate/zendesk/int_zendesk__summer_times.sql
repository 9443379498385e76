-- Summer time lasts from each of its beginnings until the next end, which may be in the next year (ZEN-12). Where no end is known yet, it
-- lasts until the next beginning, or goes on.
with

years as (

    select * from {{ ref('stg_zendesk__daylight_times') }}

),

beginnings as (

    select
        time_zone,
        daylight_starts_at as valid_from,
        max(cast(60 * daylight_hours as {{ dbt.type_int() }})) as added_minutes,
        lead(daylight_starts_at) over (partition by time_zone order by daylight_starts_at) as next_valid_from
    from years
    group by time_zone, daylight_starts_at

),

final as (

    select
        beginnings.time_zone,
        beginnings.valid_from,
        beginnings.added_minutes,
        least(
            coalesce(min(years.daylight_ends_at), cast('9999-12-31' as timestamp)),
            coalesce(beginnings.next_valid_from, cast('9999-12-31' as timestamp))
        ) as valid_to
    from beginnings
    left join years
        on
            beginnings.time_zone = years.time_zone
            and beginnings.valid_from < years.daylight_ends_at
    group by beginnings.time_zone, beginnings.valid_from, beginnings.added_minutes, beginnings.next_valid_from

)

select * from final
