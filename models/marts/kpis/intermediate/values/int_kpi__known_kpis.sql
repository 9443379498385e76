{{ config(materialized='table') }}

-- A KPI whose numerator's fact has no row at all is one of which nothing is known: its sums are null, not 0.
with

period_sums as (

    select * from {{ ref('int_kpi__period_sums') }}

),

final as (

    select distinct kpi
    from period_sums
    where numerator is not null

)

select * from final
