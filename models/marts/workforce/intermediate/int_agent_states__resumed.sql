-- Once a state has ended and before the next one starts, an earlier one that lasts longer is in force again: of several the one that
-- started last, and after its end the next. States are compared within a run of overlapping ones only.
with

overlapping as (

    select * from {{ ref('int_agent_states__overlapping') }}

),

gaps as (

    select
        agent_id,
        run_started_at,
        started_at as state_started_at,
        ended_at as started_at,
        case when next_started_at < earlier_ended_at then next_started_at else earlier_ended_at end as ended_at
    from overlapping
    where
        earlier_ended_at > ended_at
        and (next_started_at is null or next_started_at > ended_at)

),

candidates as (

    select
        gaps.agent_id,
        overlapping.state,
        overlapping.started_at as state_started_at,
        overlapping.ended_at as state_ended_at,
        gaps.started_at as gap_started_at,
        gaps.ended_at as gap_ended_at,
        max(overlapping.ended_at) over (
            partition by gaps.agent_id, gaps.started_at
            order by overlapping.started_at desc rows between unbounded preceding and 1 preceding
        ) as later_ended_at
    from gaps
    inner join overlapping
        on
            gaps.agent_id = overlapping.agent_id
            and gaps.run_started_at = overlapping.run_started_at
            and gaps.state_started_at > overlapping.started_at
            and gaps.started_at < overlapping.ended_at

),

final as (

    select
        agent_id,
        state,
        state_started_at,
        coalesce(later_ended_at, gap_started_at) as started_at,
        case when state_ended_at < gap_ended_at then state_ended_at else gap_ended_at end as ended_at
    from candidates
    where
        coalesce(later_ended_at, gap_started_at) < state_ended_at
        and coalesce(later_ended_at, gap_started_at) < gap_ended_at

)

select * from final
