-- A conversation that reached neither a queue, an agent nor a flow: who called was gone first, left a voicemail to somebody, or was dialled
-- and did not answer; or a message that the centre sent by itself. It has ended as the customer's end of it was disconnected (GEN-10).
with

sessions as (

    select
        *,
        case when purpose in ('ivr', 'workflow', 'bot', 'botflow') and session_id is not null then 1 else 0 end as is_flow
    from {{ ref('int_genesys_cloud__sessions') }}
    where {{ is_affected('contact_id') }}

),

segments as (

    select * from {{ ref('int_genesys_cloud__segments') }}
    where {{ is_affected('contact_id') }}

),

agents as (

    select * from {{ ref('int_genesys_cloud__stints') }}
    where {{ is_affected('contact_id') }}

),

customers as (

    select * from {{ ref('int_genesys_cloud__parties') }}
    where {{ is_affected('contact_id') }}

),

traces as (

    select
        sessions.contact_id,
        max(case when sessions.purpose = 'acd' and segments.contact_id is not null then 1 else 0 end) as is_queued,
        max(case when sessions.is_flow = 1 and segments.contact_id is not null then 1 else 0 end) as has_flow,
        min(case when sessions.is_flow = 1 then segments.started_at end) as flow_began_at,
        min(case when sessions.purpose in ('acd', 'agent', 'user') then segments.started_at end) as service_began_at,
        max(case when sessions.purpose = 'voicemail' then 1 else 0 end) as has_voicemail,
        max(case when sessions.purpose in ('customer', 'external') and segments.segment_type = 'interact' then 1 else 0 end)
            as is_connected,
        max(case when segments.segment_type = 'dialing' then 1 else 0 end) as is_dialled,
        max(case when sessions.purpose in ('customer', 'external') then segments.disconnect_type end) as disconnect_type
    from sessions
    left join segments on sessions.contact_id = segments.contact_id and sessions.session_number = segments.session_number
    group by sessions.contact_id

),

final as (

    select
        traces.contact_id,
        customers.conversation_start as started_at,
        customers.conversation_end as ended_at,
        case
            when customers.conversation_end is null then null
            when traces.has_voicemail = 1 then 'voicemail'
            when customers.direction != 'inbound' and traces.is_connected = 0 then 'failed'
            when traces.disconnect_type in ('error', 'transportfailure', 'transport.failure') then 'failed'
            when traces.disconnect_type in ('timeout', 'system', 'spam') then 'timed_out'
            when traces.disconnect_type like '%transfer' then 'overflowed'
            when customers.direction = 'outbound' and traces.is_dialled = 0 then 'completed'
            else 'abandoned'
        end as end_reason
    from traces
    inner join customers on traces.contact_id = customers.contact_id
    left join agents on traces.contact_id = agents.contact_id
    where
        agents.contact_id is null
        and traces.is_queued = 0
        and (traces.has_flow = 0 or traces.flow_began_at >= traces.service_began_at)

)

select * from final
