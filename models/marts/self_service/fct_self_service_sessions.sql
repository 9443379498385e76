{{ config(
    materialized='incremental_by_key',
    unique_key=['session_id'],
    meta={'incremental': {
        'key': ['session_id'], 'records': ['date_day'],
        'inputs': {
            'int_identity__resolved': {'through': 'int_identity__sessions', 'on': {'session_key': 'subject_key'}},
            'int_self_service__next_contacts': {'through': 'int_identity__sessions', 'on': ['session_key']},
            'int_run__as_of': {'clock': 'as_of', 'through': 'int_self_service_sessions__unioned', 'while': ['exited_at', 'exited_at'], 'hours': [containment_hours()]},
        },
    }}
) }}

-- Self-service sessions: whether they ended without an agent, and whether the customer did not need one soon after either.
with

sessions as (

    select * from {{ ref('int_identity__sessions') }}
    where {{ is_affected('session_id') }}

),

next_contacts as (

    select * from {{ ref('int_self_service__next_contacts') }}

),

local_days as (

    select * from {{ ref('int_time__local_days') }}

),

run as (

    select * from {{ ref('int_run__as_of') }}

),

joined as (

    select
        sessions.session_id,
        sessions.session_key,
        sessions.client_id,
        sessions.channel,
        sessions.intent,
        sessions.exit_type,
        sessions.entered_at,
        sessions.exited_at,
        sessions.customer_key,
        sessions.customer_number,
        next_contacts.next_handled_contact_at,
        local_days.date_day,
        run.as_of,
        case when sessions.exited_at is null then 0 else 1 end as is_ended,
        case when sessions.customer_number is null then 0 else 1 end as has_customer
    from sessions
    left join next_contacts on sessions.session_key = next_contacts.session_key
    left join local_days on {{ is_on_local_day('local_days', 'sessions.entered_at', "'" ~ reporting_timezone() ~ "'") }}
    cross join run

),

flagged as (

    select
        *,
        -- How a session ended may not be recorded; an agent is involved only where it says so (SSV-4).
        case when exit_type = 'to_agent' then 0 else is_ended end as is_contained,
        case when exit_type = 'self_served' then is_ended else 0 end as is_self_served,
        {{ is_mature('exited_at', containment_hours()) }} as is_mature_{{ containment_hours() }}h,
        case when next_handled_contact_at is null then 0 else 1 end as is_followed
    from joined

),

final as (

    select
        session_id,
        session_key,
        {{ dimension_key('client_id') }} as client_id,
        {{ dimension_key('channel') }} as channel,
        {{ dimension_key('intent') }} as reason_code,
        customer_key,
        customer_number,
        exit_type,
        is_ended,
        is_contained,
        is_self_served,
        has_customer,
        is_mature_{{ containment_hours() }}h,
        is_self_served * has_customer * (1 - is_followed) as is_truly_contained,
        date_day,
        entered_at,
        exited_at,
        next_handled_contact_at
    from flagged

)

select * from final
