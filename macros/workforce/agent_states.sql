{% macro days_of_agent_states(changed_states, versions) -%}
    {#- A state ends when the next one starts, so a change reaches the state before it too. -#}
    select
        agent_id,
        cast(started_at as date) as state_started_on
    from {{ changed_states }}
    union all
    select
        agent_id,
        cast(previous_started_at as date) as state_started_on
    from (
        select
            agent_id,
            is_changed,
            lag(started_at) over (partition by agent_id order by started_at, is_changed desc) as previous_started_at
        from (
            select distinct
                agent_id,
                started_at,
                1 as is_changed
            from {{ changed_states }}
            union all
            select
                agent_id,
                started_at,
                0 as is_changed
            from {{ ref('int_agent_states__unioned') }}
        ) as events
    ) as followed
    where is_changed = 1
{%- endmacro %}
