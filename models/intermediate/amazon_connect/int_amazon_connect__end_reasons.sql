-- How a leg ended. Of an answered one it counts whether the contact went on with somebody else; of one that waited, what Amazon Connect
-- did with it and why it was disconnected. Who left the menu before any queue has no reason. In a queue no reason is an abandon (AWS-3).
with

records as (

    select * from {{ ref('int_amazon_connect__records') }}
    where {{ is_affected('contact_id') }}

),

successors as (

    select * from {{ ref('int_amazon_connect__successors') }}
    where {{ is_affected('contact_id') }}

),

final as (

    select
        records.contact_id,
        records.own_contact_id,
        case
            when records.ended_at is null then null
            when records.agent_id is not null and records.answered_at is not null
                then
                    case
                        when successors.goes_on_elsewhere = 1 then 'transferred'
                        when records.transfer_completed_at is not null and coalesce(successors.has_transfer, 0) = 0 then 'transferred'
                        else 'completed'
                    end
            when successors.has_callback = 1 then 'callback_requested'
            when successors.goes_on_elsewhere = 1 then 'overflowed'
            when
                records.disconnect_reason in (
                    'TELECOM_PROBLEM', 'SYSTEM_ERROR', 'AGENT_NETWORK_DISCONNECT', 'CUSTOMER_CONNECTION_NOT_ESTABLISHED',
                    'OUTBOUND_DESTINATION_ENDPOINT_ERROR', 'OUTBOUND_RESOURCE_ERROR', 'OUTBOUND_ATTEMPT_FAILED'
                ) then 'failed'
            when records.enqueued_at is null then null
            when records.disconnect_reason in ('CONTACT_FLOW_DISCONNECT', 'EXPIRED', 'IDLE_DISCONNECT') then 'timed_out'
            when records.disconnect_reason in ('API', 'DISCARDED') then 'closed'
            else 'abandoned'
        end as end_reason
    from records
    left join successors
        on
            records.contact_id = successors.contact_id
            and records.own_contact_id = successors.own_contact_id

)

select * from final
