{{ config(
    materialized='incremental_by_key',
    unique_key=['session_key'],
    meta={'incremental': {
        'key': ['customer_number'], 'records': ['session_key'],
        'inputs': {
            'int_self_service_sessions__unioned': {'through': 'int_identity__sessions', 'on': ['session_id']},
        },
    }}
) }}

-- The customer's next handled inbound contact once a session is over, with whichever client and in whichever channel, as long as that
-- counts against the session. Sessions and contacts of a customer lie in one order of time; a contact that starts in the second of the
-- session's end comes after it. What comes later is left out, so that a contact changes only the sessions of the last hours.
{% set in_time = 'partition by customer_number order by happened_at, is_contact' %}
with

sessions as (

    select * from {{ ref('int_identity__sessions') }}

),

contacts as (

    select * from {{ ref('fct_contacts') }}

),

events as (

    select
        customer_number,
        exited_at as happened_at,
        0 as is_contact,
        session_key,
        cast(null as {{ dbt.type_timestamp() }}) as started_at
    from sessions
    where
        customer_number is not null
        and {{ is_affected('customer_number') }}
        and exited_at is not null
    union all
    select
        customer_number,
        started_at as happened_at,
        1 as is_contact,
        cast(null as {{ dbt.type_bigint() }}) as session_key,
        started_at
    from contacts
    where
        customer_number is not null
        and {{ is_affected('customer_number') }}
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
        session_key,
        customer_number,
        case
            when next_handled_contact_at <= {{ dbt.dateadd('hour', containment_hours(), 'happened_at') }} then next_handled_contact_at
        end as next_handled_contact_at
    from ordered
    where is_contact = 0

)

select * from final
