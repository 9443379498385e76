{{ config(materialized='table') }}

-- Of which records anything is known at all: where nobody's logins are known, that nobody logged in is no finding.
with

orders_of_contacts as (

    select * from {{ ref('int_orders__unioned') }}
    where contact_id is not null

),

logins as (

    select * from {{ ref('int_account_logins__unioned') }}

),

final as (

    select
        case when exists (select 1 from orders_of_contacts) then 1 else 0 end as has_orders_of_contacts,
        case when exists (select 1 from logins) then 1 else 0 end as has_logins

)

select * from final
