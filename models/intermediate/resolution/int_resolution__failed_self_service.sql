-- Self-service that went wrong around a contact speaks against "resolved in one contact", unless it is the session that led to
-- this very contact. The nearest such session counts; one during the contact is 0 seconds away. A session without a client
-- counts against any client.
with

contacts as (

    select * from {{ ref('int_resolution__inbound_contacts') }}

),

sessions as (

    select * from {{ ref('stg_acd__ivr_sessions') }}

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

),

distances as (

    select
        contacts.contact_id,
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
        min(seconds_to_failed_self_service) as seconds_to_failed_self_service
    from distances
    group by contact_id

)

select * from final
