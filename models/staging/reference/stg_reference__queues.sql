-- One row per queue: the current version, withdrawn records left out.
with

source as (

    {{ current_records('reference', 'queues') }}

),

typed as (

    select
        queue_id,
        queue_name,
        client_id,
        site_id,
        channel,
        service_level_seconds,
        service_level_target,
        short_abandon_seconds
    from source

)

select * from typed
