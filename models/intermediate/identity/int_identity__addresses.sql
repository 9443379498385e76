-- How many known customers share an address, whether as phone or as e-mail, and who it is if there is but one.
with

customers as (

    select * from {{ ref('stg_crm__customers') }}

),

addresses as (

    select
        customer_id,
        {{ normalized_address('phone') }} as address
    from customers
    union all
    select
        customer_id,
        {{ normalized_address('email') }} as address
    from customers

),

final as (

    select
        address,
        count(distinct customer_id) as customers,
        min(customer_id) as first_customer_id
    from addresses
    where address is not null
    group by address

)

select * from final
