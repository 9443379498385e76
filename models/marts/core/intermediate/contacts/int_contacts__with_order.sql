-- Whether an order came out of a contact. Where no order names any contact, as without a CRM, nobody knows (SAL-6).
with

contacts as (

    select * from {{ ref('int_contacts__from_legs') }}

),

orders as (

    select * from {{ ref('int_orders__unioned') }}

),

ordered_in as (

    select distinct {{ contact_of('orders.contact_id') }} as contact_id
    from orders
    {{ join_contact('orders.contact_id') }}
    where orders.contact_id is not null

),

known as (

    select * from {{ ref('int_contacts__orders_known') }}

),

final as (

    select
        contacts.contact_key,
        case
            when known.has_orders_of_contacts = 0 then null
            when ordered_in.contact_id is null then 0
            else 1
        end as has_order
    from contacts
    left join ordered_in on contacts.contact_id = ordered_in.contact_id
    cross join known

)

select * from final
