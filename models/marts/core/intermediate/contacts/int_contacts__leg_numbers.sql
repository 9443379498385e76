{{ config(
    materialized='incremental_by_key',
    unique_key=['contact_id', 'leg_number'],
    meta={'incremental': {
        'key': ['contact_id'], 'records': ['own_contact_id'],
        'inputs': {
            'int_contact_legs__unioned': [{}, {'through': 'int_contacts__put_together', 'on': {'own_contact_id': 'contact_id'}}],
        },
    }}
) }}

-- The legs of a contact that was put together are numbered anew: in order of their start, then of the contact that they came with, then
-- of their number in it.
with

put_together as (

    select * from {{ ref('int_contacts__put_together') }}

),

members as (

    select
        own_contact_id,
        contact_id
    from put_together
    where {{ is_affected('contact_id') }}
    union distinct
    select
        contact_id as own_contact_id,
        contact_id
    from put_together
    where {{ is_affected('contact_id') }}

),

legs as (

    select
        contact_id,
        leg_number,
        started_at
    from {{ ref('int_contact_legs__unioned') }}

),

final as (

    select
        legs.contact_id as own_contact_id,
        legs.leg_number as own_leg_number,
        members.contact_id,
        cast(
            row_number() over (
                partition by members.contact_id
                order by legs.started_at, legs.contact_id, legs.leg_number
            ) as {{ dbt.type_bigint() }}
        ) as leg_number
    from legs
    inner join members on legs.contact_id = members.own_contact_id

)

select * from final
