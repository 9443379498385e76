{{ config(
    materialized='incremental_by_key',
    unique_key=['contact_id'],
    meta={'incremental': {
        'key': ['contact_id'], 'records': ['customer_key', 'date_day'],
        'inputs': {
            'int_identity__resolved': {'key': {'contact_id': 'subject_id'}},
            'int_agents__history': {'through': 'int_contacts__from_legs', 'on': ['agent_id']},
        },
    }}
) }}

-- Contacts as everything else sees them: outcome, durations, who the customer was, and where the contact counts.
with

contacts as (

    select * from {{ ref('int_contacts__from_legs') }}
    where {{ is_affected('contact_id') }}

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
