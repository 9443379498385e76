-- An agent is logged in while a member of any queue, or signed on. Who signs off first, has been there since the log's first word of them.
-- Work after a call says nothing of it.
with

agent_events as (

    select * from {{ ref('int_asterisk__agent_events') }}
    where event != 'WRAPUPSTART'

),

followed as (

    select
        *,
        case
            when is_login is not null
                then lag(is_login) over (
                    partition by agent_key, login_place, case when is_login is null then 0 else 1 end order by logged_at, line_number
                )
        end as was_login
    from agent_events

),

changes as (

    select
        *,
        case
            when is_login = 1 and coalesce(was_login, 0) = 0 then 1
            when is_login = 0 and coalesce(was_login, 1) = 1 then -1
            else 0
        end as places_joined,
        sum(case when is_login = 0 and was_login is null then 1 else 0 end) over (partition by agent_key) as places_at_first
    from followed

),

counted as (

    select
        *,
        {{ running_sum('places_joined', 'partition by agent_key order by logged_at, line_number') }} as places_since
    from changes

),

final as (

    select
        agent_key,
        agent_id,
        event,
        is_member,
        is_pause,
        pause_place,
        pause_reason,
        line_number,
        logged_at,
        case when max(is_login) over (partition by agent_key) is not null then 1 else 0 end as has_logins,
        case when places_at_first > 0 then 1 else 0 end as was_logged_in_at_first,
        case when places_at_first + places_since > 0 then 1 else 0 end as is_logged_in,
        case when event = 'UNPAUSEALL' or (places_at_first + places_since = 0 and places_joined = -1) then 1 else 0 end as ends_pauses
    from counted

)

select * from final
