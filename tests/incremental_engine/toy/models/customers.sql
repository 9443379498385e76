{{ config(
    materialized='incremental_by_key',
    unique_key=['customer_id'],
    meta={'incremental': {'records': ['customer_id']}}
) }}

select customer_id, region
from {{ source('raw', 'customers') }}
qualify row_number() over (partition by customer_id order by _load_id desc) = 1
