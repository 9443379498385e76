{{ config(
    materialized='incremental_by_key',
    unique_key=['contact_id', 'leg_number'],
    meta={'incremental': {'records': ['contact_id']}}
) }}

-- Calls in queues are told by the queue log, all others by the call records.
{%- set columns = [
    'contact_id', 'leg_number', 'channel', 'direction', 'initiation', 'queue_id', 'agent_id', 'customer_address', 'dialled_address',
    'started_at', 'enqueued_at', 'answered_at', 'ended_at', 'ring_seconds', 'talk_seconds', 'acw_seconds', 'end_reason', 'updated_at',
] %}
with

queue_legs as (

    select * from {{ ref('int_asterisk__queue_legs') }}

),

call_legs as (

    select * from {{ ref('int_asterisk__call_legs') }}

),

final as (

    select {{ columns | join(', ') }}
    from queue_legs
    union all
    select {{ columns | join(', ') }}
    from call_legs

)

select * from final
