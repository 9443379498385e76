{{ config(
    materialized='incremental_by_key',
    unique_key=['customer_id'],
    meta={'incremental': {'key': ['customer_id'], 'records': ['customer_key', 'customer_number', 'account_number', 'phone_address', 'email_address']}}
) }}

-- Known customers under their pseudonym, and what they are found by: their account, and their addresses in one spelling.
-- depends_on: {{ ref('int_identity__pseudonym_key') }}
with

customers as (

    select * from {{ ref('int_customers__unioned') }}
    where {{ is_affected('customer_id') }}

),

keyed as (

    select
        customer_id,
        {{ pseudonym("'customer ' || customer_id") }} as customer_key,
        account_number,
        {{ normalized_address('phone') }} as phone_address,
        {{ normalized_address('email') }} as email_address,
        client_id,
        segment,
        created_at,
        updated_at
    from customers

),

final as (

    select
        *,
        {{ customer_number('customer_key') }} as customer_number
    from keyed

)

select * from final
