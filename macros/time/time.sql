{% macro local_date(instant, time_zone) -%}
    cast({{ utc_to_local(instant, time_zone) }} as date)
{%- endmacro %}


{% macro is_on_local_day(local_days, instant, time_zone) -%}
    {{ time_zone }} = {{ local_days }}.timezone
    and cast({{ instant }} as date) = {{ local_days }}.utc_day
    and {{ instant }} >= {{ local_days }}.starts_at
    and {{ instant }} < {{ local_days }}.ends_at
{%- endmacro %}


{% macro holds_at(version, instant) -%}
    {{ instant }} >= {{ version }}.valid_from
    and {{ instant }} < coalesce({{ version }}.valid_to, cast('9999-12-31' as timestamp))
{%- endmacro %}


{% macro local_day_pieces(timed) -%}
spanned_dates as (

    select date_day
    from {{ ref('int_time__calendar') }}
    where
        date_day >= (select min(cast(started_at as date)) from {{ timed }})
        and date_day <= (select max(cast(ended_at as date)) from {{ timed }})

),

utc_days as (

    select
        *,
        cast(started_at as date) as utc_day
    from {{ timed }}
    where cast(started_at as date) = cast(ended_at as date)
    union all
    select
        {{ timed }}.*,
        spanned_dates.date_day as utc_day
    from {{ timed }}
    left join spanned_dates
        on
            cast({{ timed }}.started_at as date) <= spanned_dates.date_day
            and {{ timed }}.ended_at > cast(spanned_dates.date_day as timestamp)
    where cast({{ timed }}.started_at as date) < cast({{ timed }}.ended_at as date)

),

utc_pieces as (

    select
        *,
        greatest(started_at, cast(utc_day as timestamp)) as utc_day_starts_at,
        least(ended_at, {{ dbt.dateadd('day', 1, 'cast(utc_day as timestamp)') }}) as utc_day_ends_at
    from utc_days

),

local_pieces as (

    select
        utc_pieces.*,
        local_days.date_day,
        greatest(utc_pieces.utc_day_starts_at, local_days.starts_at) as piece_started_at,
        least(utc_pieces.utc_day_ends_at, local_days.ends_at) as piece_ended_at
    from utc_pieces
    left join {{ ref('int_time__local_days') }} as local_days
        on
            utc_pieces.timezone = local_days.timezone
            and utc_pieces.utc_day = local_days.utc_day
            and utc_pieces.utc_day_starts_at < local_days.ends_at
            and utc_pieces.utc_day_ends_at > local_days.starts_at

)
{%- endmacro %}
