{{ config(
    materialized='incremental_by_key',
    unique_key=['contact_id', 'leg_number'],
    meta={'incremental': {'key': ['contact_id'], 'inputs': {'stg_freeswitch__cdr': {'key': {'contact_id': 'uuid'}}}}}
) }}

-- A call record is a contact of one leg. A call between two phones of the centre is internal, one from a phone is outbound, any other
-- inbound. The agent is the phone that took part.
{%- set nobody_there = ['USER_BUSY', 'NO_ANSWER', 'NO_USER_RESPONSE', 'USER_NOT_REGISTERED', 'SUBSCRIBER_ABSENT', 'ALLOTTED_TIMEOUT'] %}
{%- set instances = instances_of('freeswitch') %}
with

cdr as (

    select * from {{ ref('stg_freeswitch__cdr') }}
    where {{ is_affected('uuid') }}

),

directed as (

    select
        *,
        {{ 'left(uuid, length(uuid) - length(' ~ without_instance('uuid', instances) ~ '))' if instances else "''" }} as instance,
        case
            when {{ is_extension('caller_id_number') }} and {{ is_extension('destination_number') }} then 'internal'
            when {{ is_extension('caller_id_number') }} then 'outbound'
            else 'inbound'
        end as direction,
        case when {{ is_extension('destination_number') }} then destination_number end as called_phone
    from cdr

),

parties as (

    select
        *,
        case when direction = 'outbound' then caller_id_number else called_phone end as agent_phone,
        case
            when answered_at is not null and direction = 'outbound' then 'completed'
            when answered_at is not null and called_phone is not null then 'completed'
            when hangup_cause = 'ORIGINATOR_CANCEL' and direction != 'outbound' then 'abandoned'
            when answered_at is not null and direction != 'outbound' then 'abandoned'
            when
                direction != 'outbound'
                and hangup_cause in (
                    {%- for cause in nobody_there %}
                    '{{ cause }}'{{ ',' if not loop.last }}
                    {%- endfor %}
                )
                then 'no_agents'
            else 'failed'
        end as end_reason
    from directed

),

final as (

    select
        uuid as contact_id,
        cast(1 as {{ dbt.type_bigint() }}) as leg_number,
        'voice' as channel,
        direction,
        case when direction = 'inbound' then 'customer' else 'agent' end as initiation,
        case
            when end_reason = 'completed' or direction = 'outbound'
                then {{ known_as('freeswitch', 'agent_id', 'instance || agent_phone', otherwise='agent_phone') | indent(16) }}
        end as agent_id,
        case when direction = 'outbound' then destination_number else caller_id_number end as customer_address,
        case when direction = 'inbound' and called_phone is null then destination_number end as dialled_address,
        {{ start_of('started_at', 'ended_at', 'duration') }} as started_at,
        case when end_reason = 'completed' then {{ start_of('answered_at', 'ended_at', 'billsec') }} end as answered_at,
        ended_at,
        case when end_reason = 'completed' then duration - billsec end as ring_seconds,
        case when end_reason = 'completed' then billsec end as talk_seconds,
        end_reason,
        coalesce(ended_at, started_at) as updated_at
    from parties

)

select * from final
