-- Customers under their pseudonyms, those of the CRM and those known by an address alone; nothing here says who they are.
with

customers as (

    select * from {{ ref('stg_crm__customers') }}

),

identities as (

    select * from {{ ref('int_identity__resolved') }}

),

listed as (

    select
        {{ pseudonym("'customer ' || customer_id") }} as customer_key,
        client_id,
        segment,
        created_at
    from customers

),

members as (

    select customer_key
    from listed
    union distinct
    select customer_key
    from identities
    where customer_key is not null
    union distinct
    select 'unknown' as customer_key

),

final as (

    select
        members.customer_key,
        {{ dimension_key('listed.client_id') }} as client_id,
        listed.segment,
        case when listed.customer_key is null then 0 else 1 end as is_listed,
        listed.created_at
    from members
    left join listed on members.customer_key = listed.customer_key

)

select * from final
