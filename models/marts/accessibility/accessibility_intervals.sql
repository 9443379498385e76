-- What a half hour brought to a queue: answers and handle time count where the visit began, so that the columns of a row are about the
-- same visits. Half hours are those of UTC clocks, which all zones share but those 15 or 45 minutes off (ACC-1).
with

queue_visits as (

    select
        *,
        {{ dbt.date_trunc('hour', 'enqueued_at') }} as hour_start
    from {{ ref('fct_queue_visits') }}
    where
        is_open = 0

),

handled_legs as (

    select * from {{ ref('fct_handled_legs') }}

),

placed as (

    select
        queue_visits.*,
        coalesce(handled_legs.talk_seconds, 0)
        + coalesce(handled_legs.hold_seconds, 0)
        + coalesce(handled_legs.acw_seconds, 0) as handle_seconds,
        case
            when {{ seconds_between('queue_visits.hour_start', 'queue_visits.enqueued_at') }} >= 1800
                then {{ dbt.dateadd('minute', 30, 'queue_visits.hour_start') }}
            else queue_visits.hour_start
        end as interval_start
    from queue_visits
    left join handled_legs
        on
            queue_visits.contact_id = handled_legs.contact_id
            and queue_visits.leg_number = handled_legs.leg_number

),

final as (

    select
        queue_id,
        count(*) as offered,
        {% for counted, flag in {
            'answered': 'is_answered',
            'answered_in_threshold': 'is_answered * is_in_threshold',
            'abandoned': 'is_abandoned',
            'short_abandoned': 'is_short_abandon',
            'flow_outs': 'is_flow_out',
        }.items() %}
        cast(sum({{ flag }}) as {{ dbt.type_bigint() }}) as {{ counted }},
        {% endfor %}
        sum(case when is_answered = 1 then wait_seconds else 0 end) as wait_seconds,
        cast(sum(handle_seconds) as {{ dbt.type_bigint() }}) as handle_seconds,
        cast(interval_start as {{ dbt.type_timestamp() }}) as interval_start
    from placed
    group by queue_id, interval_start

)

select * from final
