-- Closed cases on the day on which they were closed, since what share of them had to be opened again is a finding of that day. Empty
-- where no case says how often it was opened again: that none was would be no finding (CAS-5).
with

cases as (

    select * from {{ ref('fct_cases') }}

),

counted as (

    select count(reopened_count) as cases_that_say_so
    from {{ ref('fct_cases') }}

),

final as (

    select
        cases.case_id,
        cases.client_id,
        cases.reason_code,
        cases.reopened_count,
        cases.is_reopened,
        cases.closed_day as date_day,
        cases.closed_at
    from cases
    cross join counted
    where
        cases.is_closed = 1
        and counted.cases_that_say_so > 0

)

select * from final
