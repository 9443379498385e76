-- The backlog of a day is what was opened up to its end and not closed by then. The last day is that of "now", and what happens after
-- "now" is not known yet: it shows what is open now (CAS-1).
with

cases as (

    select * from {{ ref('fct_cases') }}

),

run as (

    select * from {{ ref('int_run__as_of') }}

),

local_days as (

    select * from {{ ref('int_time__local_days') }}

),

dates as (

    select * from {{ ref('int_time__calendar') }}

),

changes as (

    select
        cases.client_id,
        cases.reason_code,
        cases.date_day,
        1 as opened
    from cases
    inner join run on cases.opened_at <= run.as_of
    union all
    select
        cases.client_id,
        cases.reason_code,
        greatest(cases.date_day, cases.closed_day) as date_day,
        -1 as opened
    from cases
    inner join run
        on
            cases.opened_at <= run.as_of
            and cases.closed_at <= run.as_of

),

changes_by_day as (

    select
        client_id,
        reason_code,
        date_day,
        sum(opened) as opened
    from changes
    group by client_id, reason_code, date_day

),

members as (

    select distinct
        client_id,
        reason_code
    from changes

),

first_day as (

    select min(date_day) as date_day
    from changes

),

last_day as (

    select local_days.date_day
    from run
    inner join local_days on {{ is_on_local_day('local_days', 'run.as_of', "'" ~ reporting_timezone() ~ "'") }}

),

days as (

    select
        members.client_id,
        members.reason_code,
        dates.date_day
    from members
    cross join first_day
    cross join last_day
    inner join dates on dates.date_day between first_day.date_day and last_day.date_day

),

final as (

    select
        days.client_id,
        days.reason_code,
        days.date_day,
        cast(
            coalesce(
                sum(changes_by_day.opened) over (
                    partition by days.client_id, days.reason_code
                    order by days.date_day
                    rows between unbounded preceding and current row
                ),
                0
            ) as {{ dbt.type_bigint() }}
        ) as open_cases
    from days
    left join changes_by_day
        on
            days.client_id = changes_by_day.client_id
            and days.reason_code = changes_by_day.reason_code
            and days.date_day = changes_by_day.date_day

)

select * from final
