-- The currencies of each month's orders and costs, and what they and the reporting currency are worth in euros; null where no rate
-- says it. The euro needs none.
{% set reporting = reporting_currency() %}
with

orders as (

    select * from {{ ref('int_orders__credited') }}

),

operating_costs as (

    select * from {{ ref('int_operating_costs__by_month') }}

),

rates as (

    select * from {{ ref('exchange_rates') }}

),

used as (

    select
        month_start,
        currency
    from orders
    union distinct
    select
        month_start,
        currency
    from operating_costs

),

final as (

    select
        used.month_start,
        used.currency,
        cast(case when used.currency = 'EUR' then 1 else rates.rate_to_eur end as decimal(20, 12)) as rate_to_eur,
        cast(
            case when '{{ reporting }}' = 'EUR' then 1 else reporting_rates.rate_to_eur end as decimal(20, 12)
        ) as reporting_rate_to_eur
    from used
    left join rates
        on
            used.month_start = rates.month
            and used.currency = rates.currency
    left join rates as reporting_rates
        on
            used.month_start = reporting_rates.month
            and reporting_rates.currency = '{{ reporting }}'

)

select * from final
