{{ config(
    materialized='incremental_by_key' if instances_of_contacts() else 'view',
    unique_key=['name'],
    meta={'incremental': {'key': ['name'], 'inputs': {'int_contact_legs__unioned': {'macro': 'names_of_contacts'}}}}
) }}

-- What other records may call a contact: its id, and its id without the instance. A name that several contacts have means none (VER-2).
with

contact_legs as (

    select * from {{ ref('int_contact_legs__unioned') }}

),

named as (

    select
        contact_id,
        contact_id as name
    from contact_legs
    union all
    select
        contact_id,
        {{ without_instance('contact_id', instances_of_contacts()) if instances_of_contacts() else 'contact_id' }} as name
    from contact_legs

),

final as (

    select
        name,
        case when min(contact_id) = max(contact_id) then min(contact_id) end as contact_id
    from named
    where {{ is_affected('name') }}
    group by name

)

select * from final
