{{ config(
    materialized='incremental_by_key',
    unique_key=['agent_id', 'started_at'],
    meta={'incremental': {'records': ['agent_id', 'started_at']}}
) }}

-- An agent does one thing at a time: a call goes before a ring, a ring before work after a call, that before all else. A state lasts until
-- another one begins.
with

moments as (

    select * from {{ ref('int_asterisk__agent_moments') }}
    where is_member = 1

),

judged as (

    select
        agent_key,
        agent_id,
        changed_at,
        case
            when calls > 0 then 'on_contact'
            when rings > 0 then 'ringing'
            when wrap_ups > 0 then 'after_contact'
            else presence
        end as state
    from moments

),

followed as (

    select
        *,
        lag(state) over (partition by agent_key order by changed_at) as previous_state
    from judged

),

begun as (

    select
        agent_id,
        state,
        changed_at as started_at,
        lead(changed_at) over (partition by agent_key order by changed_at) as ended_at
    from followed
    where coalesce(previous_state, '') != state

),

final as (

    select
        agent_id,
        state,
        started_at,
        ended_at,
        coalesce(ended_at, started_at) as updated_at
    from begun
    where state != 'unknown'

)

select * from final
