-- The visits of a queue in an interval, its start included and its end not, are those up to its end less those up to its start: counted
-- in one pass, whatever the intervals' lengths and whether or not they overlap.
with

forecasts as (

    select * from {{ ref('int_forecasts__in_force') }}

),

queue_visits as (

    select * from {{ ref('fct_queue_visits') }}

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
    where is_open = 0

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
