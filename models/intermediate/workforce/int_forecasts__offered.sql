{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['queue_id', 'interval_start'],
    meta={'day': 'interval_start', 'unit': 'cast(interval_start as date)', 'unit_type': 'date'}
) }}

-- The visits of a queue in an interval, its start included and its end not, are those up to its end less those up to its start: counted
-- in one pass, whatever the intervals' lengths and whether or not they overlap.
{% set scope = recompute(
    [
        changed('int_forecasts__in_force', 'unit'),
        "(select cast(cast(interval_start as date) as " ~ dbt.type_string() ~ ") as unit from " ~ tracked('int_forecasts__in_force')
        ~ " as forecasts inner join " ~ changed('fct_queue_visits', 'enqueued_on') ~ " as visits on interval_start < "
        ~ dbt.dateadd('day', 1, 'cast(visits.unit as date)') ~ " and interval_end > cast(visits.unit as date))",
    ],
    small_inputs=[tracked('dim_dates')]
) %}
with

forecasts as (

    select * from {{ ref('int_forecasts__in_force') }}
    where {{ in_scope('cast(interval_start as date)', scope, 'date') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

spans as (

    select distinct
        cast(interval_start as date) as first_day,
        cast(interval_end as date) as last_day
    from forecasts

),

spanned_days as (

    select distinct dates.date_day
    from spans
    inner join dates on dates.date_day between spans.first_day and spans.last_day

),

queue_visits as (

    select *
    from {{ ref('fct_queue_visits') }}
    where
        is_open = 0
        and cast(enqueued_at as date) in (select spanned_days.date_day from spanned_days)

),

events as (

    select
        queue_id,
        interval_start,
        interval_start as happened_at,
        -1 as sign,
        0 as visits
    from forecasts
    union all
    select
        queue_id,
        interval_start,
        interval_end as happened_at,
        1 as sign,
        0 as visits
    from forecasts
    union all
    select
        queue_id,
        null as interval_start,
        enqueued_at as happened_at,
        0 as sign,
        1 as visits
    from queue_visits

),

counted as (

    select
        queue_id,
        interval_start,
        sign,
        sum(visits) over (
            partition by queue_id
            order by happened_at, visits
            rows between unbounded preceding and current row
        ) as visits_before
    from events

),

final as (

    select
        queue_id,
        interval_start,
        cast(sum(sign * visits_before) as {{ dbt.type_bigint() }}) as offered
    from counted
    where interval_start is not null
    group by queue_id, interval_start

)

select * from final
