-- What an event says of an agent's presence: where the agent signs on or off, or pauses. Signing on is in no queue by name, and so is
-- pausing in all of them.
with

lines as (

    select * from {{ ref('int_asterisk__lines') }}
    where
        event in (
            'AGENTLOGIN', 'AGENTLOGOFF', 'AGENTCALLBACKLOGIN', 'AGENTCALLBACKLOGOFF', 'ADDMEMBER', 'REMOVEMEMBER',
            'PAUSE', 'UNPAUSE', 'PAUSEALL', 'UNPAUSEALL', 'WRAPUPSTART'
        )
        and agent_id is not null

),

final as (

    select
        {{ integer_key('agent_id') }} as agent_key,
        agent_id,
        event,
        case when event in ('PAUSEALL', 'UNPAUSEALL') then 0 else 1 end as is_member,
        case
            when event in ('AGENTLOGIN', 'AGENTCALLBACKLOGIN', 'ADDMEMBER') then 1
            when event in ('AGENTLOGOFF', 'AGENTCALLBACKLOGOFF', 'REMOVEMEMBER') then 0
        end as is_login,
        case when event in ('ADDMEMBER', 'REMOVEMEMBER') then instance || coalesce(queue_id, '') else instance || '|' end as login_place,
        case
            when event = 'PAUSE' or (event = 'ADDMEMBER' and upper(data1) = 'PAUSED') then 1
            when event in ('UNPAUSE', 'ADDMEMBER', 'REMOVEMEMBER') then 0
        end as is_pause,
        instance || coalesce(queue_id, '') as pause_place,
        case when event in ('PAUSE', 'PAUSEALL') then data1 end as pause_reason,
        case when event = 'WRAPUPSTART' then {{ whole_seconds('data1') }} end as wrap_up_seconds,
        line_number,
        logged_at
    from lines

)

select * from final
