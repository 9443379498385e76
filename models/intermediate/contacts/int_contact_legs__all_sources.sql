{{ config(materialized='table') }}

-- A leg is a leg, whichever system logged it: from here on nothing knows vendors but by the column source.
with

acd as (

    select
        'acd' as source,
        *
    from {{ ref('stg_acd__contact_legs') }}

),

technion_bank as (

    select
        'technion_bank' as source,
        *
    from {{ ref('int_technion_bank__contact_legs') }}

),

final as (

    select * from acd
    union all
    select * from technion_bank

)

select * from final
