-- Summer time lasts from each of its beginnings until the next end, which may be in the next year (ZEN-12).
with

years as (

    select * from {{ ref('stg_zendesk__daylight_times') }}

),

final as (

    select
        beginnings.time_zone,
        beginnings.daylight_starts_at as valid_from,
        max(cast(60 * beginnings.daylight_hours as {{ dbt.type_int() }})) as added_minutes,
        min(endings.daylight_ends_at) as valid_to
    from years as beginnings
    inner join years as endings
        on
            beginnings.time_zone = endings.time_zone
            and beginnings.daylight_starts_at < endings.daylight_ends_at
    group by beginnings.time_zone, beginnings.daylight_starts_at

)

select * from final
