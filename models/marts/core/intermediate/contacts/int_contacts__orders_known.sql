{{ config(materialized='table') }}

-- Whether any order names a contact. Where none does, nobody knows which contacts led to an order.
with

orders_of_contacts as (

    select * from {{ ref('int_orders__unioned') }}
    where contact_id is not null

),

final as (

    select case when exists (select 1 from orders_of_contacts) then 1 else 0 end as has_orders_of_contacts

)

select * from final
