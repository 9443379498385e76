-- A period is over when its last midnight has passed everywhere: in the westernmost zone of the sites, where it comes last.
with

periods as (

    select distinct
        period_grain,
        period_start
    from {{ ref('int_kpi__period_sums') }}

),

zones as (

    select * from {{ ref('int_time__zones') }}

),

last_midnights as (

    select
        period_grain,
        period_start,
        case period_grain
            when 'day' then {{ dbt.dateadd('day', 1, 'period_start') }}
            when 'week' then {{ dbt.dateadd('day', 7, 'period_start') }}
            else {{ dbt.dateadd('month', 1, 'period_start') }}
        end as last_midnight
    from periods

),

final as (

    select
        last_midnights.period_grain,
        last_midnights.period_start,
        max({{ local_to_utc('cast(last_midnights.last_midnight as timestamp)', 'zones.timezone') }}) as ended_at
    from last_midnights
    cross join zones
    group by last_midnights.period_grain, last_midnights.period_start

)

select * from final
