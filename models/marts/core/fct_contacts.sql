{{ config(
    materialized='incremental_by_key',
    unique_key=['contact_key'],
    meta={'incremental': {
        'key': ['contact_key'], 'records': ['contact_id', 'customer_number', 'date_day'],
        'inputs': {
            'int_identity__resolved': {'key': {'contact_key': 'subject_key'}},
            'int_orders__unioned': {'macro': 'keys_of_contacts'},
            'int_contacts__put_together': {'macro': 'keys_of_contacts'},
            'int_agents__history': {'through': 'int_contacts__from_legs', 'on': ['agent_id']},
            'int_queues__history': {'through': 'int_contacts__from_legs', 'on': {"coalesce(queue_id, 'unknown')": 'queue_id'}},
        },
    }}
) }}

-- Contacts as everything else sees them: outcome, durations, who the customer was, and where the contact counts.
-- depends_on: {{ ref('int_contacts__put_together') }}
with

contacts as (

    select * from {{ ref('int_contacts__from_legs') }}
    where {{ is_affected('contact_key') }}

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
        contacts.contact_key,
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
    inner join waits on contacts.contact_key = waits.contact_key
    inner join places on contacts.contact_key = places.contact_key
    inner join orders on contacts.contact_key = orders.contact_key
    inner join identities
        on
            contacts.contact_key = identities.subject_key
            and identities.subject = 'contact'

)

select * from final
