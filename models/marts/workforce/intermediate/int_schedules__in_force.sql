{{ config(materialized='table') }}

-- What an agent was told to do: of a scheduled activity the version that was published last before it starts. One that was published
-- when it had started already excuses nobody (WFM-5). Only time before now is judged.
with

schedules as (

    select * from {{ ref('int_schedules__unioned') }}

),

run as (

    select * from {{ ref('int_run__as_of') }}

),

ranked as (

    select
        schedule_id,
        agent_id,
        activity,
        starts_at,
        ends_at,
        published_at,
        row_number() over (partition by schedule_id order by published_at desc) as version_rank
    from schedules
    where
        published_at < starts_at

),

final as (

    select
        ranked.schedule_id,
        ranked.agent_id,
        ranked.activity,
        ranked.starts_at,
        ranked.ends_at,
        ranked.published_at,
        least(ranked.ends_at, run.as_of) as judged_until
    from ranked
    cross join run
    where
        ranked.version_rank = 1
        and ranked.starts_at < ranked.ends_at
        and ranked.starts_at < run.as_of

)

select * from final
