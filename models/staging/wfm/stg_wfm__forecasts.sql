-- One row per queue, interval and publication: the current version, withdrawn records left out.
with

source as (

    {{ current_records('wfm', 'forecasts') }}

),

typed as (

    select
        queue_id,
        interval_start,
        interval_minutes,
        contacts,
        aht_seconds,
        published_at
    from source

)

select * from typed
