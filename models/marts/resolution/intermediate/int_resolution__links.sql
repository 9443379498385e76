{{ config(
    materialized='incremental_by_key',
    unique_key=['contact_key'],
    meta={'incremental': {
        'key': ['contact_key'],
        'inputs': {
            'fct_contacts': [
                {},
                {'through': 'fct_contacts', 'on': ['customer_number']},
            ],
        },
    }}
) }}

-- Each inbound contact's nearest evidence after it and, of the handled contacts that started before it, the one that ended
-- last (contacts overlap, and an e-mail may last days). Links stay within a customer and a client; they are made three times:
-- in the same channel, in the same channel and reason, and over all channels. Windows sort once each; nothing joins itself.
-- Ties go by the id, not by its key (KEY-2).
{% set customer = 'partition by customer_number, unidentified_key, client_id' %}
{% set in_time = 'order by started_at, contact_id' %}
{% set same_channel = customer ~ ', channel ' ~ in_time %}
{% set same_reason = customer ~ ', channel, reason_code, uncoded_key ' ~ in_time %}
{% set any_channel = customer ~ ' ' ~ in_time %}
{% set earlier = 'rows between unbounded preceding and 1 preceding' %}

with

contacts as (

    select * from {{ ref('int_resolution__inbound_contacts') }}
    where {{ is_affected('contact_key') }}

),

prepared as (

    select
        contact_id,
        contact_key,
        customer_number,
        client_id,
        channel,
        reason_code,
        started_at,
        ended_at,
        is_evidence,
        -- A contact of nobody known, and one without a reason where reasons count, is alone in its partition: nothing links to it.
        case when customer_number is null then contact_key end as unidentified_key,
        case when reason_code is null then contact_key end as uncoded_key,
        case when is_evidence = 1 then started_at end as evidence_started_at,
        case when is_evidence = 1 then contact_key end as evidence_contact_key,
        case when is_handled = 1 then ended_at end as handled_ended_at
    from contacts

),

linked as (

    select
        *,
        max(handled_ended_at) over ({{ same_channel }} {{ earlier }}) as previous_ended_at,
        {{ next_not_null('evidence_started_at', same_channel) }} as next_started_at,
        {{ next_not_null('evidence_contact_key', same_channel) }} as next_evidence_contact_key,
        max(handled_ended_at) over ({{ same_reason }} {{ earlier }}) as previous_ended_at_same_reason,
        {{ next_not_null('evidence_started_at', same_reason) }} as next_started_at_same_reason,
        max(handled_ended_at) over ({{ any_channel }} {{ earlier }}) as previous_ended_at_any_channel,
        {{ next_not_null('evidence_started_at', any_channel) }} as next_started_at_any_channel
    from prepared

),

named as (

    select
        *,
        -- Who ended no sooner than all before it is the one that ended last, until the next such contact.
        {{ previous_not_null(
            'case when handled_ended_at >= coalesce(previous_ended_at, handled_ended_at) then contact_key end',
            same_channel
        ) }} as previous_contact_key
    from linked

),

final as (

    select
        contact_key,
        is_evidence,
        previous_contact_key,
        next_evidence_contact_key,
        {{ gap_seconds('previous_ended_at', 'started_at') }} as seconds_since_previous,
        {{ gap_seconds('ended_at', 'next_started_at') }} as seconds_to_next_evidence,
        {{ gap_seconds('previous_ended_at_same_reason', 'started_at') }} as seconds_since_previous_same_reason,
        {{ gap_seconds('ended_at', 'next_started_at_same_reason') }} as seconds_to_next_same_reason,
        {{ gap_seconds('previous_ended_at_any_channel', 'started_at') }} as seconds_since_previous_any_channel,
        {{ gap_seconds('ended_at', 'next_started_at_any_channel') }} as seconds_to_next_any_channel
    from named

)

select * from final
