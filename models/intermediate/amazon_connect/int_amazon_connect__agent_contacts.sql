{{ config(
    materialized='incremental_by_key',
    unique_key=['event_id', 'moment', 'contact_number'],
    meta={'incremental': {'key': ['event_id'], 'records': ['contact_id', 'agent_id']}}
) }}

-- The contacts that an agent had at an event, and just before it, each with its state.
with

agent_events as (

    select * from {{ ref('stg_amazon_connect__agent_events') }}
    where {{ is_affected('event_id') }}

),

moments as (

    select
        event_id,
        agent_arn,
        event_timestamp,
        contacts,
        'current' as moment
    from agent_events
    union all
    select
        event_id,
        agent_arn,
        event_timestamp,
        previous_contacts as contacts,
        'previous' as moment
    from agent_events

),

contacts as (

    {{ rows_of_json('moments', ['event_id', 'agent_arn', 'event_timestamp', 'moment'], 'contacts') | indent(4) }}

),

final as (

    select
        event_id,
        moment,
        element_number as contact_number,
        {{ known_as('amazon_connect', 'agent_id', first_group('agent_arn', '([^/]*)$')) | indent(8) }} as agent_id,
        event_timestamp,
        {{ of_instance_of('event_id', json_text('element', '$.ContactId'), 'amazon_connect') }} as own_contact_id,
        {{ of_instance_of(
            'event_id',
            'coalesce(' ~ json_text('element', '$.InitialContactId') ~ ', ' ~ json_text('element', '$.ContactId') ~ ')',
            'amazon_connect'
        ) }} as contact_id,
        upper({{ json_text('element', '$.Channel') }}) as medium,
        upper({{ json_text('element', '$.InitiationMethod') }}) as initiation_method,
        {{ known_as(
            'amazon_connect', 'queue_id', "nullif(" ~ first_group(json_text('element', '$.Queue.ARN'), '([^/]*)$') ~ ", '')"
        ) | indent(8) }} as queue_id,
        {{ instant_of_text(json_text('element', '$.QueueTimestamp')) }} as enqueued_at,
        upper({{ json_text('element', '$.State') }}) as state,
        {{ instant_of_text(json_text('element', '$.StateStartTimestamp')) }} as state_started_at
    from contacts
    where {{ json_text('element', '$.ContactId') }} is not null

)

select * from final
