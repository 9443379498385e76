{{ config(materialized='table') }}

-- Whether any login is known. Where none is, that nobody logged in is no finding.
with

logins as (

    select * from {{ ref('int_account_logins__unioned') }}

),

final as (

    select case when exists (select 1 from logins) then 1 else 0 end as has_logins

)

select * from final
