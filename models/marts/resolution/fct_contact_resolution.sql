{% set windows = fcr_windows() %}
{% set call_resolution_hours = positive_days('call_resolution_days') * 24 %}
{{ config(
    materialized='incremental_by_key',
    unique_key=['contact_key'],
    meta={'incremental': {
        'key': ['contact_key'], 'records': ['customer_number', 'date_day'],
        'inputs': {
            'int_run__as_of': {'clock': 'as_of', 'through': 'fct_contacts', 'while': ['ended_at', 'ended_at'], 'hours': windows + [call_resolution_hours]},
        },
    }}
) }}

-- Whether each inbound contact resolved what the customer came for, as far as their further contacts tell, for each window.
with

contacts as (

    select * from {{ ref('fct_contacts') }}
    where {{ is_affected('contact_key') }}

),

contact_ids as (

    select
        contact_key,
        contact_id
    from {{ ref('fct_contacts') }}

),

links as (

    select * from {{ ref('int_resolution__links') }}

),

failed_self_service as (

    select * from {{ ref('int_resolution__failed_self_service') }}

),

run as (

    select * from {{ ref('int_run__as_of') }}

),

linked as (

    select
        contacts.contact_id,
        contacts.contact_key,
        contacts.customer_number,
        contacts.source,
        contacts.channel,
        contacts.client_id,
        contacts.site_id,
        contacts.team_id,
        contacts.agent_id,
        contacts.queue_id,
        contacts.reason_code,
        contacts.customer_key,
        contacts.date_day,
        contacts.started_at,
        contacts.ended_at,
        links.previous_contact_key,
        links.next_evidence_contact_key,
        previous_contacts.contact_id as previous_contact_id,
        next_contacts.contact_id as next_evidence_contact_id,
        links.seconds_since_previous,
        links.seconds_to_next_evidence,
        links.seconds_since_previous_same_reason,
        links.seconds_to_next_same_reason,
        links.seconds_since_previous_any_channel,
        links.seconds_to_next_any_channel,
        failed_self_service.seconds_to_failed_self_service,
        contacts.is_handled,
        links.is_evidence,
        run.as_of,
        least(links.seconds_to_next_any_channel, failed_self_service.seconds_to_failed_self_service) as seconds_to_next_trouble,
        case when contacts.customer_key is null then 0 else 1 end as is_identified,
        case when contacts.ended_at is null then 0 else 1 end as is_ended,
        case when contacts.is_handled = 1 and contacts.resolution_code is not null then 1 else 0 end as is_coded,
        case when contacts.is_handled = 1 and contacts.resolution_code = 'resolved' then 1 else 0 end as is_coded_resolved
    from contacts
    inner join links on contacts.contact_key = links.contact_key
    left join failed_self_service on contacts.contact_key = failed_self_service.contact_key
    left join contact_ids as previous_contacts on links.previous_contact_key = previous_contacts.contact_key
    left join contact_ids as next_contacts on links.next_evidence_contact_key = next_contacts.contact_key
    cross join run

),

final as (

    select
        contact_id,
        contact_key,
        customer_number,
        source,
        channel,
        client_id,
        site_id,
        team_id,
        agent_id,
        queue_id,
        reason_code,
        customer_key,
        previous_contact_id,
        previous_contact_key,
        next_evidence_contact_id,
        next_evidence_contact_key,
        seconds_since_previous,
        seconds_to_next_evidence,
        seconds_since_previous_same_reason,
        seconds_to_next_same_reason,
        seconds_since_previous_any_channel,
        seconds_to_next_any_channel,
        seconds_to_failed_self_service,
        is_handled,
        is_evidence,
        is_identified,
        is_handled * is_identified as is_eligible,
        is_ended,
        is_coded,
        is_coded_resolved,
        {% for hours in windows %}
        {{ is_mature('ended_at', hours) }} as is_mature_{{ hours }}h,
        is_handled * is_identified * (1 - {{ is_within('seconds_since_previous', hours) }}) as is_head_{{ hours }}h,
        is_evidence * {{ is_within('seconds_since_previous', hours) }} as is_repeat_{{ hours }}h,
        {{ is_within('seconds_to_next_evidence', hours) }} as is_repeated_{{ hours }}h,
        is_handled * is_identified * (1 - {{ is_within('seconds_since_previous_same_reason', hours) }}) as is_same_reason_head_{{ hours }}h,
        {{ is_within('seconds_to_next_same_reason', hours) }} as is_same_reason_repeated_{{ hours }}h,
        is_handled * is_identified * (1 - {{ is_within('seconds_since_previous_any_channel', hours) }}) as is_any_channel_head_{{ hours }}h,
        {{ is_within('seconds_to_next_trouble', hours) }} as is_any_channel_repeated_{{ hours }}h,
        {% endfor %}
        {{ is_mature('ended_at', call_resolution_hours) }} as is_mature_for_call_resolution,
        {{ is_within('seconds_to_next_evidence', call_resolution_hours) }} as is_repeated_for_call_resolution,
        date_day,
        started_at,
        ended_at
    from linked

)

select * from final
