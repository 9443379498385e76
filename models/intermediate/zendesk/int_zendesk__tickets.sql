-- A ticket that was deleted has no contact. One that was merged into another has none of its own: that one begins with the earliest of
-- them (ZEN-5).
with

tickets as (

    select
        *,
        {{ json_text('via', '$.channel') }} as channel_of_via,
        {{ json_text('via', '$.source.rel') }} as rel_of_via
    from {{ ref('stg_zendesk__tickets') }}
    where lower(status) != 'deleted'

),

merged as (

    select * from {{ ref('int_zendesk__merges') }}

),

beginnings as (

    select
        coalesce(merged.into_ticket_id, tickets.ticket_id) as ticket_id,
        min(tickets.created_at) as started_at
    from tickets
    left join merged on tickets.ticket_id = merged.ticket_id
    group by 1

),

final as (

    select
        tickets.ticket_id,
        tickets.type as reason_code,
        tickets.recipient,
        tickets.requester_id,
        tickets.submitter_id,
        tickets.group_id,
        tickets.satisfaction_rating,
        beginnings.started_at,
        lower(tickets.status) as status,
        lower(coalesce(tickets.channel, tickets.channel_of_via, 'unknown')) as channel,
        lower(coalesce(tickets.via_rel, tickets.rel_of_via)) as rel,
        case when lower(tickets.status) in ('solved', 'closed') then 1 else 0 end as is_solved,
        coalesce(tickets.updated_at, tickets.synced_at, tickets.created_at) as updated_at
    from tickets
    inner join beginnings on tickets.ticket_id = beginnings.ticket_id
    left join merged on tickets.ticket_id = merged.ticket_id
    where merged.ticket_id is null

)

select * from final
