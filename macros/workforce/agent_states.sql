{% macro days_of_agent_states(changed_states, versions) -%}
    {#- A change moves the end of an open state before it. Both reach the states that started before them and last longer. -#}
    select
        agent_id,
        cast(started_at as date) as state_started_on
    from (
        with changed as (
            select distinct
                agent_id,
                started_at
            from {{ changed_states }}
        ),
        first_changes as (
            select
                agent_id,
                min(started_at) as started_at
            from changed
            group by agent_id
        ),
        reaches as (
            select
                first_changes.agent_id,
                case
                    when max(case when states.ended_at is null then states.started_at end) = max(states.started_at) then max(states.started_at)
                    else min(first_changes.started_at)
                end as reach_from
            from first_changes
            left join {{ ref('int_agent_states__unioned') }} as states
                on
                    first_changes.agent_id = states.agent_id
                    and first_changes.started_at > states.started_at
            group by first_changes.agent_id
        ),
        events as (
            select
                agent_id,
                started_at,
                started_at as ended_at,
                1 as is_changed
            from changed
            union all
            select
                states.agent_id,
                states.started_at,
                states.ended_at,
                0 as is_changed
            from {{ ref('int_agent_states__unioned') }} as states
            inner join reaches on states.agent_id = reaches.agent_id
            where
                states.started_at >= reaches.reach_from
                or states.ended_at > reaches.reach_from
        ),
        followed as (
            select
                *,
                lead(is_changed) over (partition by agent_id order by started_at, is_changed desc) as is_before_change
            from events
        ),
        moved as (
            select
                *,
                case when is_changed = 1 or (ended_at is null and is_before_change = 1) then started_at end as moved_at
            from followed
        ),
        reached as (
            select
                *,
                min(moved_at) over (
                    partition by agent_id order by started_at, is_changed desc rows between 1 following and unbounded following
                ) as next_moved_at
            from moved
        )
        select
            agent_id,
            started_at
        from reached
        where
            moved_at is not null
            or next_moved_at < ended_at
    ) as states_reached
{%- endmacro %}
