{{ config(
    materialized='incremental_by_key',
    unique_key=['subject', 'subject_id'],
    meta={'incremental': {
        'key': ['subject_id'], 'records': ['subject_key'],
        'inputs': {
            'int_contact_legs__unioned': [
                {'key': {'subject_id': 'contact_id'}},
                {'key': {'subject_id': 'contact_id'}, 'through': 'int_contacts__leg_numbers', 'on': {'own_contact_id': 'contact_id'}},
            ],
            'int_contacts__leg_numbers': [{'key': {'subject_id': 'contact_id'}}, {'key': {'subject_id': 'own_contact_id'}}],
            'int_self_service_sessions__unioned': {'key': {'subject_id': 'session_id'}},
        },
    }}
) }}

-- Of a contact or session, the last recorded address that can identify somebody: on voice a phone, elsewhere all but nobody's (IDN-3).
with

recorded_addresses as (

    select * from {{ ref('int_identity__recorded_addresses') }}
    where {{ is_affected('subject_id') }}

),

-- Each spelling is normalized once.
spellings as (

    select distinct
        phone_country,
        customer_address
    from recorded_addresses

),

normal_forms as (

    {{ normalized_addresses('spellings', 'customer_address', 'address', ['phone_country', 'customer_address']) }}

),

with_address_key as (

    select
        *,
        {{ integer_key('address') }} as address_key
    from normal_forms
    where address is not null

),

keyed as (

    select
        *,
        case when customer_address = address then address_key else {{ integer_key('customer_address') }} end as spelling_key
    from with_address_key

),

last_ones as (

    select
        recorded_addresses.subject,
        recorded_addresses.subject_id,
        max_by({{ record(['keyed.address', 'keyed.address_key', 'keyed.spelling_key']) }}, recorded_addresses.leg_number) as last_one
    from recorded_addresses
    inner join keyed
        on
            recorded_addresses.customer_address = keyed.customer_address
            and recorded_addresses.phone_country = keyed.phone_country
    where
        keyed.is_phone = 1
        or recorded_addresses.is_voice = 0
    group by
        recorded_addresses.subject,
        recorded_addresses.subject_id

),

final as (

    select
        subject,
        subject_id,
        {{ integer_key('subject_id') }} as subject_key,
        (last_one).address as address,
        (last_one).address_key as address_key,
        (last_one).spelling_key as spelling_key
    from last_ones

)

select * from final
