-- What a period is judged by: the 56 days before a day, the 56 weeks before a week, without itself, or an alarm would hide itself.
-- Expected is the mean, of days that of the weekday (of shares the pooled one); how much periods vary is the mean moving range of all of
-- them (EXC-1).
{% set baseline_periods = positive_days('exception_baseline_periods', 'periods') %}
with

moving_ranges as (

    select * from {{ ref('int_kpi_exceptions__moving_ranges') }}

),

baselines as (

    select
        *,
        count(*) over periods_before as baseline_periods,
        avg(moving_range) over periods_before as mean_moving_range,
        count(*) over weekdays_before as weekday_periods,
        sum(numerator) over weekdays_before as weekday_numerator,
        sum(denominator) over weekdays_before as weekday_denominator,
        avg(value) over weekdays_before as weekday_mean
    from moving_ranges
    window
        periods_before as (
            partition by kpi, level, level_id
            order by period_number
            range between {{ baseline_periods }} preceding and 1 preceding
        ),
        weekdays_before as (
            partition by kpi, level, level_id, day_of_week
            order by period_number
            range between {{ baseline_periods }} preceding and 1 preceding
        )

),

final as (

    select
        kpi,
        level,
        level_id,
        period_grain,
        period_start,
        chart,
        denominator,
        value,
        baseline_periods,
        weekday_periods,
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
