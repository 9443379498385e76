{{ config(materialized='table') }}

-- A second is scheduled once. Where activities overlap the one that starts last holds, and the other goes on after it, as a shift goes
-- on after a break that is planned inside it. Of two that start together the shorter one holds, else the one published last (WFM-6).
with

schedules as (

    select * from {{ ref('int_schedules__by_local_day') }}

),

edges as (

    select
        agent_id,
        utc_day,
        started_at as edge_at
    from schedules
    union distinct
    select
        agent_id,
        utc_day,
        ended_at as edge_at
    from schedules

),

spans as (

    select
        agent_id,
        utc_day,
        edge_at as started_at,
        lead(edge_at) over (partition by agent_id, utc_day order by edge_at) as ended_at
    from edges

),

candidates as (

    select
        spans.agent_id,
        schedules.team_id,
        schedules.site_id,
        schedules.activity,
        spans.utc_day,
        schedules.date_day,
        spans.started_at,
        spans.ended_at,
        row_number() over (
            partition by spans.agent_id, spans.started_at
            order by schedules.starts_at desc, schedules.ends_at asc, schedules.published_at desc, schedules.schedule_id asc
        ) as preference_rank
    from spans
    inner join schedules
        on
            spans.agent_id = schedules.agent_id
            and spans.utc_day = schedules.utc_day
            and spans.started_at >= schedules.started_at
            and spans.ended_at <= schedules.ended_at

),

final as (

    select
        agent_id,
        team_id,
        site_id,
        activity,
        utc_day,
        date_day,
        started_at,
        ended_at
    from candidates
    where preference_rank = 1

)

select * from final
