{{ config(
    materialized='incremental_by_key',
    unique_key=['address'],
    meta={'incremental': {
        'key': ['address'],
        'inputs': {
            'int_identity__customers': [
                {'key': {'address': 'phone_address'}},
                {'key': {'address': 'email_address'}},
            ],
        },
    }}
) }}

-- How many known customers share an address, whether as phone or as e-mail, and who it is if there is but one.
with

customers as (

    select * from {{ ref('int_identity__customers') }}

),

addresses as (

    select
        customer_id,
        phone_address as address
    from customers
    where {{ is_affected('phone_address') }}
    union all
    -- A customer with one address in both places has it once.
    select
        customer_id,
        email_address as address
    from customers
    where
        {{ is_affected('email_address') }}
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
