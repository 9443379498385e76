-- Everything that has to be traced to a customer, with what was recorded of them: contacts and self-service sessions.
with

contacts as (

    select * from {{ ref('int_contacts__from_legs') }}

),

sessions as (

    select * from {{ ref('int_self_service_sessions__unioned') }}

),

final as (

    select
        'contact' as subject,
        contact_key as subject_key,
        channel,
        customer_id,
        account_number,
        customer_address
    from contacts
    union all
    select
        'self_service_session' as subject,
        {{ integer_key('session_id') }} as subject_key,
        channel,
        customer_id,
        account_number,
        customer_address
    from sessions

)

select * from final
