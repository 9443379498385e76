-- Orders, at the credited agent's place and day, with what they brought in and what of it was reversed, in the reporting currency.
with

orders as (

    select * from {{ ref('int_orders__unioned') }}

),

credited as (

    select * from {{ ref('int_orders__credited') }}

),

reversed as (

    select * from {{ ref('int_orders__reversed') }}

),

rates as (

    select * from {{ ref('int_exchange_rates__used') }}

),

converted as (

    select
        orders.order_id,
        credited.contact_id,
        credited.site_id,
        credited.team_id,
        credited.agent_id,
        orders.currency as order_currency,
        rates.exchange_rate,
        cast(orders.gross_amount * rates.exchange_rate as decimal(26, 6)) as gross_amount,
        -- What is returned is worth what it was sold for: the order's rate holds for its reversals too (SAL-2).
        cast(coalesce(reversed.reversed_amount, 0) * rates.exchange_rate as decimal(26, 6)) as reversed_amount,
        credited.is_sales_role,
        credited.date_day,
        orders.ordered_at
    from orders
    inner join credited on orders.order_id = credited.order_id
    left join reversed on orders.order_id = reversed.order_id
    left join rates
        on
            credited.month_start = rates.month_start
            and credited.currency = rates.currency

),

final as (

    select
        order_id,
        contact_id,
        site_id,
        team_id,
        agent_id,
        order_currency,
        exchange_rate,
        gross_amount,
        reversed_amount,
        cast(gross_amount - reversed_amount as decimal(26, 6)) as net_amount,
        is_sales_role,
        date_day,
        ordered_at
    from converted

)

select * from final
