-- A session ends when its ticket is first solved in it. That of a ticket that is solved now, nobody knows when, has ended too (ZEN-2).
with

starts as (

    select
        *,
        row_number() over (partition by ticket_id order by started_at) as session_number,
        lead(started_at) over (partition by ticket_id order by started_at) as next_started_at
    from {{ ref('int_zendesk__session_starts') }}

),

tickets as (

    select * from {{ ref('int_zendesk__tickets') }}

),

changes as (

    select * from {{ ref('int_zendesk__status_changes') }}
    where is_solved = 1

),

ends as (

    select
        starts.ticket_id,
        starts.session_number,
        min(changes.changed_at) as solved_at
    from starts
    inner join changes
        on
            starts.ticket_id = changes.ticket_id
            and starts.started_at <= changes.changed_at
            and coalesce(starts.next_started_at, cast('9999-12-31' as timestamp)) > changes.changed_at
    group by starts.ticket_id, starts.session_number

),

final as (

    select
        starts.ticket_id || '-' || cast(starts.session_number as {{ dbt.type_string() }}) as contact_id,
        starts.ticket_id,
        cast(starts.session_number as {{ dbt.type_bigint() }}) as session_number,
        case when ends.solved_at is not null or tickets.is_solved = 1 then 1 else 0 end as has_ended,
        starts.started_at,
        starts.next_started_at,
        ends.solved_at
    from starts
    inner join tickets on starts.ticket_id = tickets.ticket_id
    left join ends
        on
            starts.ticket_id = ends.ticket_id
            and starts.session_number = ends.session_number

)

select * from final
