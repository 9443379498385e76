-- A cost belongs to its month as a whole, whichever day of it the booking names.
with

operating_costs as (

    select * from {{ ref('int_operating_costs__unioned') }}

),

final as (

    select
        cost_id,
        client_id,
        site_id,
        category,
        amount,
        currency,
        cast({{ dbt.date_trunc('month', 'month') }} as date) as month_start
    from operating_costs

)

select * from final
