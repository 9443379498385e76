{{ config(
    materialized='incremental_by_key',
    unique_key=['case_id'],
    meta={'incremental': {'records': ['case_id', 'customer_id', 'contact_id']}}
) }}

-- A ticket is a case. It was reopened as often as it was solved and then was not. It is closed since it was last solved or, where nothing
-- says when that was, since it last changed (ZEN-7).
with

tickets as (

    select * from {{ ref('int_zendesk__tickets') }}

),

changes as (

    select
        ticket_id,
        sum(case when is_solved = 0 and was_solved = 1 then 1 else 0 end) as reopened_count,
        max(case when is_solved = 1 and coalesce(was_solved, 0) = 0 then changed_at end) as solved_at
    from {{ ref('int_zendesk__status_changes') }}
    group by ticket_id

),

replies as (

    select * from {{ ref('int_zendesk__replies') }}

),

first_replies as (

    select * from {{ ref('int_zendesk__first_replies') }}

),

waits as (

    select * from {{ ref('int_zendesk__requester_waits') }}

),

final as (

    select
        tickets.ticket_id as case_id,
        tickets.requester_id as customer_id,
        tickets.ticket_id || '-1' as contact_id,
        tickets.reason_code,
        tickets.started_at as opened_at,
        replies.first_response_at,
        case when tickets.is_solved = 1 then coalesce(changes.solved_at, tickets.updated_at) end as closed_at,
        cast(changes.reopened_count as {{ dbt.type_bigint() }}) as reopened_count,
        replies.reply_count,
        waits.requester_wait_seconds,
        first_replies.reply_business_seconds as first_response_business_seconds,
        tickets.status,
        tickets.updated_at
    from tickets
    left join changes on tickets.ticket_id = changes.ticket_id
    left join replies on tickets.ticket_id = replies.ticket_id
    left join first_replies on tickets.ticket_id = first_replies.ticket_id
    left join waits on tickets.ticket_id = waits.ticket_id

)

select * from final
