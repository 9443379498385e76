-- What is going on in each queue: who is waiting now, and what has ended since the midnight of the queue's site. The figures of the day are
-- those of the KPIs, so far. What happens after "now" is not known yet: whoever is answered or leaves only then is waiting. A visit that
-- ended nobody knows when waits for nobody. Empty where no visit to any queue is known.
with

queue_visits as (

    select * from {{ ref('fct_queue_visits') }}

),

run as (

    select * from {{ ref('int_run__as_of') }}

),

queues as (

    select * from {{ ref('dim_queues') }}

),

today as (

    select
        queues.queue_id,
        run.as_of,
        local_days.date_day
    from queues
    cross join run
    {{ join_local_day('queues.site_id', 'run.as_of') }}
    where
        local_days.date_day is not null
        and exists (select 1 from queue_visits)

),

known as (

    select
        queue_visits.*,
        today.as_of,
        coalesce(
            queue_visits.answered_at,
            queue_visits.ended_at,
            case when queue_visits.is_open = 0 then queue_visits.enqueued_at end
        ) as left_queue_at,
        case
            when queue_visits.date_day != today.date_day or queue_visits.is_open = 1 then 0
            when coalesce(queue_visits.ended_at, queue_visits.answered_at, queue_visits.enqueued_at) <= today.as_of then 1
            else 0
        end as is_of_today
    from queue_visits
    inner join today
        on
            queue_visits.queue_id = today.queue_id
            and queue_visits.enqueued_at <= today.as_of

),

waiting as (

    select
        queue_id,
        count(*) as waiting,
        max({{ seconds_between('enqueued_at', 'as_of') }}) as longest_wait_seconds
    from known
    where
        left_queue_at is null
        or left_queue_at > as_of
    group by queue_id

),

ended as (

    select
        queue_id,
        count(*) as offered,
        sum(is_answered) as answered,
        sum(is_abandoned) as abandoned,
        {{ kpi_ratio('service_level') }} as service_level
    from known
    where is_of_today = 1
    group by queue_id

),

final as (

    select
        today.queue_id,
        today.date_day,
        today.as_of,
        coalesce(waiting.waiting, 0) as waiting,
        waiting.longest_wait_seconds,
        coalesce(ended.offered, 0) as offered,
        cast(coalesce(ended.answered, 0) as {{ dbt.type_bigint() }}) as answered,
        cast(coalesce(ended.abandoned, 0) as {{ dbt.type_bigint() }}) as abandoned,
        ended.service_level
    from today
    left join waiting on today.queue_id = waiting.queue_id
    left join ended on today.queue_id = ended.queue_id

)

select * from final
