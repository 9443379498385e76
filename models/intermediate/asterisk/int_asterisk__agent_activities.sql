-- What agents do with calls, and their work after them: each with its beginning and its end, null while it goes on. A call that ended at an
-- unknown time counts no time. Work after a call lasts as many seconds as its event says, at most until the agent's next word.
with

stints as (

    select * from {{ ref('int_asterisk__ended_stints') }}
    where
        agent_id is not null
        and answered_at is not null

),

rings as (

    select * from {{ ref('int_asterisk__rings') }}
    where
        agent_id is not null
        and rung_at < ended_at

),

agent_events as (

    select
        agent_id,
        event,
        wrap_up_seconds,
        logged_at,
        lead(logged_at) over (partition by agent_key order by logged_at, line_number) as next_at
    from {{ ref('int_asterisk__agent_events') }}

),

activities as (

    select
        agent_id,
        'on_contact' as state,
        answered_at as started_at,
        ended_at
    from stints
    where
        ended_at > answered_at
        or end_reason is null
    union all
    select
        agent_id,
        'ringing' as state,
        {{ dbt.dateadd('second', '-ring_seconds', 'answered_at') }} as started_at,
        answered_at as ended_at
    from stints
    where ring_seconds > 0
    union all
    select
        agent_id,
        'ringing' as state,
        rung_at as started_at,
        ended_at
    from rings
    union all
    select
        agent_id,
        'after_contact' as state,
        logged_at as started_at,
        case
            when wrap_up_seconds is null or {{ dbt.dateadd('second', 'wrap_up_seconds', 'logged_at') }} > next_at then next_at
            else {{ dbt.dateadd('second', 'wrap_up_seconds', 'logged_at') }}
        end as ended_at
    from agent_events
    where
        event = 'WRAPUPSTART'
        and (wrap_up_seconds > 0 or (wrap_up_seconds is null and next_at is not null))

),

final as (

    select
        {{ integer_key('agent_id') }} as agent_key,
        agent_id,
        state,
        started_at,
        ended_at
    from activities

)

select * from final
