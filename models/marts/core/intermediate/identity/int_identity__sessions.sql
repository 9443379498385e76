-- Self-service sessions with their integer key and the customer that they were traced to.
with

sessions as (

    select
        *,
        {{ integer_key('session_id') }} as session_key
    from {{ ref('int_self_service_sessions__unioned') }}

),

identities as (

    select * from {{ ref('int_identity__resolved') }}
    where subject = 'self_service_session'

),

final as (

    select
        sessions.session_key,
        sessions.session_id,
        sessions.source,
        sessions.contact_id,
        sessions.client_id,
        sessions.channel,
        sessions.intent,
        sessions.exit_type,
        sessions.entered_at,
        sessions.exited_at,
        identities.customer_key,
        identities.customer_number
    from sessions
    inner join identities on sessions.session_key = identities.subject_key

)

select * from final
