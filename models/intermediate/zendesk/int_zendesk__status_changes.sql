-- A ticket is solved from `solved` or `closed` on. Where it has no history of its status the events of its resolution time tell (ZEN-2).
with

history as (

    select
        ticket_id,
        changed_at,
        case when lower(changed_to) in ('solved', 'closed') then 1 else 0 end as is_solved
    from {{ ref('int_zendesk__field_changes') }}
    where
        field_name = 'status'
        and lower(changed_to) != 'deleted'

),

metric_events as (

    select
        ticket_id,
        occurred_at as changed_at,
        min(case when event_type = 'fulfill' then 1 else 0 end) as is_solved
    from {{ ref('stg_zendesk__ticket_metric_events') }}
    where
        metric = 'resolution_time'
        and event_type in ('activate', 'fulfill')
        and ticket_id not in (select history.ticket_id from history)
    group by ticket_id, occurred_at

),

changes as (

    select * from history
    union all
    select * from metric_events

),

final as (

    select
        ticket_id,
        changed_at,
        is_solved,
        lag(is_solved) over (partition by ticket_id order by changed_at) as was_solved
    from changes

)

select * from final
