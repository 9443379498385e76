-- What became of the lines of each event: in a leg, in an agent's state, repeated, a ring that is no leg, or without meaning here, as
-- the events of a site's own are.
with

lines as (

    select
        event,
        count(*) as line_count
    from {{ ref('int_asterisk__lines') }}
    group by event

),

calls as (

    select
        events.event,
        sum(case when events.is_repeated = 0 and coalesce(rings.is_leg, 1) = 1 then 1 else 0 end) as in_legs,
        sum(events.is_repeated) as repeated,
        sum(case when rings.is_leg = 0 then 1 else 0 end) as rings_without_leg
    from {{ ref('int_asterisk__visit_numbers') }} as events
    left join {{ ref('int_asterisk__rings') }} as rings
        on
            events.kind = 'rung'
            and events.callid = rings.callid
            and events.line_number = rings.line_number
            and events.logged_at = rings.ended_at
            and coalesce(events.agent_id, '') = coalesce(rings.agent_id, '')
    group by events.event

),

agents as (

    select
        event,
        count(*) as in_states
    from {{ ref('int_asterisk__agent_events') }}
    group by event

),

final as (

    select
        lines.event,
        lines.line_count,
        cast(coalesce(calls.in_legs, case when lines.event = 'DID' then lines.line_count end, 0) as {{ dbt.type_bigint() }}) as in_legs,
        coalesce(agents.in_states, 0) as in_states,
        cast(coalesce(calls.repeated, 0) as {{ dbt.type_bigint() }}) as repeated,
        cast(coalesce(calls.rings_without_leg, 0) as {{ dbt.type_bigint() }}) as rings_without_leg,
        case
            when
                calls.event is null
                and agents.event is null
                and lines.event not in ('DID', 'QUEUESTART', 'CONFIGRELOAD')
                then lines.line_count
            else 0
        end as without_meaning
    from lines
    left join calls on lines.event = calls.event
    left join agents on lines.event = agents.event

)

select * from final
