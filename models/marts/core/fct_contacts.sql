{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['contact_id'],
    meta={'unit': 'contact_id', 'logs': ['contact_id', 'customer_key', 'date_day']}
) }}

-- Contacts as everything else sees them: outcome, durations, who the customer was, and where the contact counts.
{% set scope = recompute(
    [
        changed('int_contacts__from_legs', 'contact_id'),
        changed('int_identity__resolved', 'subject_id'),
        changed('stg_crm__orders', 'contact_id'),
        "(select contact_id as unit from " ~ tracked('int_contacts__from_legs') ~ " where agent_id in "
        ~ changed('int_agents__history', 'agent_id') ~ ")",
    ],
    small_inputs=[
        tracked('dim_queues'), tracked('dim_sites'), tracked('int_time__local_days'),
        "(select count(contact_id) > 0 from " ~ tracked('stg_crm__orders') ~ ")",
    ]
) %}
with

contacts as (

    select * from {{ ref('int_contacts__from_legs') }}
    where {{ in_scope('contact_id', scope) }}

),

waits as (

    select * from {{ ref('int_contacts__waits') }}

),

places as (

    select * from {{ ref('int_contacts__places') }}

),

identities as (

    select * from {{ ref('int_identity__resolved') }}

),

orders as (

    select * from {{ ref('int_contacts__with_order') }}

),

final as (

    select
        contacts.contact_id,
        {{ integer_key('contacts.contact_id') }} as contact_key,
        identities.customer_number,
        contacts.source,
        contacts.channel,
        contacts.direction,
        {{ dimension_key('places.client_id') }} as client_id,
        {{ dimension_key('places.site_id') }} as site_id,
        {{ dimension_key('places.team_id') }} as team_id,
        {{ dimension_key('contacts.agent_id') }} as agent_id,
        {{ dimension_key('contacts.queue_id') }} as queue_id,
        {{ dimension_key('contacts.reason_code') }} as reason_code,
        identities.customer_key,
        identities.identity_method,
        contacts.resolution_code,
        waits.wait_seconds,
        contacts.talk_seconds,
        contacts.hold_seconds,
        contacts.acw_seconds,
        contacts.legs,
        contacts.transfers,
        contacts.is_handled,
        contacts.is_abandoned,
        waits.is_short_abandon,
        orders.has_order,
        contacts.started_at,
        contacts.ended_at,
        places.date_day
    from contacts
    inner join waits on contacts.contact_id = waits.contact_id
    inner join places on contacts.contact_id = places.contact_id
    inner join orders on contacts.contact_id = orders.contact_id
    inner join identities
        on
            contacts.contact_id = identities.subject_id
            and identities.subject = 'contact'

)

select * from final
