-- Work after a call belongs to the agent's last call before it, if the agent was nothing but available since. Nobody knows the work of other calls.
with

agent_states as (

    select
        *,
        {{ integer_key('agent_id') }} as agent_key
    from {{ ref('int_asterisk__agent_states') }}

),

stints as (

    select
        *,
        {{ integer_key('agent_id') }} as agent_key
    from {{ ref('int_asterisk__ended_stints') }}
    where
        agent_id is not null
        and answered_at is not null
        and ended_at is not null

),

followed as (

    select
        *,
        {{ previous_not_null(
            "case when state not in ('available', 'ringing', 'after_contact') then state end",
            'partition by agent_key order by started_at'
        ) }} as previous_state,
        {{ previous_not_null(
            "case when state not in ('available', 'ringing', 'after_contact') then ended_at end",
            'partition by agent_key order by started_at'
        ) }} as previous_ended_at
    from agent_states

),

worked as (

    select
        agent_key,
        previous_ended_at as call_ended_at,
        sum({{ seconds_between('started_at', 'ended_at') }}) as acw_seconds
    from followed
    where
        state = 'after_contact'
        and previous_state = 'on_contact'
    group by agent_key, previous_ended_at

),

last_stints as (

    select
        agent_key,
        ended_at,
        max_by({{ record(['call_queue_key', 'visit_number']) }}, {{ record(['answered_at', 'line_number']) }}) as stint
    from stints
    group by agent_key, ended_at

),

final as (

    select
        last_stints.stint.call_queue_key as call_queue_key,
        last_stints.stint.visit_number as visit_number,
        cast(floor(worked.acw_seconds) as {{ dbt.type_bigint() }}) as acw_seconds
    from worked
    inner join last_stints
        on
            worked.agent_key = last_stints.agent_key
            and worked.call_ended_at = last_stints.ended_at
    where worked.acw_seconds is not null

)

select * from final
