-- How a wait that no agent answered ended: an abandon where Genesys Cloud counted one, a callback where one followed, a voicemail where one
-- was taken; else by how it was disconnected. One that still waits has no reason.
with

queue_waits as (

    select * from {{ ref('int_genesys_cloud__queue_waits') }}
    where {{ is_affected('contact_id') }}

),

answers as (

    select * from {{ ref('int_genesys_cloud__answers') }}
    where {{ is_affected('contact_id') }}

),

agents as (

    select * from {{ ref('int_genesys_cloud__stints') }}
    where {{ is_affected('contact_id') }}

),

sessions as (

    select * from {{ ref('int_genesys_cloud__sessions') }}
    where {{ is_affected('contact_id') }}

),

answered as (

    select distinct
        answers.contact_id,
        answers.acd_number
    from answers
    inner join agents on answers.contact_id = agents.contact_id and answers.participant_number = agents.participant_number
    where agents.is_handled = 1

),

others as (

    select
        contact_id,
        max(case when medium = 'callback' then 1 else 0 end) as has_callback,
        max(case when purpose = 'voicemail' then 1 else 0 end) as has_voicemail
    from sessions
    group by contact_id

),

numbered as (

    select
        *,
        lead(acd_number) over (partition by contact_id order by started_at, acd_number) as next_acd_number
    from queue_waits

),

final as (

    select
        numbered.contact_id,
        numbered.acd_number,
        case
            when numbered.ended_at is null then null
            when numbered.has_abandoned = 1 then 'abandoned'
            when others.has_callback = 1 and numbered.is_callback = 0 then 'callback_requested'
            when others.has_voicemail = 1 and numbered.next_acd_number is null then 'voicemail'
            when numbered.disconnect_type like '%transfer' then 'overflowed'
            when numbered.disconnect_type in ('error', 'transportfailure', 'transport.failure') then 'failed'
            when numbered.disconnect_type in ('timeout', 'system', 'spam') then 'timed_out'
            else 'abandoned'
        end as end_reason
    from numbered
    left join answered on numbered.contact_id = answered.contact_id and numbered.acd_number = answered.acd_number
    left join others on numbered.contact_id = others.contact_id
    where answered.acd_number is null

)

select * from final
