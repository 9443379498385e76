-- Each day or week that can be judged, with the limits of a Laney p' chart or an individuals chart: three standard deviations, estimated
-- from the mean moving range (3 / 1.128 = 2.66 times it). What is expected rests on a few periods itself, which widens the limits
-- (EXC-2).
{% set minimum_baseline_periods = 20 %}
{% set minimum_weekday_periods = 4 %}
{% set minimum_variance = 1 %}
with

baselines as (

    select * from {{ ref('int_kpi_exceptions__baselines') }}

),

deviations as (

    select
        *,
        case chart
            when 'individuals' then sqrt(1 + 1 / weekday_periods)
            else scale * sqrt(smoothed_share * (1 - smoothed_share) * (1 / denominator + 1 / weekday_denominator))
        end as standard_deviation
    from baselines
    where
        baseline_periods >= {{ minimum_baseline_periods }}
        and weekday_periods >= {{ minimum_weekday_periods }}
        -- A sample in which not even one case more or less is usual has no normal distribution.
        and (chart = 'individuals' or denominator * smoothed_share * (1 - smoothed_share) >= {{ minimum_variance }})

),

limits as (

    select
        kpi,
        level,
        level_id,
        period_grain,
        period_start,
        chart,
        value,
        expected,
        greatest(expected - 3 / 1.128e0 * mean_moving_range * standard_deviation, minimum_value) as lower,
        least(expected + 3 / 1.128e0 * mean_moving_range * standard_deviation, maximum_value) as upper
    from deviations
    -- Of one period nobody knows how far periods lie from each other.
    where mean_moving_range is not null

),

final as (

    select
        kpi,
        level,
        level_id,
        period_grain,
        period_start,
        chart,
        value,
        expected,
        lower,
        upper,
        -- Values that are equal but for the last digit of a double are not outside.
        case
            when value > upper + 1e-9 then chart || '_above_upper_limit'
            when value < lower - 1e-9 then chart || '_below_lower_limit'
        end as rule
    from limits

)

select * from final
