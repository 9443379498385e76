-- What was forecast for each interval of a queue, and what came.
with

forecasts as (

    select * from {{ ref('int_forecasts__in_force') }}

),

offered as (

    select * from {{ ref('int_forecasts__offered') }}

),

final as (

    select
        forecasts.queue_id,
        {{ dimension_key('queues.client_id') }} as client_id,
        {{ dimension_key('queues.site_id') }} as site_id,
        {{ dimension_key('queues.channel') }} as channel,
        forecasts.interval_minutes,
        forecasts.contacts as forecast_contacts,
        forecasts.aht_seconds as forecast_aht_seconds,
        offered.offered,
        cast(forecasts.contacts - offered.offered as decimal(18, 6)) as forecast_error,
        cast(abs(forecasts.contacts - offered.offered) as decimal(18, 6)) as forecast_absolute_error,
        local_days.date_day,
        forecasts.interval_start
    from forecasts
    inner join offered
        on
            forecasts.queue_id = offered.queue_id
            and forecasts.interval_start = offered.interval_start
    {{ join_queue('forecasts.queue_id') }}
    {{ join_local_day('queues.site_id', 'forecasts.interval_start') }}

)

select * from final
