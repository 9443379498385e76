-- What an agent does besides calls, from an event on: offline, available, or paused in the state that the reason names. Of agents who never
-- sign on, such as members by configuration, nobody knows when they are available.
with

agent_events as (

    select * from {{ ref('int_asterisk__agent_pauses') }}

),

settings as (

    select * from {{ ref('agent_state_settings') }}

),

final as (

    select
        agent_events.agent_key,
        agent_events.agent_id,
        agent_events.is_member,
        agent_events.was_logged_in_at_first,
        case
            when agent_events.has_logins = 1 and agent_events.is_logged_in = 0 then 'offline'
            when agent_events.is_paused = 1 and {{ is_wrap_up_reason('agent_events.pause_reason') }} then 'after_contact'
            when agent_events.is_paused = 1 then coalesce(settings.state, agent_events.pause_reason)
            when agent_events.is_logged_in = 1 then 'available'
            else 'unknown'
        end as state,
        agent_events.line_number,
        agent_events.logged_at
    from agent_events
    left join settings on lower(agent_events.pause_reason) = settings.state

)

select * from final
