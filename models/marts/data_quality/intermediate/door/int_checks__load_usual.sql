-- What each checked load brought, beside what is usual for it, and how far earlier days departed from what was usual for them: beyond
-- chance, as a share of the largest departure there can be. The day counts, and with it the two before.
{% set days_of_spread = 56 %}
{% set recent_days = 3 %}
with

day_usual as (

    select * from {{ ref('int_checks__day_usual') }}

),

expected_days as (

    select * from {{ ref('int_checks__expected_days') }}

),

loads as (

    {{ landed_loads() }}

),

newest as (

    select
        load_id,
        max(load_day) as load_day
    from {{ ref('int_checks__load_slices') }}
    group by 1

),

departures as (

    select
        *,
        case when total is null then usual else total * usual end as expected_hits,
        case
            when usual_days = 0 then null
            when total is null then (hits - usual) * (hits - usual) - usual
            else (hits - total * usual) * (hits - total * usual) - total * usual * (1 - usual)
        end as departure,
        case
            when usual_days = 0 then null
            when total is null then usual * usual
            else cast(total as double) * (total - 1) * usual * (1 - usual)
        end as largest_departure
    from day_usual

),

measured as (

    select
        *,
        count(departure) over history as history_days,
        sum(departure) over history / nullif(sum(largest_departure) over history, 0) as spread,
        sum(hits) over recent as recent_hits,
        sum(total) over recent as recent_total,
        sum(expected_hits) over recent as recent_expected_hits
    from departures
    window
        history as (
            partition by series, measure, column_name, landed_value
            order by day_number
            range between {{ days_of_spread }} preceding and {{ recent_days }} preceding
        ),
        recent as (
            partition by series, measure, column_name, landed_value
            order by day_number
            range between {{ recent_days - 1 }} preceding and current row
        )

),

answered as (

    select
        measured.*,
        expected_days.table_name,
        expected_days.load_day,
        case when measured.measure in ('rows so far', 'twin') then expected_days.last_load_id else expected_days.load_id end as load_id
    from measured
    inner join expected_days
        on
            measured.series = expected_days.series
            and measured.day_number = expected_days.day_number
    where expected_days.days_to_newest < {{ measured_days() }}

),

final as (

    select
        answered.table_name,
        answered.load_id,
        loads.path,
        answered.load_day,
        answered.measure,
        answered.column_name,
        answered.landed_value,
        answered.hits,
        answered.total,
        answered.usual,
        answered.usual_rows,
        cast(answered.spread as double) as spread,
        answered.usual_days,
        answered.history_days,
        cast(answered.recent_hits as {{ dbt.type_bigint() }}) as recent_hits,
        cast(answered.recent_total as {{ dbt.type_bigint() }}) as recent_total,
        cast(answered.recent_expected_hits as double) as recent_expected_hits,
        case when answered.load_day < {{ dbt.dateadd('day', -7, 'newest.load_day') }} then 1 else 0 end as is_history
    from answered
    inner join loads on answered.load_id = loads.load_id
    left join newest on answered.load_id = newest.load_id
    where loads.is_checked

)

select * from final
