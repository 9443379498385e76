-- An agent who has an interact segment handled the conversation, one who has only alerts was rung in vain. Of an agent who also asked a
-- colleague the talk with the customer counts, of the colleague the talk with the agent; of a callback that of its call.
with

sessions as (

    select * from {{ ref('int_genesys_cloud__sessions') }}
    where {{ is_affected('contact_id') }}

),

segments as (

    select * from {{ ref('int_genesys_cloud__segments') }}
    where {{ is_affected('contact_id') }}

),

metrics as (

    select * from {{ ref('int_genesys_cloud__metrics') }}
    where {{ is_affected('contact_id') }}

),

of_agents as (

    select
        sessions.*,
        case when peers.purpose in ('agent', 'user') then 1 else 0 end as is_with_colleague,
        case when sessions.medium = 'callback' then 1 else 0 end as is_callback
    from sessions
    left join sessions as peers on sessions.contact_id = peers.contact_id and sessions.peer_id = peers.session_id
    where
        sessions.purpose in ('agent', 'user')
        and sessions.user_id is not null
        and sessions.is_listening = 0

),

ranked as (

    select
        *,
        min(is_with_colleague) over (partition by contact_id, participant_number) as has_none_but_colleagues,
        max(is_callback) over (partition by contact_id, participant_number) as has_callback,
        min(is_callback) over (partition by contact_id, participant_number) as has_only_callback
    from of_agents

),

talks as (

    select
        contact_id,
        session_number,
        max(case when segment_type = 'monitoring' or segment_type = 'coaching' then 1 else 0 end) as is_listening,
        max(case when segment_type = 'interact' then 1 else 0 end) as is_handled,
        min(case when segment_type = 'alert' then started_at end) as alerted_at,
        min(started_at) as first_at,
        min(case when segment_type in ('interact', 'hold') then started_at end) as answered_at,
        max(case when segment_type != 'wrapup' then ended_at end) as ended_at,
        max(queue_id) as queue_id,
        max(case when segment_type != 'wrapup' then disconnect_type end) as disconnect_type,
        max(case when wrap_up_code not like 'ININ-WRAP-UP-%' then wrap_up_code end) as wrap_up_code,
        sum(case when segment_type = 'interact' then milliseconds end) as interact_ms,
        sum(case when segment_type = 'hold' then milliseconds end) as hold_ms,
        sum(case when segment_type = 'wrapup' then milliseconds end) as wrapup_ms,
        sum(case when segment_type = 'hold' then 1 else 0 end) as holds
    from segments
    group by contact_id, session_number

),

counted as (

    select
        ranked.contact_id,
        ranked.participant_number,
        ranked.user_id,
        ranked.has_callback,
        talks.is_handled,
        talks.alerted_at,
        talks.first_at,
        talks.answered_at,
        talks.ended_at,
        talks.queue_id,
        talks.disconnect_type,
        talks.wrap_up_code,
        talks.interact_ms,
        talks.hold_ms,
        talks.wrapup_ms,
        talks.holds,
        metrics.talk_ms,
        metrics.held_ms,
        metrics.acw_ms,
        metrics.has_transferred,
        case when ranked.is_callback = 1 and ranked.has_only_callback = 0 then 0 else 1 end as is_talk
    from ranked
    inner join talks on ranked.contact_id = talks.contact_id and ranked.session_number = talks.session_number
    left join metrics on ranked.contact_id = metrics.contact_id and ranked.session_number = metrics.session_number
    where
        ranked.is_with_colleague = ranked.has_none_but_colleagues
        and talks.is_listening = 0

),

final as (

    select
        contact_id,
        participant_number,
        user_id as agent_id,
        max(is_handled) as is_handled,
        max(has_callback) as is_callback,
        max(queue_id) as queue_id,
        min(alerted_at) as alerted_at,
        min(first_at) as first_at,
        min(answered_at) as answered_at,
        max(ended_at) as ended_at,
        max(disconnect_type) as last_disconnect_type,
        max(case when has_transferred = 1 or disconnect_type like '%transfer' then 1 else 0 end) as is_transferred,
        cast(sum(case when is_talk = 1 then coalesce(talk_ms, interact_ms) end) as {{ dbt.type_bigint() }}) as talk_ms,
        cast(coalesce(sum(coalesce(held_ms, hold_ms)), 0) as {{ dbt.type_bigint() }}) as held_ms,
        cast(coalesce(sum(coalesce(acw_ms, wrapup_ms)), 0) as {{ dbt.type_bigint() }}) as acw_ms,
        cast(sum(holds) as {{ dbt.type_bigint() }}) as hold_count,
        max(wrap_up_code) as reason_code
    from counted
    group by contact_id, participant_number, user_id

)

select * from final
