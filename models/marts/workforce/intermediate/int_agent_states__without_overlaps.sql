-- An agent does one thing at a time: of overlapping states the one that started last is in force, until the next one starts, and the one
-- under it again once that has ended (WFM-1).
with

followed as (

    select * from {{ ref('int_agent_states__followed') }}

),

resumed as (

    select * from {{ ref('int_agent_states__resumed') }}

),

pieces as (

    select
        agent_id,
        state,
        started_at as state_started_at,
        started_at,
        case when next_started_at < ended_at then next_started_at else ended_at end as ended_at
    from followed
    union all
    select
        agent_id,
        state,
        state_started_at,
        started_at,
        ended_at
    from resumed

),

final as (

    select
        agent_id,
        state,
        cast(state_started_at as date) as started_on,
        state_started_at,
        started_at,
        ended_at
    from pieces
    where ended_at > started_at

)

select * from final
