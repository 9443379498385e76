-- The customer of a conversation is its first participant of that purpose: the address it came from, or went to. Without one nobody from
-- outside took part. What flows and agents note of the conversation is in the attributes of any participant.
with

sessions as (

    select * from {{ ref('int_genesys_cloud__sessions') }}
    where {{ is_affected('contact_id') }}

),

noted as (

    select
        *,
        {{ contact_attribute('customer_id_attribute') }} as noted_customer_id,
        {{ contact_attribute('account_number_attribute') }} as noted_account_number,
        {{ contact_attribute('client_id_attribute') }} as noted_client_id,
        {{ contact_attribute('reason_code_attribute') }} as noted_reason_code,
        lower({{ contact_attribute('resolution_code_attribute') }}) as noted_resolution_code
    from sessions

),

resolved as (

    select
        *,
        max(case when noted_resolution_code in ('resolved', 'unresolved') then session_number end) over (partition by contact_id)
            as last_resolution_number
    from noted

),

ranked as (

    select
        *,
        case when purpose in ('customer', 'external') then 1 else 0 end as is_customer,
        max(case when campaign_id is null then 0 else 1 end) over (partition by contact_id) as is_of_campaign,
        max(case when purpose in ('customer', 'external') then 1 else 0 end) over (partition by contact_id) as has_customer,
        coalesce(max(noted_customer_id) over (partition by contact_id), max(external_contact_id) over (partition by contact_id))
            as customer_id,
        max(noted_account_number) over (partition by contact_id) as account_number,
        max(noted_client_id) over (partition by contact_id) as client_id,
        max(noted_reason_code) over (partition by contact_id) as reason_code,
        max(case when session_number = last_resolution_number then noted_resolution_code end) over (partition by contact_id)
            as resolution_code,
        row_number() over (
            partition by contact_id
            order by
                case when purpose in ('customer', 'external') then 0 else 1 end,
                case when medium = 'callback' then 1 else 0 end,
                session_number
        ) as rank_from_customer
    from resolved

),

final as (

    select
        contact_id,
        conversation_start,
        conversation_end,
        is_of_campaign,
        customer_id,
        account_number,
        client_id,
        reason_code,
        resolution_code,
        case
            when medium = 'callback' then 'voice'
            when medium = 'message' and message_type = 'sms' then 'sms'
            when medium = 'message' and message_type in ('whatsapp', 'facebook', 'twitter', 'line', 'instagram', 'apple') then 'social'
            when medium in ('message', 'webchat', 'internalmessage') then 'chat'
            else coalesce(medium, 'voice')
        end as channel,
        case
            when has_customer = 0 then 'internal'
            when originating_direction = 'outbound' then 'outbound'
            else 'inbound'
        end as direction,
        case when is_customer = 1 then case when originating_direction = 'outbound' then dnis else ani end end as customer_address,
        case when is_customer = 1 then case when originating_direction = 'outbound' then ani else dnis end end as dialled_address
    from ranked
    where rank_from_customer = 1

)

select * from final
