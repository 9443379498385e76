-- Queues: the listed ones, those that appear without being listed, and `unknown`; each with the thresholds that hold for it.
with

queues as (

    select * from {{ ref('int_queues__unioned') }}

),

contact_legs as (

    select * from {{ ref('int_contact_legs__unioned') }}

),

forecasts as (

    select * from {{ ref('int_forecasts__unioned') }}

),

members as (

    select queue_id
    from queues
    union distinct
    select queue_id
    from contact_legs
    where queue_id is not null
    union distinct
    select queue_id
    from forecasts
    where queue_id is not null
    union distinct
    select 'unknown' as queue_id

),

final as (

    select
        members.queue_id,
        coalesce(queues.queue_name, members.queue_id) as queue_name,
        queues.client_id,
        queues.site_id,
        queues.channel,
        coalesce(queues.service_level_seconds, {{ var('default_service_level_seconds') }}) as service_level_seconds,
        coalesce(queues.service_level_target, {{ var('default_service_level_target') }}) as service_level_target,
        coalesce(queues.short_abandon_seconds, {{ var('default_short_abandon_seconds') }}) as short_abandon_seconds,
        case when queues.queue_id is null then 0 else 1 end as is_listed
    from members
    left join queues on members.queue_id = queues.queue_id

)

select * from final
