-- A ticket that an agent writes for a customer, with the first public comment, is outbound; one that an agent asks for is internal (ZEN-4).
-- A call that Zendesk logged has its own word for it.
with

tickets as (

    select * from {{ ref('int_zendesk__tickets') }}

),

users as (

    select * from {{ ref('stg_zendesk__users') }}

),

comments as (

    select
        ticket_id,
        is_customer,
        row_number() over (partition by ticket_id order by written_at asc, is_customer desc, comment_id asc) as comment_number
    from {{ ref('int_zendesk__comments') }}

),

final as (

    select
        tickets.ticket_id,
        case
            when lower(users.role) in ('agent', 'admin') then 'internal'
            when tickets.rel in ('inbound', 'voicemail') then 'inbound'
            when tickets.rel = 'outbound' then 'outbound'
            when comments.is_customer = 0 and tickets.submitter_id != tickets.requester_id then 'outbound'
            else 'inbound'
        end as direction
    from tickets
    left join users on tickets.requester_id = users.user_id
    left join comments
        on
            tickets.ticket_id = comments.ticket_id
            and comments.comment_number = 1

)

select * from final
