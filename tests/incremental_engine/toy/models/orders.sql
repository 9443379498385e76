{{ config(
    materialized='incremental_by_key',
    unique_key=['order_id'],
    meta={'incremental': {'key': ['order_id'], 'records': ['customer_id']}}
) }}

select order_id, customer_id, amount, ordered_at
from {{ source('raw', 'orders') }}
where {{ is_affected('order_id') }}
qualify row_number() over (partition by order_id order by _load_id desc) = 1
