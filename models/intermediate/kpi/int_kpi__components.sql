{{ config(materialized='table') }}

-- The daily components of every KPI, whichever fact they come from.
with

contact_resolution as (

    select
        kpi,
        date_day,
        level,
        level_id,
        numerator,
        denominator
    from {{ ref('int_kpi_components__contact_resolution') }}

),

surveys as (

    select
        kpi,
        date_day,
        level,
        level_id,
        numerator,
        denominator
    from {{ ref('int_kpi_components__surveys') }}

),

final as (

    select * from contact_resolution
    union all
    select * from surveys

)

select * from final
