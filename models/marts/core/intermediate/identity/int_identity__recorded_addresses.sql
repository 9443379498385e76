-- Each address that was recorded of a contact's leg or a session without a customer id, and what it is to be read by.
with

legs as (

    select * from {{ ref('int_contacts__legs') }}

),

sessions as (

    select * from {{ ref('int_self_service_sessions__unioned') }}

),

channels as (

    select * from {{ ref('channels') }}

),

recorded as (

    select
        'contact' as subject,
        contact_id as subject_id,
        leg_number,
        source,
        channel,
        customer_id,
        customer_address
    from legs
    union all
    select
        'self_service_session' as subject,
        session_id as subject_id,
        1 as leg_number,
        source,
        channel,
        customer_id,
        customer_address
    from sessions

),

final as (

    select
        recorded.subject,
        recorded.subject_id,
        recorded.leg_number,
        {{ phone_country_of('recorded.source') }} as phone_country,
        recorded.customer_address,
        coalesce(channels.is_voice, 0) as is_voice
    from recorded
    left join channels on recorded.channel = channels.channel
    where
        recorded.customer_id is null
        and recorded.customer_address is not null

)

select * from final
