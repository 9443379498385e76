{{ config(materialized='table') }}

-- What was expected of an interval: the forecast that was published last before it started. An interval counts once it is over (WFM-10).
with

forecasts as (

    select * from {{ ref('int_forecasts__unioned') }}

),

run as (

    select * from {{ ref('int_run__as_of') }}

),

ranked as (

    select
        queue_id,
        interval_start,
        {{ dbt.dateadd('minute', 'interval_minutes', 'interval_start') }} as interval_end,
        interval_minutes,
        contacts,
        aht_seconds,
        row_number() over (partition by queue_id, interval_start order by published_at desc) as version_rank
    from forecasts
    where
        published_at < interval_start

),

final as (

    select
        ranked.queue_id,
        ranked.interval_start,
        ranked.interval_end,
        ranked.interval_minutes,
        ranked.contacts,
        ranked.aht_seconds
    from ranked
    cross join run
    where
        ranked.version_rank = 1
        and ranked.interval_end <= run.as_of

)

select * from final
