-- Closed cases on the day on which they were closed: what share had to be opened again, how long they took, and how many answers, are
-- findings of that day. Where no case says how often it was opened again, nothing is known of it: that none was would be no finding
-- (CAS-5).
with

cases as (

    select * from {{ ref('fct_cases') }}

),

counted as (

    select case when count(reopened_count) > 0 then 1 else 0 end as says_reopened
    from {{ ref('fct_cases') }}

),

final as (

    select
        cases.case_id,
        cases.client_id,
        cases.reason_code,
        cases.reopened_count,
        cases.reply_count,
        cases.requester_wait_seconds,
        cases.is_reopened,
        counted.says_reopened,
        cases.closed_day as date_day,
        cases.closed_at,
        greatest({{ seconds_between('cases.opened_at', 'cases.closed_at') }}, 0) as resolution_seconds,
        case when cases.reply_count <= 1 then 1 else 0 end as is_one_touch,
        case when cases.reply_count is null then 0 else 1 end as says_replies
    from cases
    cross join counted
    where cases.is_closed = 1

)

select * from final
