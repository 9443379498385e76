{{ config(
    materialized='incremental_by_key',
    unique_key=['contact_id'],
    meta={'incremental': {
        'key': ['customer_key'], 'records': ['contact_id'],
        'inputs': {
            'int_self_service_sessions__unioned': {'through': 'int_identity__resolved', 'on': {'subject_id': 'session_id'}},
        },
    }}
) }}

-- Self-service that went wrong around a contact speaks against "resolved in one contact", unless it is the session that led to
-- this very contact. The nearest such session counts; one during the contact is 0 seconds away. A session without a client
-- counts against any client. One that is further off than the largest window speaks against nothing, so it is left out.
with

contacts as (

    select * from {{ ref('int_resolution__inbound_contacts') }}
    where {{ is_affected('customer_key') }}

),

sessions as (

    select * from {{ ref('int_self_service_sessions__unioned') }}

),

identities as (

    select * from {{ ref('int_identity__resolved') }}

),

failed_sessions as (

    select
        sessions.contact_id,
        sessions.client_id,
        sessions.entered_at,
        identities.customer_key
    from sessions
    inner join identities
        on
            sessions.session_id = identities.subject_id
            and identities.subject = 'self_service_session'
    where
        sessions.exit_type in ('hung_up', 'failed')
        and identities.customer_key is not null
        and {{ is_affected('identities.customer_key') }}

),

distances as (

    select
        contacts.contact_id,
        contacts.customer_key,
        greatest(
            {{ seconds_between('failed_sessions.entered_at', 'contacts.started_at') }},
            {{ seconds_between('contacts.ended_at', 'failed_sessions.entered_at') }},
            0
        ) as seconds_to_failed_self_service
    from contacts
    inner join failed_sessions
        on
            contacts.customer_key = failed_sessions.customer_key
            and contacts.client_id = coalesce(failed_sessions.client_id, contacts.client_id)
            and contacts.contact_id != coalesce(failed_sessions.contact_id, '')
    where contacts.ended_at is not null

),

final as (

    select
        contact_id,
        customer_key,
        min(seconds_to_failed_self_service) as seconds_to_failed_self_service
    from distances
    where {{ is_within('seconds_to_failed_self_service', fcr_windows() | last) }} = 1
    group by contact_id, customer_key

)

select * from final
