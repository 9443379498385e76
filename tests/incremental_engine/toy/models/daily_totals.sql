{{ config(
    materialized='incremental_by_key',
    unique_key=['date_day', 'region'],
    meta={'incremental': {'key': ['date_day']}}
) }}

select
    date_day,
    region,
    sum(gross_amount) as gross_amount,
    count(case when is_settled then 1 end) as settled
from {{ ref('fct_orders') }}
where {{ is_affected('date_day') }}
group by date_day, region
