-- Work after a call belongs to the agent's last call before it, if the agent was nothing but available since. Of other calls nobody
-- knows it.
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

ranked_stints as (

    select
        *,
        row_number() over (partition by agent_key, ended_at order by answered_at desc, line_number desc) as rank_from_last
    from stints

),

final as (

    select
        ranked_stints.call_queue_key,
        ranked_stints.visit_number,
        cast(floor(worked.acw_seconds) as {{ dbt.type_bigint() }}) as acw_seconds
    from worked
    inner join ranked_stints
        on
            worked.agent_key = ranked_stints.agent_key
            and worked.call_ended_at = ranked_stints.ended_at
            and ranked_stints.rank_from_last = 1
    where worked.acw_seconds is not null

)

select * from final
