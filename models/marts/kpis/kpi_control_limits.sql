-- Each day that can be judged, with the limits of a Laney p' chart or an individuals chart: three standard deviations, estimated from the
-- mean moving range (3 / 1.128 = 2.66 times it). What is expected rests on a few weekdays itself, which
-- widens the limits (EXC-2).
{% set minimum_baseline_days = 20 %}
{% set minimum_weekday_days = 4 %}
{% set minimum_variance = 1 %}
with

baselines as (

    select * from {{ ref('int_kpi_exceptions__baselines') }}

),

deviations as (

    select
        *,
        case chart
            when 'individuals' then sqrt(1 + 1 / weekday_days)
            else scale * sqrt(smoothed_share * (1 - smoothed_share) * (1 / denominator + 1 / weekday_denominator))
        end as standard_deviation
    from baselines
    where
        baseline_days >= {{ minimum_baseline_days }}
        and weekday_days >= {{ minimum_weekday_days }}
        -- A sample in which not even one case more or less is usual has no normal distribution.
        and (chart = 'individuals' or denominator * smoothed_share * (1 - smoothed_share) >= {{ minimum_variance }})

),

final as (

    select
        kpi,
        level,
        level_id,
        date_day,
        chart,
        value,
        expected,
        greatest(expected - 3 / 1.128e0 * mean_moving_range * standard_deviation, minimum_value) as lower,
        least(expected + 3 / 1.128e0 * mean_moving_range * standard_deviation, maximum_value) as upper
    from deviations
    -- Of one day nobody knows how far days lie from each other.
    where mean_moving_range is not null

)

select * from final
