-- Contacts and self-service sessions of which nobody knows whose they are, by the extract that they came in.
with

contacts as (

    select * from {{ ref('fct_contacts') }}

),

sessions as (

    select * from {{ ref('int_self_service_sessions__unioned') }}

),

identities as (

    select * from {{ ref('int_identity__resolved') }}

),

final as (

    select
        source,
        {{ extract_of_record('source', 'contact_legs') }} as table_name,
        count(*) - count(customer_key) as unidentified,
        max(greatest(started_at, ended_at)) as newest_event
    from contacts
    group by source
    union all
    select
        sessions.source,
        {{ extract_of_record('sessions.source', 'self_service_sessions', extract_name='ivr_sessions') }} as table_name,
        count(*) - count(identities.customer_key) as unidentified,
        max(greatest(sessions.entered_at, sessions.exited_at)) as newest_event
    from sessions
    inner join identities
        on
            sessions.session_id = identities.subject_id
            and identities.subject = 'self_service_session'
    group by sessions.source

)

select * from final
