-- Days outside the limits of their control chart: what somebody should look at. What a team or an agent did is looked at on its own
-- chart, and raises no alarm (EXC-5).
with

control_limits as (

    select * from {{ ref('kpi_control_limits') }}

),

final as (

    select
        kpi,
        level,
        level_id,
        period_start as date_day,
        value,
        expected,
        lower,
        upper,
        rule
    from control_limits
    where
        rule is not null
        and level not in ('team', 'agent')

)

select * from final
