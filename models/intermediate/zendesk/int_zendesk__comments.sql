-- Who writes in public is the customer or an agent: the requester and any end user are the customer, all others agents (ZEN-3).
-- Internal notes, what Zendesk itself writes, and what a merge copies into a ticket are no touch of anybody; nor is what Talk writes of a
-- call, from the ticket's first call on record on (ZEN-13).
with

comments as (

    select
        *,
        {{ json_text('comment_via', '$.source.rel') }} as rel_of_via
    from {{ ref('int_zendesk__all_comments') }}
    where is_public and author_id != '-1'

),

own_tickets as (

    select * from {{ ref('stg_zendesk__tickets') }}
    where lower(status) != 'deleted'

),

merged as (

    select * from {{ ref('int_zendesk__merges') }}

),

tickets as (

    select * from {{ ref('int_zendesk__tickets') }}

),

called as (

    select
        coalesce(merged.into_ticket_id, calls.ticket_id) as ticket_id,
        min(calls.created_at) as first_called_at
    from {{ ref('stg_zendesk__calls') }} as calls
    left join merged on calls.ticket_id = merged.ticket_id
    group by coalesce(merged.into_ticket_id, calls.ticket_id)

),

users as (

    select * from {{ ref('stg_zendesk__users') }}

),

written as (

    select
        tickets.ticket_id,
        comments.comment_id,
        comments.author_id,
        case
            when comments.author_id in (own_tickets.requester_id, tickets.requester_id) or lower(users.role) = 'end-user' then 1
            else 0
        end as is_customer,
        greatest(comments.created_at, tickets.started_at) as written_at
    from comments
    inner join own_tickets on comments.ticket_id = own_tickets.ticket_id
    left join merged on comments.ticket_id = merged.ticket_id
    inner join tickets on coalesce(merged.into_ticket_id, comments.ticket_id) = tickets.ticket_id
    left join called on tickets.ticket_id = called.ticket_id
    left join users on comments.author_id = users.user_id
    where
        coalesce(comments.rel_of_via, '') != 'merge'
        and (comments.is_voice_comment = 0 or called.first_called_at is null or comments.created_at < called.first_called_at)

),

final as (

    select
        written.ticket_id,
        written.comment_id,
        written.is_customer,
        written.written_at,
        case when written.is_customer = 0 then {{ known_as('zendesk', 'agent_id', 'written.author_id') }} end as agent_id
    from written

)

select * from final
