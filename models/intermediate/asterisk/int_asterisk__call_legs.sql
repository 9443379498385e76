-- The records of a call are its legs in order of time, that of an answer being when it was answered. A phone that was rung before another
-- one answers was rung in vain, unless it was busy or not there; a call that goes on after an answer was transferred. What answers
-- and is no phone took the call elsewhere.
with

calls as (

    select * from {{ ref('int_asterisk__call_directions') }}

),

with_agent as (

    select
        *,
        case when agent_id is not null then 1 else 0 end as has_agent,
        case when agent_id is not null and is_answered = 1 then 1 else 0 end as is_taken,
        case
            when is_answered = 1
                then coalesce(answered_at, {{ dbt.dateadd('second', 'duration_seconds - talk_seconds', 'started_at') }})
            else started_at
        end as decided_at
    from calls

),

in_order as (

    select
        *,
        cast(
            row_number() over (partition by contact_id order by decided_at, is_answered, line_number) as {{ dbt.type_bigint() }}
        ) as leg_number,
        count(*) over (partition by contact_id) as leg_count,
        max(is_taken) over (
            partition by contact_id order by decided_at, is_answered, line_number rows between unbounded preceding and 1 preceding
        ) as was_taken
    from with_agent

),

ended as (

    select
        *,
        case
            when is_voicemail = 1 then 'voicemail'
            when is_taken = 1 and leg_number = leg_count then 'completed'
            when is_taken = 1 then 'transferred'
            when
                has_agent = 1
                and direction != 'outbound'
                and leg_number < leg_count
                and is_busy = 0
                and is_failed = 0
                and duration_seconds > 0
                then 'ring_no_answer'
            when direction = 'outbound' or is_failed = 1 then 'failed'
            when is_busy = 1 then 'no_agents'
            when leg_number < leg_count or is_passed_on = 1 then 'overflowed'
            else 'abandoned'
        end as end_reason
    from in_order

),

final as (

    select
        contact_id,
        leg_number,
        'voice' as channel,
        direction,
        case
            when was_taken = 1 then 'transfer'
            when direction = 'inbound' then 'customer'
            else 'agent'
        end as initiation,
        cast(null as {{ dbt.type_string() }}) as queue_id,
        case when end_reason in ('completed', 'transferred', 'ring_no_answer') or direction = 'outbound' then agent_id end as agent_id,
        customer_address,
        dialled_address,
        started_at,
        cast(null as timestamp) as enqueued_at,
        case
            when end_reason in ('completed', 'transferred')
                then coalesce(answered_at, {{ dbt.dateadd('second', 'duration_seconds - talk_seconds', 'started_at') }})
        end as answered_at,
        coalesce(ended_at, {{ dbt.dateadd('second', 'duration_seconds', 'started_at') }}) as ended_at,
        case
            when end_reason in ('completed', 'transferred') then duration_seconds - talk_seconds
            when end_reason = 'ring_no_answer' then duration_seconds
        end as ring_seconds,
        case when end_reason in ('completed', 'transferred') then talk_seconds end as talk_seconds,
        cast(null as {{ dbt.type_bigint() }}) as acw_seconds,
        end_reason,
        coalesce(ended_at, {{ dbt.dateadd('second', 'duration_seconds', 'started_at') }}) as updated_at
    from ended

)

select * from final
