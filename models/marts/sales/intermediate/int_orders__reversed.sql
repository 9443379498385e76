-- What an order lost again: its reversals up to so many days after it, together at most its amount. What never was sold can't be
-- returned, so nothing is reversed of a credit (SAL-4).
{% set reversal_days = positive_days('reversal_days') %}
with

orders as (

    select * from {{ ref('int_orders__unioned') }}

),

reversals as (

    select * from {{ ref('int_order_reversals__unioned') }}

),

final as (

    select
        orders.order_id,
        cast(
            greatest(least(sum(reversals.amount), max(orders.gross_amount)), 0) as decimal(18, 6)
        ) as reversed_amount
    from orders
    inner join reversals on orders.order_id = reversals.order_id
    where reversals.reversed_at <= {{ dbt.dateadd('day', reversal_days, 'orders.ordered_at') }}
    group by orders.order_id

)

select * from final
