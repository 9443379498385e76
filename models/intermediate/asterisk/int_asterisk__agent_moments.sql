-- Each instant at which something begins or ends for an agent: how many calls, rings and works after a call go on from then on, and what
-- the agent does besides. Names that only ever pause everywhere are phones of members, whose own pauses stand beside, and no agents.
with

activities as (

    select * from {{ ref('int_asterisk__agent_activities') }}

),

presence as (

    select * from {{ ref('int_asterisk__agent_presence') }}

),

changes as (

    select
        agent_key,
        agent_id,
        started_at as changed_at,
        case when state = 'on_contact' then 1 else 0 end as calls,
        case when state = 'ringing' then 1 else 0 end as rings,
        case when state = 'after_contact' then 1 else 0 end as wrap_ups,
        cast(null as {{ dbt.type_string() }}) as presence,
        cast(null as {{ dbt.type_bigint() }}) as line_number,
        0 as was_logged_in_at_first,
        1 as is_member
    from activities
    union all
    select
        agent_key,
        agent_id,
        ended_at as changed_at,
        case when state = 'on_contact' then -1 else 0 end as calls,
        case when state = 'ringing' then -1 else 0 end as rings,
        case when state = 'after_contact' then -1 else 0 end as wrap_ups,
        cast(null as {{ dbt.type_string() }}) as presence,
        cast(null as {{ dbt.type_bigint() }}) as line_number,
        0 as was_logged_in_at_first,
        1 as is_member
    from activities
    where ended_at is not null
    union all
    select
        agent_key,
        agent_id,
        logged_at as changed_at,
        0 as calls,
        0 as rings,
        0 as wrap_ups,
        state as presence,
        line_number,
        was_logged_in_at_first,
        is_member
    from presence

),

moments as (

    select
        agent_key,
        changed_at,
        min(agent_id) as agent_id,
        sum(calls) as calls,
        sum(rings) as rings,
        sum(wrap_ups) as wrap_ups,
        max_by(presence, line_number) as presence,
        max(was_logged_in_at_first) as was_logged_in_at_first,
        max(is_member) as is_member
    from changes
    group by agent_key, changed_at

),

final as (

    select
        agent_key,
        agent_id,
        changed_at,
        {{ running_sum('calls', 'partition by agent_key order by changed_at') }} as calls,
        {{ running_sum('rings', 'partition by agent_key order by changed_at') }} as rings,
        {{ running_sum('wrap_ups', 'partition by agent_key order by changed_at') }} as wrap_ups,
        coalesce(
            presence,
            {{ previous_not_null('presence', 'partition by agent_key order by changed_at') }},
            case when max(was_logged_in_at_first) over (partition by agent_key) = 1 then 'available' end,
            'unknown'
        ) as presence,
        max(is_member) over (partition by agent_key) as is_member
    from moments

)

select * from final
