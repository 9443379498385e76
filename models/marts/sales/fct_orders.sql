{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['order_id'],
    meta={'unit': 'order_id', 'logs': ['date_day']}
) }}

-- Orders, at the credited agent's place and day, with what they brought in and what of it was reversed, in the reporting currency.
{% set scope = recompute([
    changed('stg_crm__orders', 'order_id'),
    changed('stg_crm__order_reversals', 'order_id'),
    changed('int_orders__credited', 'order_id'),
    "(select order_id as unit from " ~ tracked('int_orders__credited') ~ " where cast(month_start as " ~ dbt.type_string() ~ ") in "
    ~ changed('int_exchange_rates__used', 'month_start') ~ ")",
]) %}
with

orders as (

    select * from {{ ref('stg_crm__orders') }}
    where {{ in_scope('order_id', scope) }}

),

credited as (

    select * from {{ ref('int_orders__credited') }}
    where {{ in_scope('order_id', scope) }}

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
        orders.contact_id,
        credited.site_id,
        credited.team_id,
        credited.agent_id,
        orders.currency as order_currency,
        rates.exchange_rate,
        cast(orders.gross_amount * rates.exchange_rate as decimal(18, 6)) as gross_amount,
        -- What is returned is worth what it was sold for: the order's rate holds for its reversals too (SAL-2).
        cast(coalesce(reversed.reversed_amount, 0) * rates.exchange_rate as decimal(18, 6)) as reversed_amount,
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
        cast(gross_amount - reversed_amount as decimal(18, 6)) as net_amount,
        is_sales_role,
        date_day,
        ordered_at
    from converted

)

select * from final
