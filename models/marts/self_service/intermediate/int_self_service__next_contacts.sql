{{ config(
    materialized='incremental_by_key',
    unique_key=['session_id'],
    meta={'incremental': {
        'key': ['customer_key'], 'records': ['session_id'],
        'inputs': {
            'int_self_service_sessions__unioned': {'through': 'int_identity__resolved', 'on': {'subject_id': 'session_id'}},
        },
    }}
) }}

-- The customer's next handled inbound contact once a session is over, with whichever client and in whichever channel, as long as that
-- counts against the session. Sessions and contacts of a customer lie in one order of time; a contact that starts in the second of the
-- session's end comes after it. What comes later is left out, so that a contact changes only the sessions of the last hours.
{% set in_time = 'partition by customer_key order by happened_at, is_contact' %}
with

sessions as (

    select * from {{ ref('int_self_service_sessions__unioned') }}

),

identities as (

    select * from {{ ref('int_identity__resolved') }}

),

contacts as (

    select * from {{ ref('fct_contacts') }}

),

events as (

    select
        identities.customer_key,
        sessions.exited_at as happened_at,
        0 as is_contact,
        sessions.session_id,
        cast(null as {{ dbt.type_timestamp() }}) as started_at
    from sessions
    inner join identities
        on
            sessions.session_id = identities.subject_id
            and identities.subject = 'self_service_session'
    where
        identities.customer_key is not null
        and {{ is_affected('identities.customer_key') }}
        and sessions.exited_at is not null
    union all
    select
        customer_key,
        started_at as happened_at,
        1 as is_contact,
        cast(null as {{ dbt.type_string() }}) as session_id,
        started_at
    from contacts
    where
        customer_key is not null
        and {{ is_affected('customer_key') }}
        and direction = 'inbound'
        and is_handled = 1

),

ordered as (

    select
        *,
        {{ next_not_null('started_at', in_time) }} as next_handled_contact_at
    from events

),

final as (

    select
        session_id,
        customer_key,
        case
            when next_handled_contact_at <= {{ dbt.dateadd('hour', containment_hours(), 'happened_at') }} then next_handled_contact_at
        end as next_handled_contact_at
    from ordered
    where is_contact = 0

)

select * from final
