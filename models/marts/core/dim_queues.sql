-- Queues: the listed ones, those that appear without being listed, and `unknown`; each with the thresholds of its newest row.
with

queues as (

    select * from {{ ref('int_queues__listed') }}

),

queue_settings as (

    select * from {{ ref('int_queues__history') }}
    where valid_to is null

),

members as (

    {{ members_of('queue_id', {
        'int_queues__listed': 'queue_id',
        'int_contact_legs__unioned': 'queue_id',
        'int_forecasts__unioned': 'queue_id',
    }) | indent(4) }}

),

final as (

    select
        members.queue_id,
        coalesce(queues.queue_name, members.queue_id) as queue_name,
        queues.client_id,
        queues.site_id,
        queues.channel,
        {{ service_level_seconds('queue_settings') }} as service_level_seconds,
        {{ service_level_target('queue_settings') }} as service_level_target,
        {{ short_abandon_seconds('queue_settings') }} as short_abandon_seconds,
        case when queues.queue_id is null then 0 else 1 end as is_listed
    from members
    left join queues on members.queue_id = queues.queue_id
    left join queue_settings on members.queue_id = queue_settings.queue_id

)

select * from final
