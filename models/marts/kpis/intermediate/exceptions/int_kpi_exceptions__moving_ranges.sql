-- How far a day lies from the same weekday before it, so that what weekdays differ by is no variation; a week from the week before it. On
-- a p' chart in binomial standard deviations of the two days (Laney 2002), with two successes and two failures added so that a share of 0
-- or 1 has one.
{% set baseline_periods = positive_days('exception_baseline_periods', 'periods') %}
with

charted_periods as (

    select * from {{ ref('int_kpi_exceptions__charted_periods') }}

),

neighbours as (

    select
        *,
        lag(value) over same_weekday as previous_value,
        lag(denominator) over same_weekday as previous_denominator,
        (sum(numerator) over recent_same_weekdays + 2) / (sum(denominator) over recent_same_weekdays + 4) as smoothed_share
    from charted_periods
    window
        same_weekday as (
            partition by kpi, level, level_id, day_of_week
            order by period_number
        ),
        recent_same_weekdays as (
            partition by kpi, level, level_id, day_of_week
            order by period_number
            range between {{ baseline_periods }} preceding and current row
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
        period_number,
        day_of_week,
        numerator,
        denominator,
        value,
        scale,
        minimum_value,
        maximum_value,
        case chart
            when 'individuals' then abs(value - previous_value)
            else
                abs(value - previous_value) / scale
                / sqrt(smoothed_share * (1 - smoothed_share) * (1 / denominator + 1 / previous_denominator) / 2)
        end as moving_range
    from neighbours

)

select * from final
