{{ config(
    materialized='incremental_by_key',
    unique_key=['contact_id', 'session_number'],
    meta={'incremental': {'key': ['contact_id']}}
) }}

-- What one participant of a conversation did on one medium. Who only monitors or coaches is known by whom.
with

conversations as (

    select * from {{ ref('stg_genesys_cloud__conversations') }}
    where {{ is_affected('contact_id') }}

),

participants as (

    {{ rows_of_json(
        'conversations', ['contact_id', 'conversation_start', 'conversation_end', 'originating_direction'], 'participants'
    ) | indent(4) }}

),

named as (

    select
        contact_id,
        conversation_start,
        conversation_end,
        originating_direction,
        element_number as participant_number,
        lower({{ json_text('element', '$.purpose') }}) as purpose,
        {{ json_text('element', '$.userId') }} as user_id,
        {{ json_text('element', '$.externalContactId') }} as external_contact_id,
        {{ json_text('element', '$.attributes') }} as attributes,
        {{ json_text('element', '$.sessions') }} as sessions
    from participants

),

taken_apart as (

    {{ rows_of_json(
        'named',
        [
            'contact_id', 'conversation_start', 'conversation_end', 'originating_direction', 'participant_number', 'purpose', 'user_id',
            'external_contact_id', 'attributes',
        ],
        'sessions'
    ) | indent(4) }}

),

final as (

    select
        contact_id,
        conversation_start,
        conversation_end,
        participant_number,
        purpose,
        user_id,
        external_contact_id,
        attributes,
        lower(originating_direction) as originating_direction,
        cast(
            row_number() over (partition by contact_id order by participant_number, element_number) as {{ dbt.type_bigint() }}
        ) as session_number,
        {{ json_text('element', '$.sessionId') }} as session_id,
        {{ json_text('element', '$.peerId') }} as peer_id,
        lower({{ json_text('element', '$.mediaType') }}) as medium,
        lower({{ json_text('element', '$.messageType') }}) as message_type,
        lower({{ json_text('element', '$.direction') }}) as session_direction,
        coalesce({{ json_text('element', '$.ani') }}, {{ json_text('element', '$.addressFrom') }}) as ani,
        coalesce({{ json_text('element', '$.dnis') }}, {{ json_text('element', '$.addressTo') }}) as dnis,
        {{ json_text('element', '$.outboundCampaignId') }} as campaign_id,
        upper({{ json_text('element', '$.flow.exitReason') }}) as exit_reason,
        case
            when
                {{ json_text('element', '$.monitoredParticipantId') }} is not null
                or {{ json_text('element', '$.coachedParticipantId') }} is not null
                then 1
            else 0
        end as is_listening,
        {{ json_text('element', '$.segments') }} as segments,
        {{ json_text('element', '$.metrics') }} as metrics
    from taken_apart

)

select * from final
