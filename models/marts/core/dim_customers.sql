{{ config(
    materialized='incremental_by_key',
    unique_key=['customer_key'],
    meta={'incremental': {'key': ['customer_key']}}
) }}

-- Customers under their pseudonyms, those of the CRM and those known by an address alone; nothing here says who they are.
with

customers as (

    select * from {{ ref('int_identity__customers') }}
    where {{ is_affected('customer_key') }}

),

identities as (

    select * from {{ ref('int_identity__resolved') }}

),

unlisted as (

    select distinct
        identities.customer_key,
        identities.customer_number
    from identities
    left join customers on identities.customer_number = customers.customer_number
    where
        identities.customer_key is not null
        and customers.customer_number is null
        and {{ is_affected('identities.customer_key') }}
    union all
    select
        'unknown' as customer_key,
        cast(null as {{ dbt.type_bigint() }}) as customer_number
    where {{ is_affected("'unknown'") }}

),

final as (

    select
        customer_key,
        customer_number,
        {{ dimension_key('client_id') }} as client_id,
        segment,
        1 as is_listed,
        created_at
    from customers
    union all
    select
        customer_key,
        customer_number,
        'unknown' as client_id,
        null as segment,
        0 as is_listed,
        null as created_at
    from unlisted

)

select * from final
