-- A public comment of the customer begins another session if the ticket was solved before it, and after what the customer wrote earlier.
-- What is written at the instant of solving belongs to the session that ends there (ZEN-1).
with

tickets as (

    select * from {{ ref('int_zendesk__tickets') }}

),

comments as (

    select * from {{ ref('int_zendesk__comments') }}
    where is_customer = 1

),

changes as (

    select * from {{ ref('int_zendesk__status_changes') }}
    where is_solved = 1

),

events as (

    select
        ticket_id,
        written_at as happened_at,
        1 as event_order,
        written_at,
        cast(null as timestamp) as solved_at
    from comments
    union all
    select
        changes.ticket_id,
        changes.changed_at as happened_at,
        2 as event_order,
        cast(null as timestamp) as written_at,
        changes.changed_at as solved_at
    from changes
    inner join tickets
        on
            changes.ticket_id = tickets.ticket_id
            and changes.changed_at >= tickets.started_at

),

before as (

    select
        ticket_id,
        written_at,
        max(solved_at) over (
            partition by ticket_id order by happened_at, event_order rows between unbounded preceding and 1 preceding
        ) as solved_before_at,
        max(written_at) over (
            partition by ticket_id order by happened_at, event_order rows between unbounded preceding and 1 preceding
        ) as written_before_at
    from events

),

final as (

    select
        ticket_id,
        started_at
    from tickets
    union all
    select
        ticket_id,
        written_at as started_at
    from before
    where
        written_at is not null
        and solved_before_at >= coalesce(written_before_at, solved_before_at)

)

select * from final
