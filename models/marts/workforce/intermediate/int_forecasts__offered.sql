{{ config(materialized='table') }}

-- The visits of a queue in an interval, its start included and its end not. A visit is held against the intervals of its hour only, which
-- are few whatever their lengths and whether or not they overlap.
{% set hours_of_day = [] %}
{% for hour in range(24) %}
{% do hours_of_day.append({'hour_of_day': hour}) %}
{% endfor %}
with

forecasts as (

    select * from {{ ref('int_forecasts__in_force') }}

),

dates as (

    select * from {{ ref('int_time__calendar') }}

),

hours as (

    {{ literal_rows(hours_of_day) | indent(4) }}

),

spans as (

    select distinct
        cast(interval_start as date) as first_day,
        cast(interval_end as date) as last_day
    from forecasts

),

spanned_days as (

    select
        spans.first_day,
        spans.last_day,
        dates.date_day
    from spans
    inner join dates on dates.date_day between spans.first_day and spans.last_day

),

calendar as (

    select
        spanned_days.*,
        {{ dbt.dateadd('hour', 'hours.hour_of_day', 'cast(spanned_days.date_day as timestamp)') }} as hour_start,
        {{ dbt.dateadd('hour', 'hours.hour_of_day + 1', 'cast(spanned_days.date_day as timestamp)') }} as hour_end
    from spanned_days
    cross join hours

),

spanned_hours as (

    select
        forecasts.queue_id,
        forecasts.interval_start,
        forecasts.interval_end,
        calendar.hour_start
    from forecasts
    inner join calendar
        on
            cast(forecasts.interval_start as date) = calendar.first_day
            and cast(forecasts.interval_end as date) = calendar.last_day
    where
        calendar.hour_start < forecasts.interval_end
        and calendar.hour_end > forecasts.interval_start

),

queue_visits as (

    select
        queue_id,
        enqueued_at,
        {{ dbt.date_trunc('hour', 'enqueued_at') }} as hour_start
    from {{ ref('fct_queue_visits') }}
    where
        is_open = 0
        and cast(enqueued_at as date) in (select spanned_days.date_day from spanned_days)

),

offered as (

    select
        spanned_hours.queue_id,
        spanned_hours.interval_start,
        count(*) as offered
    from queue_visits
    inner join spanned_hours
        on
            queue_visits.queue_id = spanned_hours.queue_id
            and queue_visits.hour_start = spanned_hours.hour_start
    where
        queue_visits.enqueued_at >= spanned_hours.interval_start
        and queue_visits.enqueued_at < spanned_hours.interval_end
    group by spanned_hours.queue_id, spanned_hours.interval_start

),

final as (

    select
        forecasts.queue_id,
        forecasts.interval_start,
        cast(coalesce(offered.offered, 0) as {{ dbt.type_bigint() }}) as offered
    from forecasts
    left join offered
        on
            forecasts.queue_id = offered.queue_id
            and forecasts.interval_start = offered.interval_start

)

select * from final
