{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['customer_key'],
    meta={'unit': 'customer_key', 'logs': []}
) }}

-- Customers under their pseudonyms, those of the CRM and those known by an address alone; nothing here says who they are.
{% set scope = recompute([
    changed('int_identity__customers', 'customer_key'),
    changed('int_identity__resolved', 'customer_key'),
]) %}
with

customers as (

    select * from {{ ref('int_identity__customers') }}
    where {{ in_scope('customer_key', scope) }}

),

identities as (

    select * from {{ ref('int_identity__resolved') }}

),

members as (

    select customer_key
    from customers
    union distinct
    select customer_key
    from identities
    where
        customer_key is not null
        and {{ in_scope('customer_key', scope) }}
    union distinct
    select 'unknown' as customer_key
    where {{ in_scope("'unknown'", scope) }}

),

final as (

    select
        members.customer_key,
        {{ dimension_key('customers.client_id') }} as client_id,
        customers.segment,
        case when customers.customer_key is null then 0 else 1 end as is_listed,
        customers.created_at
    from members
    left join customers on members.customer_key = customers.customer_key

)

select * from final
