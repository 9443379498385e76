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
    where
        customer_key is not null
        and {{ is_affected('customer_key') }}

),

ways as (

    select distinct
        customer_key,
        customer_number,
        identity_method,
        spelling_key
    from identities

),

-- How contacts and sessions led to each customer.
found as (

    select
        customer_key,
        customer_number,
        count(spelling_key) as address_forms,
        count(distinct identity_method) as identity_methods
    from ways
    group by
        customer_key,
        customer_number

),

final as (

    select
        coalesce(customers.customer_key, found.customer_key) as customer_key,
        coalesce(customers.customer_number, found.customer_number) as customer_number,
        {{ dimension_key('customers.client_id') }} as client_id,
        customers.segment,
        coalesce(found.address_forms, 0) as address_forms,
        coalesce(found.identity_methods, 0) as identity_methods,
        case when customers.customer_key is not null then 1 else 0 end as is_listed,
        customers.created_at
    from customers
    full join found on customers.customer_number = found.customer_number
    union all
    select
        'unknown' as customer_key,
        cast(null as {{ dbt.type_bigint() }}) as customer_number,
        'unknown' as client_id,
        null as segment,
        0 as address_forms,
        0 as identity_methods,
        0 as is_listed,
        null as created_at
    where {{ is_affected("'unknown'") }}

)

select * from final
