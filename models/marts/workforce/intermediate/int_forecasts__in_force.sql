{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['queue_id', 'interval_start'],
    meta={'day': 'interval_start', 'unit': 'cast(interval_start as date)', 'unit_type': 'date'}
) }}

-- What was expected of an interval: the forecast that was published last before it started. An interval counts once it is over (WFM-10).
{% set scope = recompute(
    [
        changed('stg_wfm__forecasts', 'unit'),
        matured(
            tracked('stg_wfm__forecasts'),
            'cast(cast(interval_start as date) as ' ~ dbt.type_string() ~ ')',
            dbt.dateadd('minute', 'interval_minutes', 'interval_start'),
            [0]
        ),
    ],
    uses_as_of=true
) %}
with

forecasts as (

    select * from {{ ref('stg_wfm__forecasts') }}

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
        and {{ in_scope('cast(interval_start as date)', scope, 'date') }}

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
