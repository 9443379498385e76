-- Day values outside the limits of their control chart: what somebody should look at.
with

control_limits as (

    select * from {{ ref('kpi_control_limits') }}

),

final as (

    select
        kpi,
        level,
        level_id,
        date_day,
        value,
        expected,
        lower,
        upper,
        chart || case when value > upper then '_above_upper_limit' else '_below_lower_limit' end as rule
    from control_limits
    -- Values that are equal but for the last digit of a double are no exception.
    where value > upper + 1e-9 or value < lower - 1e-9

)

select * from final
