-- Contacts by the UTC day of their first leg: as they landed, and as they stand in the mart.
with

legs as (

    select * from {{ ref('int_contacts__legs') }}

),

contacts as (

    select * from {{ ref('fct_contacts') }}

),

first_legs as (

    select
        contact_id,
        cast(min(started_at) as date) as contact_day
    from legs
    group by contact_id

),

landed as (

    select
        contact_day,
        count(*) as contacts
    from first_legs
    group by contact_day

),

built as (

    select
        cast(started_at as date) as contact_day,
        count(*) as contacts
    from contacts
    group by cast(started_at as date)

),

final as (

    select
        'marts.fct_contacts' as table_name,
        cast(coalesce(landed.contact_day, built.contact_day) as {{ dbt.type_string() }}) as item,
        coalesce(landed.contacts, 0) as landed_contacts,
        coalesce(built.contacts, 0) as built_contacts
    from landed
    full join built on landed.contact_day = built.contact_day

)

select * from final
