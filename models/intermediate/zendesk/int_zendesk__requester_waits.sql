-- The requester waits while the ticket is new, open or on hold, from its making until it is last solved (ZEN-10). Where the ticket has no
-- history of its status the events of the metric requester_wait_time tell.
with

tickets as (

    select * from {{ ref('int_zendesk__tickets') }}
    where is_solved = 1

),

history as (

    select
        ticket_id,
        changed_at,
        case when lower(changed_to) in ('new', 'open', 'hold', 'on-hold') then 1 else 0 end as is_waiting
    from {{ ref('int_zendesk__field_changes') }}
    where field_name = 'status'

),

metric_events as (

    select
        ticket_id,
        occurred_at as changed_at,
        max(case when event_type = 'activate' then 1 else 0 end) as is_waiting
    from {{ ref('stg_zendesk__ticket_metric_events') }}
    where
        metric = 'requester_wait_time'
        and event_type in ('activate', 'pause', 'fulfill')
        and ticket_id not in (select history.ticket_id from history)
    group by ticket_id, occurred_at

),

changes as (

    select * from history
    union all
    select * from metric_events

),

-- A ticket is new or open until its first change.
periods as (

    select
        changes.ticket_id,
        changes.is_waiting,
        greatest(changes.changed_at, tickets.started_at) as starts_at,
        lead(changes.changed_at) over (partition by changes.ticket_id order by changes.changed_at) as ends_at,
        case
            when lag(changes.changed_at) over (partition by changes.ticket_id order by changes.changed_at) is null
                then greatest({{ seconds_between('tickets.started_at', 'changes.changed_at') }}, 0)
            else 0
        end as seconds_before
    from changes
    inner join tickets on changes.ticket_id = tickets.ticket_id

),

final as (

    select
        ticket_id,
        cast(sum(
            seconds_before
            + case when is_waiting = 1 and ends_at > starts_at then {{ seconds_between('starts_at', 'ends_at') }} else 0 end
        ) as {{ dbt.type_bigint() }}) as requester_wait_seconds
    from periods
    group by ticket_id

)

select * from final
