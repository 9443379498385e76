{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['agent_id', 'started_at'],
    meta={'day': 'started_at', 'unit': agent_day('cast(started_at as date)')}
) }}

-- An agent does one thing at a time: a state ends at the latest when the agent's next one starts, and does not resume after it. An
-- open one ends now.
{% set agent_days = tracked('int_agent_states__days') %}
{% set scope = recompute(
    [
        changed_in_union('int_agent_states__unioned', 'unit'),
        last_agent_days_before(agent_days, changed_in_union('int_agent_states__unioned', 'unit')),
        changed('int_agent_states__days', 'unit'),
        last_agent_days_before(agent_days, changed('int_agent_states__days', 'unit')),
        agent_days_up_to_now(agent_days),
    ],
    uses_as_of=true
) %}
with

agent_states as (

    select
        *,
        cast(started_at as date) as utc_day
    from {{ ref('int_agent_states__unioned') }}

),

agent_days as (

    select
        agent_id,
        utc_day,
        lead(first_started_at) over (
            partition by agent_id
            order by utc_day
        ) as next_day_starts_at
    from {{ ref('int_agent_states__days') }}

),

run as (

    select * from {{ ref('int_run__as_of') }}

),

followed_on_their_day as (

    select
        agent_id,
        utc_day,
        state,
        started_at,
        ended_at,
        lead(started_at) over (
            partition by agent_id, utc_day
            order by started_at
        ) as next_started_at
    from agent_states
    where {{ in_scope(agent_day('utc_day'), scope) }}

),

followed as (

    select
        followed_on_their_day.agent_id,
        followed_on_their_day.state,
        followed_on_their_day.started_at,
        coalesce(followed_on_their_day.ended_at, run.as_of) as ended_at,
        coalesce(followed_on_their_day.next_started_at, agent_days.next_day_starts_at) as next_started_at
    from followed_on_their_day
    inner join agent_days
        on
            followed_on_their_day.agent_id = agent_days.agent_id
            and followed_on_their_day.utc_day = agent_days.utc_day
    cross join run

),

cut as (

    select
        agent_id,
        state,
        started_at,
        case when next_started_at < ended_at then next_started_at else ended_at end as ended_at
    from followed

),

final as (

    select *
    from cut
    where ended_at > started_at

)

select * from final
