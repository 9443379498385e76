-- An agent is paused while paused in all queues or in any one of them: one stretch of time, in the state of the last reason that was given.
-- UNPAUSEALL and leaving the last queue end all pauses.
with

agent_events as (

    select * from {{ ref('int_asterisk__agent_logins') }}

),

stretched as (

    select
        *,
        {{ running_sum('ends_pauses', 'partition by agent_key order by logged_at, line_number') }} as pauses_ended
    from agent_events

),

followed as (

    select
        *,
        case
            when is_pause is not null
                then lag(is_pause) over (
                    partition by agent_key, pauses_ended, pause_place, case when is_pause is null then 0 else 1 end
                    order by logged_at, line_number
                )
        end as was_pause,
        -- UNPAUSE of one queue says that the pause in all of them is over.
        case
            when event = 'PAUSEALL' then 1
            when event = 'UNPAUSE' then -1
        end as pause_of_all
    from stretched

),

counted as (

    select
        *,
        {{ running_sum(
            'case when is_pause = 1 and coalesce(was_pause, 0) = 0 then 1 when is_pause = 0 and was_pause = 1 then -1 else 0 end',
            'partition by agent_key, pauses_ended order by logged_at, line_number'
        ) }} as places_paused,
        coalesce(
            pause_of_all,
            {{ previous_not_null('pause_of_all', 'partition by agent_key, pauses_ended order by logged_at, line_number') }}
        ) as last_pause_of_all
    from followed

),

paused as (

    select
        *,
        case when places_paused > 0 or last_pause_of_all > 0 then 1 else 0 end as is_paused
    from counted

),

begun as (

    select
        *,
        {{ running_sum('1 - is_paused', 'partition by agent_key order by logged_at, line_number') }} as pause_number
    from paused

),

final as (

    select
        agent_key,
        agent_id,
        event,
        is_member,
        has_logins,
        was_logged_in_at_first,
        is_logged_in,
        is_paused,
        case
            when is_paused = 1
                then coalesce(
                    pause_reason,
                    {{ previous_not_null(
                        'pause_reason', 'partition by agent_key, pause_number order by logged_at, line_number'
                    ) }},
                    'paused'
                )
        end as pause_reason,
        line_number,
        logged_at
    from begun

)

select * from final
