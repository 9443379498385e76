-- Every id that a contact is known by: its own, and those of the contacts that were put together into it.
with

contacts as (

    select contact_id
    from {{ ref('int_contacts__from_legs') }}

),

put_together as (

    select own_contact_id as contact_id
    from {{ ref('int_contacts__put_together') }}

),

final as (

    select contact_id
    from contacts
    union all
    select contact_id
    from put_together

)

select * from final
