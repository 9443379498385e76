-- The calendar. Its unknown member is 1900-01-01, since a date key can't say `unknown` (CON-6).
with

calendar as (

    select * from {{ ref('int_time__calendar') }}

),

members as (

    select
        date_day,
        0 as is_unknown
    from calendar
    union all
    select
        cast('1900-01-01' as date) as date_day,
        1 as is_unknown

),

final as (

    select
        date_day,
        cast({{ dbt.date_trunc('week', 'date_day') }} as date) as week_start,
        cast({{ dbt.date_trunc('month', 'date_day') }} as date) as month_start,
        cast({{ dbt.date_trunc('quarter', 'date_day') }} as date) as quarter_start,
        cast({{ dbt.date_trunc('year', 'date_day') }} as date) as year_start,
        is_unknown
    from members

)

select * from final
