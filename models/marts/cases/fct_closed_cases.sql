-- Closed cases on the day on which they were closed, since what share of them had to be opened again is a finding of that day.
with

cases as (

    select * from {{ ref('fct_cases') }}

),

final as (

    select
        case_id,
        client_id,
        reason_code,
        reopened_count,
        is_reopened,
        closed_day as date_day,
        closed_at
    from cases
    where is_closed = 1

)

select * from final
