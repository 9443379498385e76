{{ config(
    materialized='incremental_by_key',
    unique_key=['invoice_id'],
    meta={'incremental': {'key': ['invoice_id'], 'inputs': {'orders': {'key': {'invoice_id': 'order_id'}}}}}
) }}

-- Every order has an invoice. The random number tells whether a row was computed again.
with

invoices as (

    select
        order_id as invoice_id,
        customer_id
    from {{ ref('orders') }}

)

select invoice_id, customer_id, random() as computed
from invoices
where {{ is_affected('invoice_id') }}
