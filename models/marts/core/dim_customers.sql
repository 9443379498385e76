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

unlisted as (

    select distinct identities.customer_key
    from identities
    left join customers on identities.customer_key = customers.customer_key
    where
        identities.customer_key is not null
        and customers.customer_key is null
        and {{ in_scope('identities.customer_key', scope) }}
    union all
    select 'unknown' as customer_key
    where {{ in_scope("'unknown'", scope) }}

),

final as (

    select
        customer_key,
        {{ dimension_key('client_id') }} as client_id,
        segment,
        1 as is_listed,
        created_at
    from customers
    union all
    select
        customer_key,
        'unknown' as client_id,
        null as segment,
        0 as is_listed,
        null as created_at
    from unlisted

)

select * from final
