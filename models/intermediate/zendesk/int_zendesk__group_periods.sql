-- A ticket is its group's until its history says another one; without such a history it always was in the group that it is in now.
with

tickets as (

    select * from {{ ref('int_zendesk__tickets') }}

),

history as (

    select
        ticket_id,
        changed_to as group_id,
        changed_at as valid_from,
        lead(changed_at) over (partition by ticket_id order by changed_at) as valid_to
    from {{ ref('int_zendesk__field_changes') }}
    where field_name = 'group_id'

),

final as (

    select
        tickets.ticket_id,
        history.group_id,
        history.valid_from,
        history.valid_to
    from history
    inner join tickets on history.ticket_id = tickets.ticket_id
    union all
    select
        tickets.ticket_id,
        tickets.group_id,
        cast('1900-01-01' as timestamp) as valid_from,
        cast(null as timestamp) as valid_to
    from tickets
    where tickets.ticket_id not in (select history.ticket_id from history)

)

select * from final
