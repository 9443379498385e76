{{ config(
    materialized='incremental_by_key',
    unique_key=['customer_id'],
    meta={'incremental': {'key': ['customer_id'], 'records': ['customer_key', 'customer_number', 'account_number', 'phone_address', 'email_address']}}
) }}

-- Known customers under their pseudonym, and what they are found by: their account, and their addresses in one spelling.
-- depends_on: {{ ref('int_identity__pseudonym_key') }}
{% set columns = ['customer_id', 'account_number', 'client_id', 'segment', 'created_at', 'updated_at', 'phone_country'] %}
with

customers as (

    select
        *,
        {{ phone_country_of('source') }} as phone_country
    from {{ ref('int_customers__unioned') }}
    where {{ is_affected('customer_id') }}

),

with_phone as (

    {{ normalized_addresses('customers', 'phone', 'phone_address', columns + ['email']) }}

),

with_email as (

    {{ normalized_addresses('with_phone', 'email', 'email_address', columns + ['phone_address']) }}

),

keyed as (

    select
        customer_id,
        {{ pseudonym("'customer ' || customer_id") }} as customer_key,
        account_number,
        phone_address,
        email_address,
        client_id,
        segment,
        created_at,
        updated_at
    from with_email

),

final as (

    select
        *,
        {{ customer_number('customer_key') }} as customer_number
    from keyed

)

select * from final
