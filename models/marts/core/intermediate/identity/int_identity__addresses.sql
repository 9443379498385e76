{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['address'],
    meta={'unit': 'address', 'logs': ['address']}
) }}

-- How many known customers share an address, whether as phone or as e-mail, and who it is if there is but one.
{% set scope = recompute([
    changed('int_identity__customers', 'phone_address'),
    changed('int_identity__customers', 'email_address'),
]) %}
with

customers as (

    select * from {{ ref('int_identity__customers') }}

),

addresses as (

    select
        customer_id,
        phone_address as address
    from customers
    where {{ in_scope('phone_address', scope) }}
    union all
    -- A customer with one address in both places has it once.
    select
        customer_id,
        email_address as address
    from customers
    where
        {{ in_scope('email_address', scope) }}
        and (phone_address is null or phone_address != email_address)

),

final as (

    select
        address,
        count(*) as customers,
        min(customer_id) as first_customer_id
    from addresses
    where address is not null
    group by address

)

select * from final
