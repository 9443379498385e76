{{ config(
    materialized='incremental_by_key',
    unique_key=['contact_key'],
    meta={'incremental': {
        'key': ['customer_number'], 'records': ['contact_key'],
        'inputs': {
            'int_self_service_sessions__unioned': {'through': 'int_identity__sessions', 'on': ['session_id']},
            'int_contacts__put_together': {'through': 'int_identity__sessions', 'on': {'contact_id': 'own_contact_id'}},
        },
    }}
) }}

-- Self-service that went wrong around a contact speaks against "resolved in one contact", unless it is the session that led to
-- this very contact. The nearest such session counts; one during the contact is 0 seconds away. A session without a client
-- counts against any client. One that is further off than the largest window speaks against nothing, so it is left out.
with

contacts as (

    select * from {{ ref('int_resolution__inbound_contacts') }}
    where {{ is_affected('customer_number') }}

),

sessions as (

    select * from {{ ref('int_identity__sessions') }}

),

failed_sessions as (

    select
        sessions.client_id,
        sessions.entered_at,
        sessions.customer_number,
        {{ integer_key(contact_of('sessions.contact_id')) }} as contact_key
    from sessions
    {{ join_contact('sessions.contact_id') }}
    where
        sessions.exit_type in ('hung_up', 'failed')
        and sessions.customer_number is not null
        and {{ is_affected('sessions.customer_number') }}

),

distances as (

    select
        contacts.contact_key,
        contacts.customer_number,
        greatest(
            {{ seconds_between('failed_sessions.entered_at', 'contacts.started_at') }},
            {{ seconds_between('contacts.ended_at', 'failed_sessions.entered_at') }},
            0
        ) as seconds_to_failed_self_service
    from contacts
    inner join failed_sessions
        on
            contacts.customer_number = failed_sessions.customer_number
            and contacts.client_id = coalesce(failed_sessions.client_id, contacts.client_id)
            and (failed_sessions.contact_key is null or contacts.contact_key != failed_sessions.contact_key)
    where contacts.ended_at is not null

),

final as (

    select
        contact_key,
        customer_number,
        min(seconds_to_failed_self_service) as seconds_to_failed_self_service
    from distances
    where {{ is_within('seconds_to_failed_self_service', fcr_windows() | last) }} = 1
    group by contact_key, customer_number

)

select * from final
