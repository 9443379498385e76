-- Channels: those of the settings seed, those that appear without being in it, and `unknown`.
with

channels as (

    select * from {{ ref('channels') }}

),

members as (

    {{ members_of('channel', {
        'channels': 'channel',
        'int_contact_legs__unioned': 'channel',
        'int_self_service_sessions__unioned': 'channel',
        'int_queues__listed': 'channel',
    }) | indent(4) }}

),

final as (

    select
        members.channel,
        coalesce(channels.channel_name, members.channel) as channel_name,
        {{ is_real_time('channels') }} as is_real_time,
        case when channels.channel is null then 0 else 1 end as is_listed
    from members
    left join channels on members.channel = channels.channel

)

select * from final
