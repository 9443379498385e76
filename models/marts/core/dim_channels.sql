-- Channels: those of the settings seed, those that appear without being in it, and `unknown`.
with

channels as (

    select * from {{ ref('channels') }}

),

contact_legs as (

    select * from {{ ref('int_contact_legs__unioned') }}

),

sessions as (

    select * from {{ ref('int_self_service_sessions__unioned') }}

),

queues as (

    select * from {{ ref('int_queues__unioned') }}

),

members as (

    select channel
    from channels
    union distinct
    select channel
    from contact_legs
    where channel is not null
    union distinct
    select channel
    from sessions
    where channel is not null
    union distinct
    select channel
    from queues
    where channel is not null
    union distinct
    select 'unknown' as channel

),

final as (

    select
        members.channel,
        coalesce(channels.channel_name, members.channel) as channel_name,
        coalesce(channels.is_real_time, 1) as is_real_time,
        case when channels.channel is null then 0 else 1 end as is_listed
    from members
    left join channels on members.channel = channels.channel

)

select * from final
