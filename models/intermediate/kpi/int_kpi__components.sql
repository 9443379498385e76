{{ config(materialized='table') }}

-- The daily components of every KPI, whichever fact they come from.
with

agent_time as (

    select
        kpi,
        date_day,
        level,
        level_id,
        numerator,
        denominator,
        sum_of_squares,
        sample_size
    from {{ ref('int_kpi_components__agent_time') }}

),

contact_logins as (

    select
        kpi,
        date_day,
        level,
        level_id,
        numerator,
        denominator,
        sum_of_squares,
        sample_size
    from {{ ref('int_kpi_components__contact_logins') }}

),

contact_resolution as (

    select
        kpi,
        date_day,
        level,
        level_id,
        numerator,
        denominator,
        sum_of_squares,
        sample_size
    from {{ ref('int_kpi_components__contact_resolution') }}

),

contacts as (

    select
        kpi,
        date_day,
        level,
        level_id,
        numerator,
        denominator,
        sum_of_squares,
        sample_size
    from {{ ref('int_kpi_components__contacts') }}

),

handled_legs as (

    select
        kpi,
        date_day,
        level,
        level_id,
        numerator,
        denominator,
        sum_of_squares,
        sample_size
    from {{ ref('int_kpi_components__handled_legs') }}

),

queue_visits as (

    select
        kpi,
        date_day,
        level,
        level_id,
        numerator,
        denominator,
        sum_of_squares,
        sample_size
    from {{ ref('int_kpi_components__queue_visits') }}

),

self_service_sessions as (

    select
        kpi,
        date_day,
        level,
        level_id,
        numerator,
        denominator,
        sum_of_squares,
        sample_size
    from {{ ref('int_kpi_components__self_service_sessions') }}

),

surveys as (

    select
        kpi,
        date_day,
        level,
        level_id,
        numerator,
        denominator,
        sum_of_squares,
        sample_size
    from {{ ref('int_kpi_components__surveys') }}

),

final as (

    select * from agent_time
    union all
    select * from contact_logins
    union all
    select * from contact_resolution
    union all
    select * from contacts
    union all
    select * from handled_legs
    union all
    select * from queue_visits
    union all
    select * from self_service_sessions
    union all
    select * from surveys

)

select * from final
