-- What the contact centre cost, booking by booking, in the reporting currency, on the first day of the month.
with

operating_costs as (

    select * from {{ ref('int_operating_costs__by_month') }}

),

rates as (

    select * from {{ ref('int_exchange_rates__used') }}

),

final as (

    select
        operating_costs.cost_id,
        {{ dimension_key('operating_costs.client_id') }} as client_id,
        {{ dimension_key('operating_costs.site_id') }} as site_id,
        operating_costs.category,
        operating_costs.currency as booked_currency,
        rates.exchange_rate,
        cast(operating_costs.amount * rates.exchange_rate as decimal(26, 6)) as amount,
        operating_costs.month_start as date_day
    from operating_costs
    left join rates
        on
            operating_costs.month_start = rates.month_start
            and operating_costs.currency = rates.currency

)

select * from final
