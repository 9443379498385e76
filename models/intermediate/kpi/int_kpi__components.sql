{{ config(materialized='table') }}

-- The daily components of every KPI, whichever fact they come from.
with

contact_resolution as (

    select * from {{ ref('int_kpi_components__contact_resolution') }}

),

surveys as (

    select * from {{ ref('int_kpi_components__surveys') }}

),

final as (

    select * from contact_resolution
    union all
    select * from surveys

)

select * from final
