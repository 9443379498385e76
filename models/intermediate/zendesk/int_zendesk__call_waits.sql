-- The first agent answered when the call says, and the customer had waited for so long until then, since the IVR at the earliest, or until
-- giving up. Of a call that nobody answered the status says how its wait ended (ZEN-15).
with

calls as (

    select * from {{ ref('int_zendesk__calls') }}

),

stints as (

    select * from {{ ref('int_zendesk__call_stints') }}

),

first_talks as (

    select * from stints
    where
        kind = 'talk'
        and number_of_kind = 1

),

-- Whose outbound call it was that nobody answered.
callers as (

    select * from stints
    where
        kind = 'none'
        and number_of_kind = 1

),

answered as (

    select
        calls.*,
        callers.agent_id as caller_id,
        case
            when calls.direction != 'outbound' and first_talks.call_id is not null and calls.answer_seconds is not null
                then {{ dbt.dateadd('second', 'calls.answer_seconds', 'calls.started_at') }}
            else greatest(first_talks.talked_at, calls.started_at)
        end as first_answered_at,
        case when first_talks.call_id is not null then 1 else 0 end as is_answered
    from calls
    left join first_talks on calls.call_id = first_talks.call_id
    left join callers on calls.call_id = callers.call_id

),

final as (

    select
        call_id,
        is_answered,
        case when is_answered = 1 then first_answered_at end as answered_at,
        case
            when direction = 'outbound' or wait_seconds is null then null
            when is_answered = 1
                then least(
                    first_answered_at,
                    greatest(
                        {{ dbt.dateadd('second', 'coalesce(ivr_seconds, 0)', 'started_at') }},
                        {{ dbt.dateadd('second', '-wait_seconds', 'first_answered_at') }}
                    )
                )
            when completion_status = 'abandoned_in_queue' and ended_at is not null
                then greatest(started_at, {{ dbt.dateadd('second', '-wait_seconds', 'ended_at') }})
            when wait_seconds > 0 or completion_status = 'abandoned_in_queue'
                then {{ dbt.dateadd('second', 'coalesce(ivr_seconds, 0)', 'started_at') }}
        end as enqueued_at,
        case when direction = 'outbound' then coalesce(agent_id, caller_id) end as caller_id,
        case
            when direction != 'outbound' and is_callback = 1 and (is_answered = 1 or completion_status is not null)
                then 'callback_requested'
            when is_answered = 1 or completion_status is null then null
            when direction = 'outbound' or completion_status = 'failed' then 'failed'
            when completion_status in ('abandoned_in_voicemail', 'pending_voicemail') or is_voicemail then 'voicemail'
            when completion_status like 'abandoned%' or completion_status = 'not_answered' then 'abandoned'
            when is_overflowed then 'overflowed'
            when is_outside_hours then 'closed'
            when has_waited_too_long then 'timed_out'
            else 'completed'
        end as end_reason
    from answered

)

select * from final
