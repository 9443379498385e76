{{ config(materialized='table') }}

-- Every day that the calendar holds, worked out once.
with

days as (

    {{ dbt.date_spine('day', "cast('" ~ var('calendar_starts_on') ~ "' as date)", "cast('" ~ var('calendar_ends_before') ~ "' as date)") }}

),

final as (

    select
        cast(date_day as date) as date_day,
        cast({{ dbt.date_trunc('month', 'date_day') }} as date) as month_start
    from days

)

select * from final
