-- A session of purpose acd is a wait in a queue. What goes on from queue to queue has several.
with

sessions as (

    select * from {{ ref('int_genesys_cloud__sessions') }}
    where
        {{ is_affected('contact_id') }}
        and purpose = 'acd'

),

segments as (

    select * from {{ ref('int_genesys_cloud__segments') }}
    where {{ is_affected('contact_id') }}

),

metrics as (

    select * from {{ ref('int_genesys_cloud__metrics') }}
    where {{ is_affected('contact_id') }}

),

final as (

    select
        sessions.contact_id,
        sessions.session_number as acd_number,
        max(segments.queue_id) as queue_id,
        max(case when sessions.medium = 'callback' then 1 else 0 end) as is_callback,
        min(segments.started_at) as started_at,
        case when count(*) = count(segments.ended_at) then max(segments.ended_at) end as ended_at,
        max(segments.disconnect_type) as disconnect_type,
        max(coalesce(metrics.has_abandoned, 0)) as has_abandoned
    from sessions
    inner join segments on sessions.contact_id = segments.contact_id and sessions.session_number = segments.session_number
    left join metrics on sessions.contact_id = metrics.contact_id and sessions.session_number = metrics.session_number
    group by sessions.contact_id, sessions.session_number

)

select * from final
