-- Rows of the tables that hold something as soon as there is a contact; no row where no contact has come.
with

legs as (

    select * from {{ ref('int_contact_legs__unioned') }}

),

contacts as (

    select * from {{ ref('fct_contacts') }}

),

kpi_rows as (

    select count(*) as row_count
    from {{ ref('kpi_values') }}

),

counted as (

    select
        'marts.fct_contacts' as table_name,
        count(*) as row_count
    from contacts
    union all
    select
        'marts.kpi_catalog' as table_name,
        count(*) as row_count
    from {{ ref('kpi_catalog') }}
    union all
    select
        'marts.dim_dates' as table_name,
        count(*) as row_count
    from {{ ref('dim_dates') }}
    union all
    select
        'marts.dim_channels' as table_name,
        count(*) as row_count
    from {{ ref('dim_channels') }}
    union all
    -- A KPI needs an inbound contact.
    select
        'marts.kpi_values' as table_name,
        row_count
    from kpi_rows
    where exists (
        select 1
        from contacts
        where contacts.direction = 'inbound'
    )

),

final as (

    select
        table_name,
        'rows' as item,
        row_count
    from counted
    where exists (select 1 from legs)

)

select * from final
