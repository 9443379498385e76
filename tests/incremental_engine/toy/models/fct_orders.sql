{{ config(
    materialized='incremental_by_key',
    unique_key=['order_id'],
    meta={'incremental': {
        'key': ['order_id'],
        'records': ['date_day'],
        'inputs': {
            'customers': {'through': 'orders', 'on': ['customer_id']},
            'clock': {'clock': 'now', 'through': 'orders', 'while': ['ordered_at', 'ordered_at'], 'hours': [24, 48]},
        },
    }}
) }}

-- An order is settled two days after it was placed.
select
    orders.order_id,
    customers.region,
    orders.amount * rates.rate * (100 + {{ var("vat") }}) as gross_amount,
    orders.ordered_at + interval 48 hours <= clock.now as is_settled,
    cast(orders.ordered_at as date) as date_day
from {{ ref('recent_orders') }} as orders
left join {{ ref('customers') }} as customers on orders.customer_id = customers.customer_id
cross join {{ ref('rates') }} as rates
cross join {{ ref('clock') }} as clock
where {{ is_affected('orders.order_id') }}
