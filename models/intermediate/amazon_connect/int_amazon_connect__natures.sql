-- What a leg is: its channel, its direction and how it began. A leg after a transfer, and a callback, go the way of the leg before.
-- A chat or an e-mail by API is the customer's, a task is the centre's own, and a call to a third party during a contact too.
with

records as (

    select * from {{ ref('int_amazon_connect__records') }}
    where {{ is_affected('contact_id') }}

),

own as (

    select
        *,
        case
            when medium = 'TASK' then 'internal'
            when initiation_method = 'EXTERNAL_OUTBOUND' and own_contact_id != contact_id then 'internal'
            when initiation_method in ('OUTBOUND', 'EXTERNAL_OUTBOUND', 'AGENT_REPLY', 'FLOW', 'CAMPAIGN_PREVIEW') then 'outbound'
            when initiation_method = 'API' and medium = 'VOICE' then 'outbound'
            when initiation_method in ('TRANSFER', 'QUEUE_TRANSFER', 'CALLBACK') then null
            else 'inbound'
        end as own_direction
    from records

),

ordered as (

    select
        *,
        {{ previous_not_null(
            "case when own_direction != 'internal' then own_direction end",
            'partition by contact_id order by initiated_at, own_contact_id'
        ) }} as direction_before
    from own

),

final as (

    select
        contact_id,
        own_contact_id,
        case
            when subtype = 'connect:SMS' then 'sms'
            when subtype in ('connect:WhatsApp', 'connect:Apple') then 'social'
            when subtype = 'connect:Video' then 'video'
            else lower(medium)
        end as channel,
        coalesce(own_direction, direction_before, 'inbound') as direction,
        case
            when is_of_campaign = 1 then 'campaign'
            when initiation_method in ('TRANSFER', 'QUEUE_TRANSFER') then 'transfer'
            when initiation_method = 'CALLBACK' then 'callback'
            when initiation_method = 'API' then 'api'
            when initiation_method in ('OUTBOUND', 'EXTERNAL_OUTBOUND', 'AGENT_REPLY', 'CAMPAIGN_PREVIEW') then 'agent'
            when initiation_method in ('INBOUND', 'WEBRTC_API') then 'customer'
        end as initiation
    from ordered

)

select * from final
