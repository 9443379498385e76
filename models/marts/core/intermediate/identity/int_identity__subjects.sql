-- Everything that has to be traced to a customer, with what was recorded of them: contacts and self-service sessions.
with

contacts as (

    select * from {{ ref('int_contacts__from_legs') }}

),

sessions as (

    select * from {{ ref('int_self_service_sessions__unioned') }}

),

addresses as (

    select * from {{ ref('int_identity__last_addresses') }}

),

subjects as (

    select
        'contact' as subject,
        contact_key as subject_key,
        customer_id,
        account_number
    from contacts
    union all
    select
        'self_service_session' as subject,
        {{ integer_key('session_id') }} as subject_key,
        customer_id,
        account_number
    from sessions

),

final as (

    select
        subjects.subject,
        subjects.subject_key,
        subjects.customer_id,
        subjects.account_number,
        addresses.address,
        addresses.address_key,
        addresses.spelling_key
    from subjects
    left join addresses
        on
            subjects.subject_key = addresses.subject_key
            and subjects.subject = addresses.subject

)

select * from final
