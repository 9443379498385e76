-- The first reply of a ticket in all hours, and in those of its schedule: the last one that it was given before the reply, else the first
-- one after it. A ticket that was given none has the schedule that was made first (ZEN-12).
with

replies as (

    select * from {{ ref('int_zendesk__replies') }}
    where first_response_at is not null

),

schedules as (

    select
        schedule_id,
        row_number() over (order by min(created_at), schedule_id) as made_number
    from {{ ref('stg_zendesk__schedules') }}
    group by schedule_id

),

given as (

    select
        replies.ticket_id,
        ticket_schedules.schedule_id,
        row_number() over (
            partition by replies.ticket_id
            order by
                case when ticket_schedules.created_at <= replies.first_response_at then ticket_schedules.created_at end desc nulls last,
                ticket_schedules.created_at asc
        ) as given_number
    from replies
    inner join {{ ref('stg_zendesk__ticket_schedules') }} as ticket_schedules on replies.ticket_id = ticket_schedules.ticket_id

),

scheduled as (

    select
        replies.ticket_id,
        replies.opened_at,
        replies.first_response_at,
        coalesce(given.schedule_id, schedules.schedule_id) as schedule_id
    from replies
    left join given
        on
            replies.ticket_id = given.ticket_id
            and given.given_number = 1
    left join schedules on schedules.made_number = 1

),

hours as (

    select * from {{ ref('int_zendesk__business_hours') }}

),

spent as (

    select
        scheduled.ticket_id,
        sum({{ seconds_between(
            'greatest(hours.starts_at, scheduled.opened_at)', 'least(hours.ends_at, scheduled.first_response_at)'
        ) }}) as business_seconds
    from scheduled
    inner join hours
        on
            scheduled.schedule_id = hours.schedule_id
            and scheduled.opened_at < hours.ends_at
            and scheduled.first_response_at > hours.starts_at
    group by scheduled.ticket_id

),

final as (

    select
        scheduled.ticket_id,
        scheduled.opened_at,
        scheduled.first_response_at,
        scheduled.schedule_id,
        cast(greatest({{ seconds_between('scheduled.opened_at', 'scheduled.first_response_at') }}, 0) as {{ dbt.type_bigint() }})
            as reply_seconds,
        case
            when scheduled.schedule_id in (select hours.schedule_id from hours)
                then cast(coalesce(spent.business_seconds, 0) as {{ dbt.type_bigint() }})
        end as reply_business_seconds
    from scheduled
    left join spent on scheduled.ticket_id = spent.ticket_id

)

select * from final
