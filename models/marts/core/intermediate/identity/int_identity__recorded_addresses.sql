{{ config(
    materialized='incremental_by_key',
    unique_key=['subject', 'subject_id'],
    meta={'incremental': {
        'key': ['subject_id'], 'records': ['subject_key'],
        'inputs': {
            'int_contact_legs__unioned': {'key': {'subject_id': 'contact_id'}},
            'int_self_service_sessions__unioned': {'key': {'subject_id': 'session_id'}},
        },
    }}
) }}

-- The last recorded address that can identify somebody, of what no customer id was recorded of (IDN-1, IDN-3).
with

legs as (

    select * from {{ ref('int_contact_legs__unioned') }}
    where {{ is_affected('contact_id') }}

),

sessions as (

    select * from {{ ref('int_self_service_sessions__unioned') }}
    where {{ is_affected('session_id') }}

),

channels as (

    select * from {{ ref('channels') }}

),

recorded as (

    select
        'contact' as subject,
        contact_id as subject_id,
        leg_number,
        channel,
        customer_address,
        {{ phone_country_of('source') }} as phone_country
    from legs
    where
        customer_id is null
        and customer_address is not null
    union all
    select
        'self_service_session' as subject,
        session_id as subject_id,
        1 as leg_number,
        channel,
        customer_address,
        {{ phone_country_of('source') }} as phone_country
    from sessions
    where
        customer_id is null
        and customer_address is not null

),

-- Each spelling is normalized once.
spellings as (

    select distinct
        phone_country,
        customer_address
    from recorded

),

normalized as (

    {{ normalized_addresses('spellings', 'customer_address', 'address', ['phone_country', 'customer_address']) }}

),

keyed as (

    select
        *,
        {{ integer_key('address') }} as address_key,
        {{ integer_key('customer_address') }} as spelling_key
    from normalized
    where address is not null

),

-- On voice a phone alone says who it was: a word or a short number is a trunk's, an agent's or nobody's.
identifying as (

    select
        recorded.subject,
        recorded.subject_id,
        recorded.leg_number,
        keyed.address,
        keyed.address_key,
        keyed.spelling_key
    from recorded
    inner join keyed
        on
            recorded.customer_address = keyed.customer_address
            and recorded.phone_country = keyed.phone_country
    left join channels on recorded.channel = channels.channel
    where
        keyed.is_phone = 1
        or coalesce(channels.is_voice, 0) = 0

),

last_ones as (

    select
        subject,
        subject_id,
        max_by({{ record(['address', 'address_key', 'spelling_key']) }}, leg_number) as last_one
    from identifying
    group by
        subject,
        subject_id

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
