-- What a day is judged by: the eight weeks before it, without the day itself, or an alarm would hide itself. Expected is the mean
-- of the weekday (of shares the pooled one); how much days vary is the mean moving range of all weekdays (EXC-1).
{% set baseline_days = positive_days('exception_baseline_days') %}
with

moving_ranges as (

    select * from {{ ref('int_kpi_exceptions__moving_ranges') }}

),

baselines as (

    select
        *,
        count(*) over weeks_before as baseline_days,
        avg(moving_range) over weeks_before as mean_moving_range,
        count(*) over weekdays_before as weekday_days,
        sum(numerator) over weekdays_before as weekday_numerator,
        sum(denominator) over weekdays_before as weekday_denominator,
        avg(value) over weekdays_before as weekday_mean
    from moving_ranges
    window
        weeks_before as (
            partition by kpi, level, level_id
            order by day_number
            range between {{ baseline_days }} preceding and 1 preceding
        ),
        weekdays_before as (
            partition by kpi, level, level_id, day_of_week
            order by day_number
            range between {{ baseline_days }} preceding and 1 preceding
        )

),

final as (

    select
        kpi,
        level,
        level_id,
        date_day,
        chart,
        denominator,
        value,
        baseline_days,
        weekday_days,
        weekday_denominator,
        mean_moving_range,
        scale,
        minimum_value,
        maximum_value,
        case chart
            when 'individuals' then weekday_mean
            else scale * weekday_numerator / weekday_denominator
        end as expected,
        (weekday_numerator + 2) / (weekday_denominator + 4) as smoothed_share
    from baselines

)

select * from final
