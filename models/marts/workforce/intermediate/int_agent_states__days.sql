{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['agent_id', 'utc_day'],
    meta={'day': 'utc_day', 'unit': agent_day('utc_day')}
) }}

-- When the first state of each day starts, so that what follows a day's last state is found without looking at all states.
{% set scope = recompute([changed_in_union('int_agent_states__unioned', 'unit')]) %}
with

agent_states as (

    select
        *,
        cast(started_at as date) as utc_day
    from {{ ref('int_agent_states__unioned') }}

),

final as (

    select
        agent_id,
        utc_day,
        min(started_at) as first_started_at
    from agent_states
    where {{ in_scope(agent_day('utc_day'), scope) }}
    group by agent_id, utc_day

)

select * from final
