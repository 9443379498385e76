-- The time zones that matter: those of the listed sites, and the reporting one, in which everything else lives.
with

sites as (

    select * from {{ ref('int_sites__unioned') }}

),

final as (

    select {{ time_zone('sites') }} as timezone
    from sites
    union distinct
    select '{{ reporting_timezone() }}' as timezone

)

select * from final
