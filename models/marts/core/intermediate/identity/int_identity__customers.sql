{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['customer_id'],
    meta={'unit': 'customer_id', 'logs': ['customer_key', 'account_number', 'phone_address', 'email_address']}
) }}

-- Known customers under their pseudonym, and what they are found by: their account, and their addresses in one spelling.
{% set scope = recompute([changed_in_union('int_customers__unioned', 'customer_id')]) %}
with

customers as (

    select * from {{ ref('int_customers__unioned') }}
    where {{ in_scope('customer_id', scope) }}

),

final as (

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

)

select * from final
